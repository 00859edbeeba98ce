#include "server/slices/tenancy/actions/users.h"

#include "server/slices/tenancy/people.h"
#include "shared/base/text.h"

namespace voelgoed::tenancy {

using actions::Context;
using async::Task;
using base::Result;

namespace {

constexpr pg::Sql kOrganizationsOf{"SELECT organization_id, slug, name, role FROM tenancy.organizations_of($1)"};
constexpr pg::Sql kSetStatus{"SELECT tenancy.set_user_status($1, $2)"};
constexpr pg::Sql kSetFlags{"SELECT tenancy.set_platform_flags($1, $2, $3)"};
constexpr pg::Sql kEndOf{"SELECT tenancy.end_sessions_of($1, NULL)"};
constexpr pg::Sql kDropReset{"SELECT tenancy.drop_password_reset($1)"};

constexpr std::size_t kReasonInEvents = 200; ///< bytes; with what is made of unprintable ones it still fits

struct Found
{
    KnownUser user;
    std::vector<base::Uuid> organizations;
    UserOut out;
};

Task<Result<Found>> withOrganizations(Context &context, KnownUser user)
{
    const auto rows = co_await context.run(kOrganizationsOf, pg::Params::of(user.id));
    if (!rows)
        co_return rows.error();
    Found found{.user = user,
                .organizations = {},
                .out = {.id = user.id,
                        .email = user.email,
                        .firstName = user.firstName,
                        .lastName = user.lastName,
                        .status = user.status,
                        .platformStaff = user.isStaff,
                        .platformAdmin = user.isAdmin,
                        .organizations = {}}};
    for (std::size_t i = 0; i < rows->size(); ++i) {
        const auto row = (*rows)[i];
        found.organizations.push_back(row.get<base::Uuid>(0));
        found.out.organizations.push_back({row.get<std::string>(1), row.get<std::string>(2), row.get<std::string>(3)});
    }
    co_return found;
}

/// Somebody else, held against other changes; what is left behind from here on lies in the platform's own trail.
Task<Result<Found>> hold(Context &context, const base::Uuid &user)
{
    if (user == context.actor().id)
        co_return actions::conflict("own_account", "Nobody does this to the account that he is signed in with.");
    if (const auto entered = co_await context.unit().enter(work::kPlatform); !entered)
        co_return entered.error();
    const auto known = co_await holdUser(context, user);
    if (!known)
        co_return known.error();
    co_return co_await withOrganizations(context, *known);
}

/// In the platform's trail, and in that of each organization whose member this is: they want to know, too.
void tell(Context &context, const Found &found, work::AuditEntry entry)
{
    entry.subjectType = "user";
    entry.subject = base::toText(found.user.id);
    context.audit(entry);
    for (const base::Uuid &organization : found.organizations)
        context.unit().elsewhere(organization).audits.push_back(entry);
}

void emitEverywhere(Context &context, const Found &found, const work::Event &event)
{
    context.emit(event);
    for (const base::Uuid &organization : found.organizations)
        context.unit().elsewhere(organization).events.push_back(event);
}

void forgetLogins(Context &context, Tenancy &tenancy, const base::Uuid &user)
{
    context.unit().afterCommit([&tenancy, user] {
        tenancy.sessions.invalidateIf(
            [user](const auto &, const Session &session) { return session.actor.id == user; });
    });
}

} // namespace

Task<Result<UserOut>> findUser(Context &context, Tenancy &, FindUser in)
{
    const auto known = co_await knownUser(context, std::nullopt, in.email.value);
    if (!known)
        co_return known.error();
    const auto found = co_await withOrganizations(context, *known);
    if (!found)
        co_return found.error();
    context.audit({.action = {},
                   .subjectType = "user",
                   .subject = base::toText(known->id),
                   .before = {},
                   .after = {},
                   .reason = {}});
    co_return found->out;
}

Task<Result<UserOut>> changeUserStatus(Context &context, Tenancy &tenancy, UserStatusChange in)
{
    auto found = co_await hold(context, in.user);
    if (!found)
        co_return found.error();
    const bool disables = in.status == UserStatus::Disabled;
    const std::string before = found->user.status;
    found->out.status = disables ? "disabled" : found->user.isConfirmed ? "active" : "pending";
    const auto set = co_await context.run(kSetStatus, pg::Params::of(in.user, found->out.status));
    if (!set)
        co_return set.error();
    if (disables) {
        const auto ended =
            co_await context.tx().run({{kEndOf, pg::Params::of(in.user)}, {kDropReset, pg::Params::of(in.user)}});
        if (!ended)
            co_return ended.error();
    }
    tell(context, *found,
         {.action = "tenancy.change_user_status",
          .subjectType = {},
          .subject = {},
          .before = {{"status", before}},
          .after = {{"status", found->out.status}},
          .reason = in.reason});
    const std::string id = base::toText(in.user);
    emitEverywhere(context, *found,
                   {.topic = topics::kTenancyOfUser.of(id),
                    .type = disables ? "tenancy.user_deactivated.v1" : "tenancy.user_reactivated.v1",
                    .subject = id,
                    .data = {{"user_id", id}, {"reason", base::printable(in.reason.value, kReasonInEvents)}}});
    forgetLogins(context, tenancy, in.user);
    co_return found->out;
}

Task<Result<UserOut>> setPlatformFlags(Context &context, Tenancy &tenancy, PlatformFlags in)
{
    if (!in.staff && !in.admin)
        co_return context.reject("/staff", "required", "Say what is to be: staff, admin, or both.");
    auto found = co_await hold(context, in.user);
    if (!found)
        co_return found.error();
    UserOut &out = found->out;
    const base::Json before{{"platform_staff", out.platformStaff}, {"platform_admin", out.platformAdmin}};
    out.platformStaff = in.staff.value_or(out.platformStaff);
    out.platformAdmin = in.admin.value_or(out.platformAdmin);
    const auto set = co_await context.run(kSetFlags, pg::Params::of(in.user, out.platformAdmin, out.platformStaff));
    if (!set && pg::SqlState::isCheckViolation(set.error(), kStaffNeverOwns))
        co_return actions::conflict("owns_an_organization",
                                    "Who owns an organization is not of the platform's support: another owner first.");
    if (!set)
        co_return set.error();
    tell(context, *found,
         {.action = "tenancy.set_platform_flags",
          .subjectType = {},
          .subject = {},
          .before = before,
          .after = {{"platform_staff", out.platformStaff}, {"platform_admin", out.platformAdmin}},
          .reason = in.reason});
    forgetLogins(context, tenancy, in.user);
    co_return out;
}

void addUserActions(Tenancy &tenancy)
{
    using access::Permission;
    using access::Policy;
    using http::Method;
    auto &actions = tenancy.kernel.actions;
    actions.add({.name = "tenancy.find_user",
                 .method = Method::Get,
                 .route = "/v1/users",
                 .summary = "Who has an address, and where that person is a member",
                 .policy = Policy::may(Permission::ManagePlatform),
                 .audited = actions::Audited::Yes},
                tenancy, &findUser);
    actions.add({.name = "tenancy.change_user_status",
                 .method = Method::Post,
                 .route = "/v1/users/{user}/status",
                 .summary = "Disables somebody everywhere, or takes that back",
                 .policy = Policy::may(Permission::ManagePlatform),
                 .effect = actions::Effect::Writes,
                 .audited = actions::Audited::Yes,
                 .load = actions::LoadClass::Write},
                tenancy, &changeUserStatus);
    actions.add({.name = "tenancy.set_platform_flags",
                 .method = Method::Post,
                 .route = "/v1/users/{user}/platform",
                 .summary = "Makes somebody one of the platform's staff or administrators, or takes that back",
                 .policy = Policy::may(Permission::ManagePlatform),
                 .effect = actions::Effect::Writes,
                 .audited = actions::Audited::Yes,
                 .load = actions::LoadClass::Write},
                tenancy, &setPlatformFlags);
}

} // namespace voelgoed::tenancy
