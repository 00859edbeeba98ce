#include "server/slices/tenancy/actions/badges.h"

#include "server/platform/secrets/password.h"

#include <algorithm>

namespace voelgoed::tenancy {

using actions::Context;
using async::Task;
using base::Result;

namespace {

constexpr pg::Sql kFind{R"(
SELECT id, event_id, user_id, name, grants, pin_hash IS NOT NULL, revoked_at, created_at, version
FROM tenancy.badges WHERE organization_id = app.org() AND id = $1)"};
constexpr pg::Sql kFindToChange{R"(
SELECT id, event_id, user_id, name, grants, pin_hash IS NOT NULL, revoked_at, created_at, version
FROM tenancy.badges WHERE organization_id = app.org() AND id = $1 FOR UPDATE)"};
constexpr pg::Sql kList{R"(
SELECT id, event_id, user_id, name, grants, pin_hash IS NOT NULL, revoked_at, created_at, version
FROM tenancy.badges
WHERE organization_id = app.org() AND ($1::text IS NULL OR event_id = $1) AND ($2::uuid IS NULL OR id > $2)
ORDER BY id LIMIT $3)"};
constexpr pg::Sql kCreate{R"(
INSERT INTO tenancy.badges (organization_id, id, event_id, user_id, name, grants, pin_hash, created_at)
VALUES (app.org(), $1, $2, $3, $4, $5, $6, $7))"};
constexpr pg::Sql kChange{R"(
UPDATE tenancy.badges SET name = $2, grants = $3, pin_hash = coalesce($4, pin_hash), version = version + 1
WHERE organization_id = app.org() AND id = $1)"};
constexpr pg::Sql kRevoke{R"(
UPDATE tenancy.badges SET revoked_at = $2, version = version + 1 WHERE organization_id = app.org() AND id = $1)"};
constexpr pg::Sql kMember{R"(
SELECT trim(first_name || ' ' || last_name), email FROM tenancy.members() WHERE user_id = $1)"};

BadgeGrant grantFrom(const std::string &word)
{
    const auto &words = actions::Codec<BadgeGrant>::words();
    return static_cast<BadgeGrant>(std::find(words.begin(), words.end(), word) - words.begin());
}

BadgeOut badgeOf(const pg::Rows::Row &row)
{
    BadgeOut badge{.id = row.get<base::Uuid>(0),
                   .event = row.get<std::string>(1),
                   .user = row.get<std::optional<base::Uuid>>(2),
                   .name = row.get<std::string>(3),
                   .grants = {},
                   .hasPin = row.get<bool>(5),
                   .revokedAt = row.get<std::optional<base::Instant>>(6),
                   .createdAt = row.get<base::Instant>(7),
                   .version = row.get<std::int32_t>(8)};
    for (const std::string &word : row.get<std::vector<std::string>>(4))
        badge.grants.push_back(grantFrom(word));
    return badge;
}

Task<Result<BadgeOut>> find(Context &context, pg::Sql sql, const base::Uuid &id)
{
    const auto rows = co_await context.run(sql, pg::Params::of(id));
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return actions::notFound("badge");
    BadgeOut badge = badgeOf(rows->front());
    context.answerVersion(badge.version);
    co_return badge;
}

/// Locked, not revoked, and of the version that If-Match names.
Task<Result<BadgeOut>> findToChange(Context &context, const base::Uuid &id)
{
    const auto rows = co_await context.run(kFindToChange, pg::Params::of(id));
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return actions::notFound("badge");
    BadgeOut badge = badgeOf(rows->front());
    if (const auto expected = context.expectedVersion(); expected && *expected != badge.version)
        co_return actions::preconditionFailed();
    if (badge.revokedAt)
        co_return actions::conflict("badge_revoked", "This badge was taken back. Make another one.");
    co_return badge;
}

/// As they are stored: each once, in the order of the choice.
Result<std::vector<std::string>> wordsOf(Context &context, const std::vector<BadgeGrant> &grants)
{
    std::vector<std::string> words;
    for (const BadgeGrant grant : {BadgeGrant::Steward, BadgeGrant::Supervisor, BadgeGrant::Technician}) {
        if (std::find(grants.begin(), grants.end(), grant) != grants.end())
            words.emplace_back(actions::written(grant).as_string());
    }
    if (words.empty())
        return context.reject("/grants", "required", "A badge is for something: steward, supervisor or technician.");
    return words;
}

Task<Result<std::optional<std::string>>> hashOf(Context &context, Tenancy &tenancy,
                                                const std::optional<actions::Text<8>> &pin)
{
    if (!pin)
        co_return std::optional<std::string>();
    const std::string digits = pin->value;
    const bool isOne =
        digits.size() >= 4 && std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!isOne)
        co_return context.reject("/pin", "not_a_pin", "A PIN has 4 to 8 digits.");
    if (digits.find_first_not_of(digits[0]) == std::string::npos || digits == "1234" || digits == "12345678")
        co_return context.reject("/pin", "too_common", "Everybody tries this one first.");
    co_return std::optional(co_await tenancy.kernel.workers.run([digits] { return secrets::hashPassword(digits); }));
}

Task<Result<std::string>> nameOf(Context &context, const NewBadge &in)
{
    std::string name = in.name ? in.name->value : "";
    if (!in.user && name.empty())
        co_return context.reject("/name", "required", "Whose badge is it?");
    if (!in.user)
        co_return name;
    const auto member = co_await context.run(kMember, pg::Params::of(*in.user));
    if (!member)
        co_return member.error();
    if (member->empty())
        co_return context.reject("/user", "not_a_member", "The organization has no such member.");
    if (name.empty())
        name = member->front().get<std::string>(0);
    co_return name.empty() ? member->front().get<std::string>(1) : name;
}

/// Without the name: it may be of somebody who never agreed to be remembered for ever.
boost::json::object shown(const BadgeOut &badge)
{
    return {{"event", badge.event}, {"grants", actions::written(badge.grants)}, {"has_pin", badge.hasPin}};
}

void leaveTrail(Context &context, const base::Uuid &badge, base::Json before, base::Json after, std::string reason)
{
    context.audit({.action = {},
                   .subjectType = "badge",
                   .subject = base::toText(badge),
                   .before = std::move(before),
                   .after = std::move(after),
                   .reason = std::move(reason)});
}

void tell(Context &context, const char *type, const BadgeOut &badge)
{
    context.emit({.topic = "tenancy:org:" + base::toText(context.organization()),
                  .type = type,
                  .subject = base::toText(badge.id),
                  .data = {{"badge_id", base::toText(badge.id)}, {"event_id", badge.event}}});
}

} // namespace

Task<Result<BadgeOut>> createBadge(Context &context, Tenancy &tenancy, NewBadge in)
{
    const auto grants = wordsOf(context, in.grants.values);
    if (!grants)
        co_return grants.error();
    const auto name = co_await nameOf(context, in);
    if (!name)
        co_return name.error();
    const auto hash = co_await hashOf(context, tenancy, in.pin);
    if (!hash)
        co_return hash.error();
    const base::Uuid id = context.newId();
    const auto created = co_await context.run(
        kCreate, pg::Params::of(id, in.event.value, in.user, *name, *grants, *hash, context.now()));
    if (!created)
        co_return created.error();
    const auto badge = co_await find(context, kFind, id);
    if (!badge)
        co_return badge.error();
    leaveTrail(context, id, boost::json::object{}, shown(*badge), {});
    tell(context, "tenancy.badge_added.v1", *badge);
    context.answerField("Location", "/v1/badges/" + base::toText(id));
    co_return badge;
}

Task<Result<BadgeOut>> changeBadge(Context &context, Tenancy &tenancy, BadgeChange in)
{
    const auto before = co_await findToChange(context, in.badge);
    if (!before)
        co_return before.error();
    const auto grants = wordsOf(context, in.grants ? in.grants->values : before->grants);
    if (!grants)
        co_return grants.error();
    const auto hash = co_await hashOf(context, tenancy, in.pin);
    if (!hash)
        co_return hash.error();
    const std::string name = in.name ? in.name->value : before->name;
    const auto changed = co_await context.run(kChange, pg::Params::of(in.badge, name, *grants, *hash));
    if (!changed)
        co_return changed.error();
    const auto after = co_await find(context, kFind, in.badge);
    if (!after)
        co_return after.error();
    boost::json::object said = shown(*after);
    said["new_pin"] = in.pin.has_value();
    said["new_name"] = name != before->name;
    leaveTrail(context, in.badge, shown(*before), std::move(said), {});
    tell(context, "tenancy.badge_changed.v1", *after);
    co_return after;
}

Task<Result<BadgeOut>> revokeBadge(Context &context, Tenancy &, BadgeRevocation in)
{
    const auto before = co_await findToChange(context, in.badge);
    if (!before)
        co_return before.error();
    const auto revoked = co_await context.run(kRevoke, pg::Params::of(in.badge, context.now()));
    if (!revoked)
        co_return revoked.error();
    leaveTrail(context, in.badge, shown(*before), {{"revoked", true}}, in.reason);
    tell(context, "tenancy.badge_revoked.v1", *before);
    co_return co_await find(context, kFind, in.badge);
}

Task<Result<BadgeOut>> showBadge(Context &context, Tenancy &, OneBadge in)
{
    co_return co_await find(context, kFind, in.badge);
}

Task<Result<BadgeList>> listBadges(Context &context, Tenancy &, ListBadges in)
{
    const std::int32_t limit = std::clamp(in.limit.value, 1, 100);
    const auto event = in.event ? std::optional(in.event->value) : std::nullopt;
    const auto rows = co_await context.run(kList, pg::Params::of(event, in.after, limit + 1));
    if (!rows)
        co_return rows.error();
    BadgeList list;
    for (std::size_t i = 0; i < rows->size() && i < static_cast<std::size_t>(limit); ++i)
        list.data.push_back(badgeOf((*rows)[i]));
    list.hasMore = rows->size() > list.data.size();
    if (list.hasMore)
        list.next = list.data.back().id;
    co_return list;
}

void addBadgeActions(Tenancy &tenancy)
{
    using access::Permission;
    using access::Policy;
    using http::Method;
    auto &actions = tenancy.kernel.actions;
    const auto change = [](const char *name, Method method, const char *route, const char *summary) {
        return actions::Declaration{.name = name,
                                    .method = method,
                                    .route = route,
                                    .summary = summary,
                                    .policy = Policy::may(Permission::ManageTeam),
                                    .effect = actions::Effect::Writes,
                                    .audited = actions::Audited::Yes,
                                    .load = actions::LoadClass::Write,
                                    .bodyMax = 4096,
                                    .ifMatch = actions::IfMatch::Heeded,
                                    .pace = actions::Pace::Slow};
    };
    auto create = change("tenancy.create_badge", Method::Post, "/v1/badges", "Makes a badge for an event's devices");
    create.status = 201;
    create.ifMatch = actions::IfMatch::No;
    create.idempotency = actions::Idempotency::Optional;
    actions.add(create, tenancy, &createBadge);
    actions.add({.name = "tenancy.list_badges",
                 .method = Method::Get,
                 .route = "/v1/badges",
                 .summary = "The organization's badges",
                 .policy = Policy::may(Permission::ManageTeam)},
                tenancy, &listBadges);
    actions.add({.name = "tenancy.show_badge",
                 .method = Method::Get,
                 .route = "/v1/badges/{badge}",
                 .summary = "One badge",
                 .policy = Policy::may(Permission::ManageTeam)},
                tenancy, &showBadge);
    actions.add(
        change("tenancy.change_badge", Method::Patch, "/v1/badges/{badge}", "Changes a badge's name, grants or PIN"),
        tenancy, &changeBadge);
    actions.add(change("tenancy.revoke_badge", Method::Post, "/v1/badges/{badge}/revoke", "Takes a badge back"),
                tenancy, &revokeBadge);
}

} // namespace voelgoed::tenancy
