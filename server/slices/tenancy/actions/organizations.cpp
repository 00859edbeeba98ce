#include "server/slices/tenancy/actions/organizations.h"

#include "server/platform/secrets/password.h"
#include "server/slices/tenancy/people.h"

namespace voelgoed::tenancy {

using actions::Context;
using async::Task;
using base::Result;

namespace {

constexpr pg::Sql kClaimSlug{"SELECT tenancy.claim_slug($1)"};
constexpr pg::Sql kCreate{R"(
INSERT INTO tenancy.organizations (organization_id, name, slug) VALUES (app.org(), $1, $2))"};
constexpr pg::Sql kCreateSettings{R"(
INSERT INTO tenancy.organization_settings (organization_id, timezone) VALUES (app.org(), $1))"};
constexpr pg::Sql kShow{R"(
SELECT organization_id, name, slug, status, version FROM tenancy.organizations WHERE organization_id = app.org())"};
constexpr pg::Sql kChange{R"(
UPDATE tenancy.organizations SET name = coalesce($1, name), slug = coalesce($2, slug), version = version + 1,
       updated_at = now()
WHERE organization_id = app.org() AND version = coalesce($3::bigint, version)
RETURNING organization_id, name, slug, status, version)"};
constexpr pg::Sql kChangeStatus{R"(
UPDATE tenancy.organizations SET status = $1, version = version + 1, updated_at = now()
WHERE organization_id = app.org() AND version = coalesce($2::bigint, version)
RETURNING organization_id, name, slug, status, version)"};
constexpr pg::Sql kEndLogins{"SELECT tenancy.end_sessions_in(NULL)"};
constexpr pg::Sql kList{"SELECT organization_id, name, slug, status, 1 FROM tenancy.list_organizations($1, $2)"};

OrganizationOut organizationOf(const pg::Rows::Row &row)
{
    return {.id = row.get<base::Uuid>(0),
            .name = row.get<std::string>(1),
            .slug = row.get<std::string>(2),
            .status = row.get<std::string>(3),
            .version = row.get<std::int32_t>(4),
            .invitation = {}};
}

bool isSlug(std::string_view text)
{
    bool wasDash = true;
    for (const char c : text) {
        const bool isDash = c == '-';
        if ((isDash && wasDash) || (!isDash && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9')))
            return false;
        wasDash = isDash;
    }
    return !wasDash;
}

Task<Result<void>> claimSlug(Context &context, const std::string &slug)
{
    if (!isSlug(slug))
        co_return context.reject("/slug", "not_a_slug",
                                 "Lower-case letters and digits, with single dashes between them.");
    const auto claimed = co_await context.run(kClaimSlug, pg::Params::of(slug));
    if (!claimed)
        co_return claimed.error();
    if (!claimed->front().get<bool>(0))
        co_return actions::conflict("slug_taken", "Another organization has this short name.");
    co_return Result<void>();
}

work::Event changed(const char *type, const base::Uuid &organization, boost::json::object data)
{
    const std::string id = base::toText(organization);
    data["organization_id"] = id;
    return {.topic = "tenancy:org:" + id, .type = type, .subject = id, .data = std::move(data)};
}

} // namespace

/// With its first owner, or not at all. The new organization's own id is what its rows are written under.
Task<Result<OrganizationOut>> createOrganization(Context &context, Tenancy &tenancy, NewOrganization in)
{
    if (in.ownerPassword) {
        if (const auto rules = secrets::checkPassword(in.ownerPassword->value); !rules)
            co_return context.reject("/owner_password", rules.error().word, rules.error().hint);
    }
    OrganizationOut out{
        .id = context.newId(), .name = in.name, .slug = in.slug, .status = "active", .version = 1, .invitation = {}};
    work::UnitOfWork &unit = context.unit();
    if (const auto entered = co_await unit.enter(out.id); !entered)
        co_return entered.error();
    if (const auto claimed = co_await claimSlug(context, in.slug); !claimed)
        co_return claimed.error();
    const auto created = co_await unit.tx().run(
        {{kCreate, pg::Params::of(in.name.value, in.slug.value)},
         {kCreateSettings, pg::Params::of(in.timezone ? in.timezone->value : "Africa/Johannesburg")}});
    if (!created)
        co_return created.error();
    if (in.ownerPassword) {
        const auto owner = co_await enrol(context, tenancy,
                                          {.email = in.ownerEmail,
                                           .password = in.ownerPassword->value,
                                           .firstName = in.ownerFirstName ? in.ownerFirstName->value : "",
                                           .lastName = in.ownerLastName ? in.ownerLastName->value : "",
                                           .role = access::Role::Owner});
        if (!owner)
            co_return owner.error();
    } else {
        auto invited = co_await invite(context, {.email = in.ownerEmail, .role = access::Role::Owner});
        if (!invited)
            co_return invited.error();
        out.invitation = std::move(invited->token);
        context.answerOnce();
    }
    context.audit({.action = {},
                   .subjectType = "organization",
                   .subject = base::toText(out.id),
                   .before = {},
                   .after = {{"name", out.name}, {"slug", out.slug}},
                   .reason = {}});
    context.emit(changed("tenancy.organization_created.v1", out.id, {{"slug", out.slug}}));
    context.answerField("Location", "/v1/orgs/" + base::toText(out.id));
    co_return out;
}

Task<Result<OrganizationOut>> showOrganization(Context &context, Tenancy &, OneOrganization in)
{
    if (const auto own = isOwn(context, in.organization); !own)
        co_return own.error();
    const auto rows = co_await context.run(kShow);
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return actions::notFound("organization");
    const OrganizationOut out = organizationOf(rows->front());
    context.answerVersion(out.version);
    co_return out;
}

Task<Result<OrganizationOut>> changeOrganization(Context &context, Tenancy &, OrganizationChange in)
{
    if (const auto own = isOwn(context, in.organization); !own)
        co_return own.error();
    const auto before = co_await context.run(kShow);
    if (!before)
        co_return before.error();
    if (before->empty())
        co_return actions::notFound("organization");
    if (in.slug) {
        if (const auto claimed = co_await claimSlug(context, in.slug->value); !claimed)
            co_return claimed.error();
    }
    const auto name = in.name ? std::optional(in.name->value) : std::nullopt;
    const auto slug = in.slug ? std::optional(in.slug->value) : std::nullopt;
    const auto rows = co_await context.run(kChange, pg::Params::of(name, slug, context.expectedVersion()));
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return actions::preconditionFailed();
    const OrganizationOut old = organizationOf(before->front()), out = organizationOf(rows->front());
    context.audit({.action = {},
                   .subjectType = "organization",
                   .subject = base::toText(out.id),
                   .before = {{"name", old.name}, {"slug", old.slug}},
                   .after = {{"name", out.name}, {"slug", out.slug}},
                   .reason = {}});
    context.answerVersion(out.version);
    co_return out;
}

Task<Result<OrganizationOut>> changeStatus(Context &context, Tenancy &tenancy, StatusChange in)
{
    if (const auto entered = co_await context.unit().enter(in.organization); !entered)
        co_return entered.error();
    const auto before = co_await context.run(kShow);
    if (!before)
        co_return before.error();
    const std::string status = actions::written(in.status).as_string().c_str();
    const auto rows = co_await context.run(kChangeStatus, pg::Params::of(status, context.expectedVersion()));
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return before->empty() ? actions::notFound("organization") : actions::preconditionFailed();
    if (in.status == OrganizationStatus::Archived) {
        if (const auto ended = co_await context.run(kEndLogins); !ended)
            co_return ended.error();
    }
    context.audit({.action = {},
                   .subjectType = "organization",
                   .subject = base::toText(in.organization),
                   .before = {{"status", organizationOf(before->front()).status}},
                   .after = {{"status", status}},
                   .reason = in.reason});
    context.emit(changed("tenancy.organization_status_changed.v1", in.organization, {{"new_status", status}}));
    context.unit().afterCommit([&tenancy, organization = in.organization] {
        tenancy.sessions.clear();
        tenancy.devices.clear();
        tenancy.organizations.forget(organization);
    });
    const OrganizationOut out = organizationOf(rows->front());
    context.answerVersion(out.version);
    co_return out;
}

Task<Result<OrganizationList>> listOrganizations(Context &context, Tenancy &, ListOrganizations in)
{
    const std::int32_t limit = std::clamp(in.limit.value, 1, 100);
    const auto rows = co_await context.run(kList, pg::Params::of(in.after ? in.after->value : "", limit + 1));
    if (!rows)
        co_return rows.error();
    OrganizationList list;
    for (std::size_t i = 0; i < rows->size() && i < static_cast<std::size_t>(limit); ++i)
        list.data.push_back(organizationOf((*rows)[i]));
    list.hasMore = rows->size() > list.data.size();
    if (list.hasMore)
        list.next = list.data.back().slug;
    co_return list;
}

void addOrganizationActions(Tenancy &tenancy)
{
    using access::Permission;
    using access::Policy;
    using http::Method;
    auto &actions = tenancy.kernel.actions;
    actions.add({.name = "tenancy.create_organization",
                 .method = Method::Post,
                 .route = "/v1/orgs",
                 .summary = "Creates an organization with its first owner",
                 .policy = Policy::may(Permission::ManagePlatform),
                 .effect = actions::Effect::Writes,
                 .idempotency = actions::Idempotency::Optional,
                 .audited = actions::Audited::Yes,
                 .load = actions::LoadClass::Write,
                 .status = 201,
                 .pace = actions::Pace::Slow},
                tenancy, &createOrganization);
    actions.add({.name = "tenancy.list_organizations",
                 .method = Method::Get,
                 .route = "/v1/orgs",
                 .summary = "All organizations, by short name",
                 .policy = Policy::may(Permission::ManagePlatform)},
                tenancy, &listOrganizations);
    actions.add({.name = "tenancy.show_organization",
                 .method = Method::Get,
                 .route = "/v1/orgs/{organization}",
                 .summary = "One's own organization",
                 .policy = Policy::may(Permission::ReadEvents)},
                tenancy, &showOrganization);
    actions.add({.name = "tenancy.change_organization",
                 .method = Method::Patch,
                 .route = "/v1/orgs/{organization}",
                 .summary = "Changes an organization's name or short name",
                 .policy = Policy::may(Permission::RenameOrganization),
                 .effect = actions::Effect::Writes,
                 .audited = actions::Audited::Yes,
                 .load = actions::LoadClass::Write,
                 .ifMatch = actions::IfMatch::Heeded},
                tenancy, &changeOrganization);
    actions.add({.name = "tenancy.change_status",
                 .method = Method::Post,
                 .route = "/v1/orgs/{organization}/status",
                 .summary = "Suspends an organization, or takes that back",
                 .policy = Policy::may(Permission::ManagePlatform),
                 .effect = actions::Effect::Writes,
                 .audited = actions::Audited::Yes,
                 .load = actions::LoadClass::Write,
                 .ifMatch = actions::IfMatch::Heeded},
                tenancy, &changeStatus);
}

} // namespace voelgoed::tenancy
