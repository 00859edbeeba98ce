#include "server/slices/tenancy/actions/members.h"

#include "server/platform/secrets/password.h"
#include "server/platform/secrets/token.h"
#include "server/platform/topics/names.h"
#include "server/slices/tenancy/credentials.h"
#include "server/slices/tenancy/measures.h"
#include "server/slices/tenancy/people.h"

#include <algorithm>

namespace voelgoed::tenancy {

using access::Role;
using actions::Context;
using actions::Nothing;
using async::Task;
using base::Result;

namespace {

constexpr std::int32_t kPageMax = 100;

constexpr pg::Sql kMembers{R"(
SELECT user_id, email, first_name, last_name, status, role, grants, is_platform_staff, joined_at, version
FROM tenancy.members() WHERE ($1::uuid IS NULL OR user_id > $1) ORDER BY user_id LIMIT $2)"};
constexpr pg::Sql kMember{R"(
SELECT user_id, email, first_name, last_name, status, role, grants, is_platform_staff, joined_at, version
FROM tenancy.members() WHERE user_id = $1)"};
constexpr pg::Sql kHold{R"(
SELECT FROM tenancy.memberships WHERE organization_id = app.org() AND user_id = $1 FOR UPDATE)"};
constexpr pg::Sql kChange{R"(
UPDATE tenancy.memberships SET role = $2, grants = coalesce($3, grants), version = version + 1, updated_at = now()
WHERE organization_id = app.org() AND user_id = $1 AND version = coalesce($4::bigint, version))"};
constexpr pg::Sql kRemove{R"(
DELETE FROM tenancy.memberships WHERE organization_id = app.org() AND user_id = $1 AND version = coalesce($2::bigint, version))"};
constexpr pg::Sql kFindInvitation{"SELECT organization_id, id, email, role FROM tenancy.find_invitation($1)"};
constexpr pg::Sql kJoin{R"(
INSERT INTO tenancy.memberships (organization_id, user_id, role, invited_at)
SELECT app.org(), $1, i.role, i.created_at FROM tenancy.invitations i WHERE i.organization_id = app.org() AND i.id = $2
ON CONFLICT (organization_id, user_id) DO NOTHING)"};
constexpr pg::Sql kUseUp{"DELETE FROM tenancy.invitations WHERE organization_id = app.org() AND id = $1"};
constexpr pg::Sql kEndHere{"SELECT tenancy.end_sessions_in($1)"};

Role roleOf(RoleWord word)
{
    return static_cast<Role>(word);
}

Member memberOf(const pg::Rows::Row &row)
{
    return {.id = row.get<base::Uuid>(0),
            .email = row.get<std::string>(1),
            .firstName = row.get<std::string>(2),
            .lastName = row.get<std::string>(3),
            .status = row.get<std::string>(4),
            .role = row.get<std::string>(5),
            .grants = row.get<std::vector<std::string>>(6),
            .support = row.get<bool>(7),
            .joinedAt = row.get<base::Instant>(8),
            .version = row.get<std::int32_t>(9)};
}

/// Admins do not touch owners, and nobody of an organization touches the platform's staff.
Result<void> mayTouch(Context &context, const Member &member, std::optional<Role> becomes)
{
    const bool concernsOwners = member.role == "owner" || becomes == Role::Owner;
    if (context.grant() == access::Grant::NotOwners && concernsOwners)
        return actions::forbidden("owners_only", "Only an owner changes who owns the organization.");
    const bool isPlatform =
        context.actor().kind == access::ActorKind::SuperAdmin || context.actor().kind == access::ActorKind::System;
    if (member.support && !isPlatform)
        return actions::forbidden("platform_staff", "This person is of the platform's support.");
    if (member.support && becomes == Role::Owner)
        return actions::forbidden("platform_staff", "The platform's support never owns an organization.");
    return {};
}

base::Error whyNot(const base::Error &error)
{
    return pg::SqlState::isCheckViolation(error, "last_owner_stays")
               ? actions::conflict("last_owner", "An organization keeps at least one owner.")
               : staffNeverOwns(error);
}

/// The member, and whoever looks after the team.
void tellOf(Context &context, const base::Uuid &member, const char *type, boost::json::object data)
{
    data["user_id"] = base::toText(member);
    data["changed_by"] = base::toText(context.actor().id);
    work::Event event{.topic = topics::kTenancyOfUser.of(member),
                      .type = type,
                      .subject = base::toText(member),
                      .data = std::move(data)};
    context.emit(event);
    event.topic = topics::kTenancyOfOrganization.of(context.organization());
    context.emit(std::move(event));
}

} // namespace

Task<Result<Member>> findMember(Context &context, base::Uuid id)
{
    const auto rows = co_await context.run(kMember, pg::Params::of(id));
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return actions::notFound("member");
    co_return memberOf(rows->front());
}

Task<Result<Member>> holdMember(Context &context, base::Uuid id)
{
    // First the row, and then what it says: a change that was under way is waited for and seen.
    if (const auto held = co_await context.run(kHold, pg::Params::of(id)); !held)
        co_return held.error();
    co_return co_await findMember(context, id);
}

Task<Result<Members>> listMembers(Context &context, Tenancy &, ListMembers in)
{
    if (const auto own = isOwn(context, in.organization); !own)
        co_return own.error();
    const std::int32_t limit = std::clamp(in.limit.value, 1, kPageMax);
    const auto rows = co_await context.run(kMembers, pg::Params::of(in.after, limit + 1));
    if (!rows)
        co_return rows.error();
    Members members;
    for (std::size_t i = 0; i < rows->size() && i < static_cast<std::size_t>(limit); ++i)
        members.data.push_back(memberOf((*rows)[i]));
    members.hasMore = rows->size() > members.data.size();
    if (members.hasMore)
        members.next = members.data.back().id;
    co_return members;
}

Task<Result<Invited>> inviteMember(Context &context, Tenancy &, Invite in)
{
    if (const auto own = isOwn(context, in.organization); !own)
        co_return own.error();
    if (context.grant() == access::Grant::NotOwners && in.role == RoleWord::Owner)
        co_return actions::forbidden("owners_only", "Only an owner invites owners.");
    auto invited = co_await invite(context, {.email = in.email, .role = roleOf(in.role)});
    if (!invited)
        co_return invited.error();
    context.audit({.action = {},
                   .subjectType = "invitation",
                   .subject = base::toText(invited->id),
                   .before = {},
                   .after = {{"email", work::nameOf(work::personOf(in.email.value), *emailFrom(in.email.value))},
                             {"role", access::word(roleOf(in.role))}},
                   .reason = {}});
    context.answerOnce();
    co_return Invited{invited->id, std::move(invited->token)};
}

Task<Result<Nothing>> acceptInvitation(Context &context, Tenancy &tenancy, Accept in)
{
    const auto none = actions::notFound("invitation");
    if (!secrets::isToken(secrets::TokenKind::Invitation, in.token.value))
        co_return none;
    const auto found =
        co_await context.run(kFindInvitation, pg::Params::of(base::ByteView(secrets::hashOfToken(in.token.value))));
    if (!found)
        co_return found.error();
    if (found->empty() || found->front().get<std::string>(2) != emailFrom(in.email.value))
        co_return none;
    const std::string email = found->front().get<std::string>(2);
    const auto invitation = found->front().get<base::Uuid>(1);
    const auto role = *access::roleFrom(found->front().get<std::string>(3));
    if (const auto entered = co_await context.unit().enterAsInvited(found->front().get<base::Uuid>(0)); !entered)
        co_return entered.error();
    const auto login = co_await findLogin(context, email);
    if (!login)
        co_return login.error();
    base::Uuid user{};
    if (*login && (*login)->passwordHash) {
        // The token alone was in the inviter's hands, too: whose account it is says its password.
        if (!in.password)
            co_return context.reject("/password", "required", "This address has an account: give its password.");
        if (const auto proven = co_await prove(context, tenancy, *login, in.password->value); !proven) {
            tenancy.kernel.metrics.counter(kLogins, {loginResult(proven.error())}).add();
            co_return proven.error();
        }
        user = (*login)->user;
        const auto joined = co_await context.run(kJoin, pg::Params::of(user, invitation));
        if (!joined)
            co_return staffNeverOwns(joined.error());
        if (joined->touched() > 0)
            tellAdded(context, user, role);
    } else {
        if (!in.password)
            co_return context.reject("/password", "required", "Choose a password.");
        if (const auto rules = secrets::checkPassword(in.password->value); !rules)
            co_return context.reject("/password", rules.error().word, rules.error().hint);
        const auto made = co_await enrol(context, tenancy,
                                         {.email = email,
                                          .password = in.password->value,
                                          .firstName = in.firstName ? in.firstName->value : "",
                                          .lastName = in.lastName ? in.lastName->value : "",
                                          .role = role});
        if (!made)
            co_return made.error();
        user = *made;
    }
    const auto used = co_await context.run(kUseUp, pg::Params::of(invitation));
    if (!used)
        co_return used.error();
    if (used->touched() == 0)
        co_return none;
    context.audit({.action = {},
                   .subjectType = "user",
                   .subject = base::toText(user),
                   .before = {},
                   .after = {{"role", access::word(role)}},
                   .reason = {}});
    co_return Nothing{};
}

Task<Result<Member>> changeMember(Context &context, Tenancy &tenancy, MemberChange in)
{
    if (const auto own = isOwn(context, in.organization); !own)
        co_return own.error();
    const auto before = co_await holdMember(context, in.member);
    if (!before)
        co_return before.error();
    if (const auto may = mayTouch(context, *before, roleOf(in.role)); !may)
        co_return may.error();
    for (const std::string &grant : in.grants.value_or(std::vector<std::string>())) {
        if (grant != access::word(access::Permission::PublishEvents))
            co_return context.reject("/grants", "not_a_grant", "Only publish_events is granted by name.");
    }
    const auto role = access::word(roleOf(in.role));
    const auto changed =
        co_await context.run(kChange, pg::Params::of(in.member, role, in.grants, context.expectedVersion()));
    if (!changed)
        co_return whyNot(changed.error());
    if (changed->touched() == 0)
        co_return actions::preconditionFailed();
    // What he may do from now on begins with another login.
    if (role != before->role) {
        if (const auto ended = co_await context.run(kEndHere, pg::Params::of(in.member)); !ended)
            co_return ended.error();
    }
    context.audit({.action = {},
                   .subjectType = "user",
                   .subject = base::toText(in.member),
                   .before = {{"role", before->role}, {"grants", actions::written(before->grants)}},
                   .after = {{"role", role}, {"grants", actions::written(in.grants.value_or(before->grants))}},
                   .reason = {}});
    tellOf(context, in.member, "tenancy.role_changed.v1", {{"old_role", before->role}, {"new_role", role}});
    context.unit().afterCommit([&tenancy, user = in.member] {
        tenancy.sessions.invalidateIf(
            [user](const auto &, const Session &session) { return session.actor.id == user; });
    });
    auto after = co_await findMember(context, in.member);
    if (after)
        context.answerVersion(after->version);
    co_return after;
}

Task<Result<Nothing>> removeMember(Context &context, Tenancy &tenancy, OneMember in)
{
    if (const auto own = isOwn(context, in.organization); !own)
        co_return own.error();
    const auto before = co_await holdMember(context, in.member);
    if (!before)
        co_return before.error();
    if (const auto may = mayTouch(context, *before, std::nullopt); !may)
        co_return may.error();
    const auto removed = co_await context.run(kRemove, pg::Params::of(in.member, context.expectedVersion()));
    if (!removed)
        co_return whyNot(removed.error());
    if (removed->touched() == 0)
        co_return actions::preconditionFailed();
    const auto ended = co_await context.run(kEndHere, pg::Params::of(in.member));
    if (!ended)
        co_return ended.error();
    context.audit({.action = {},
                   .subjectType = "user",
                   .subject = base::toText(in.member),
                   .before = {{"role", before->role}},
                   .after = {},
                   .reason = {}});
    tellOf(context, in.member, "tenancy.member_removed.v1", {});
    context.unit().afterCommit([&tenancy] { tenancy.sessions.clear(); });
    co_return Nothing{};
}

void addMemberActions(Tenancy &tenancy)
{
    using access::Permission;
    using access::Policy;
    using http::Method;
    auto &actions = tenancy.kernel.actions;
    actions.add({.name = "tenancy.list_members",
                 .method = Method::Get,
                 .route = "/v1/orgs/{organization}/members",
                 .summary = "The people of the organization",
                 .policy = Policy::may(Permission::SeeTeam)},
                tenancy, &listMembers);
    actions.add({.name = "tenancy.invite_member",
                 .method = Method::Post,
                 .route = "/v1/orgs/{organization}/invitations",
                 .summary = "Invites somebody by address",
                 .policy = Policy::may(Permission::ManageTeam),
                 .effect = actions::Effect::Writes,
                 .idempotency = actions::Idempotency::Optional,
                 .audited = actions::Audited::Yes,
                 .load = actions::LoadClass::Write,
                 .status = 201},
                tenancy, &inviteMember);
    actions.add({.name = "tenancy.accept_invitation",
                 .method = Method::Post,
                 .route = "/v1/invitations/accept",
                 .summary = "Joins an organization with the token of an invitation",
                 .policy = Policy::anyone(),
                 .effect = actions::Effect::Writes,
                 .audited = actions::Audited::Yes,
                 .load = actions::LoadClass::Write,
                 .bodyMax = 4096,
                 .limit = "register",
                 .pace = actions::Pace::Slow},
                tenancy, &acceptInvitation);
    actions.add({.name = "tenancy.change_member",
                 .method = Method::Patch,
                 .route = "/v1/orgs/{organization}/members/{member}",
                 .summary = "Gives somebody another role",
                 .policy = Policy::may(Permission::ManageTeam),
                 .effect = actions::Effect::Writes,
                 .audited = actions::Audited::Yes,
                 .load = actions::LoadClass::Write,
                 .ifMatch = actions::IfMatch::Heeded},
                tenancy, &changeMember);
    actions.add({.name = "tenancy.remove_member",
                 .method = Method::Delete,
                 .route = "/v1/orgs/{organization}/members/{member}",
                 .summary = "Takes somebody out of the organization",
                 .policy = Policy::may(Permission::ManageTeam),
                 .effect = actions::Effect::Writes,
                 .audited = actions::Audited::Yes,
                 .load = actions::LoadClass::Write,
                 .ifMatch = actions::IfMatch::Heeded},
                tenancy, &removeMember);
}

} // namespace voelgoed::tenancy
