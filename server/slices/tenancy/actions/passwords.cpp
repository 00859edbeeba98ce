#include "server/slices/tenancy/actions/passwords.h"

#include "server/platform/secrets/password.h"
#include "server/platform/secrets/token.h"
#include "server/slices/tenancy/people.h"

namespace voelgoed::tenancy {

using actions::Context;
using actions::Nothing;
using async::Task;
using base::Result;

namespace {

constexpr pg::Sql kBegin{"SELECT tenancy.begin_password_reset($1, $2, $3, $4)"};
constexpr pg::Sql kUseUp{"SELECT user_id, of_organization FROM tenancy.use_password_reset($1, $2)"};
constexpr pg::Sql kIsOnlyHere{"SELECT tenancy.is_only_here($1)"};
constexpr pg::Sql kSetPassword{"SELECT tenancy.set_password($1, $2)"};
constexpr pg::Sql kEndOf{"SELECT tenancy.end_sessions_of($1, NULL)"};

work::AuditEntry entryOf(const base::Uuid &user, std::string reason = {})
{
    return {.action = {},
            .subjectType = "user",
            .subject = base::toText(user),
            .before = {},
            .after = {},
            .reason = std::move(reason)};
}

Task<Result<ResetOut>> begin(Context &context, const KnownUser &user, std::optional<base::Uuid> organization)
{
    if (user.status != "active")
        co_return actions::conflict("user_" + user.status, "This person may not sign in, with any password.");
    auto token = secrets::newToken(secrets::TokenKind::Reset, context.random());
    const base::Instant until = context.now() + kResetLife;
    const auto begun =
        co_await context.run(kBegin, pg::Params::of(user.id, base::ByteView(token.hash), organization, until));
    if (!begun)
        co_return begun.error();
    context.answerOnce();
    co_return ResetOut{std::move(token.text), until};
}

} // namespace

Task<Result<ResetOut>> resetUserPassword(Context &context, Tenancy &, ResetOfUser in)
{
    if (const auto entered = co_await context.unit().enter(work::kPlatform); !entered)
        co_return entered.error();
    const auto user = co_await holdUser(context, in.user);
    if (!user)
        co_return user.error();
    context.audit(entryOf(in.user, in.reason));
    co_return co_await begin(context, *user, std::nullopt);
}

Task<Result<ResetOut>> resetMemberPassword(Context &context, Tenancy &, OneMember in)
{
    if (const auto own = isOwn(context, in.organization); !own)
        co_return own.error();
    if (in.member == context.actor().id)
        co_return actions::conflict("own_account", "Who knows the password changes it; who does not asks another one.");
    const auto member = co_await holdMember(context, in.member);
    if (!member)
        co_return member.error();
    if (context.grant() == access::Grant::NotOwners && member->role == "owner")
        co_return actions::forbidden("owners_only", "Only an owner does this for owners.");
    const auto user = co_await holdUser(context, in.member);
    if (!user)
        co_return user.error();
    const auto only = co_await context.run(kIsOnlyHere, pg::Params::of(in.member));
    if (!only)
        co_return only.error();
    if (!only->front().get<bool>(0))
        co_return actions::forbidden("not_yours_alone", "This person's password is for the platform to reset.");
    context.audit(entryOf(in.member));
    co_return co_await begin(context, *user, in.organization);
}

Task<Result<Nothing>> resetPassword(Context &context, Tenancy &tenancy, ResetPassword in)
{
    if (const auto rules = secrets::checkPassword(in.newPassword.value); !rules)
        co_return context.reject("/new_password", rules.error().word, rules.error().hint);
    const auto none = actions::notFound("token");
    if (!secrets::isToken(secrets::TokenKind::Reset, in.token.value))
        co_return none;
    const auto used = co_await context.run(
        kUseUp, pg::Params::of(base::ByteView(secrets::hashOfToken(in.token.value)), in.email.value));
    if (!used)
        co_return used.error();
    if (used->empty())
        co_return none;
    const auto user = used->front().get<base::Uuid>(0);
    if (const auto organization = used->front().get<std::optional<base::Uuid>>(1)) {
        if (const auto entered = co_await context.unit().enterAsInvited(*organization); !entered)
            co_return entered.error();
        // Who has become somebody elsewhere meanwhile is not this organization's any more.
        const auto only = co_await context.run(kIsOnlyHere, pg::Params::of(user));
        if (!only)
            co_return only.error();
        if (!only->front().get<bool>(0))
            co_return none;
    }
    const std::string password = in.newPassword.value;
    const std::string hash =
        co_await tenancy.kernel.workers.run([password] { return secrets::hashPassword(password); });
    const auto set =
        co_await context.tx().run({{kSetPassword, pg::Params::of(user, hash)}, {kEndOf, pg::Params::of(user)}});
    if (!set)
        co_return set.error();
    context.audit(entryOf(user));
    context.unit().afterCommit([&tenancy] { tenancy.sessions.clear(); });
    co_return Nothing{};
}

void addPasswordActions(Tenancy &tenancy)
{
    using access::Permission;
    using access::Policy;
    using http::Method;
    auto &actions = tenancy.kernel.actions;
    actions.add({.name = "tenancy.reset_user_password",
                 .method = Method::Post,
                 .route = "/v1/users/{user}/password-reset",
                 .summary = "A token with which anybody chooses a new password, for an hour",
                 .policy = Policy::may(Permission::ManagePlatform),
                 .effect = actions::Effect::Writes,
                 .idempotency = actions::Idempotency::Optional,
                 .audited = actions::Audited::Yes,
                 .load = actions::LoadClass::Write,
                 .status = 201},
                tenancy, &resetUserPassword);
    actions.add(
        {.name = "tenancy.reset_member_password",
         .method = Method::Post,
         .route = "/v1/orgs/{organization}/members/{member}/password-reset",
         .summary = "A token with which a member of this organization alone chooses a new password, for an hour",
         .policy = Policy::may(Permission::ManageTeam),
         .effect = actions::Effect::Writes,
         .idempotency = actions::Idempotency::Optional,
         .audited = actions::Audited::Yes,
         .load = actions::LoadClass::Write,
         .status = 201},
        tenancy, &resetMemberPassword);
    actions.add({.name = "tenancy.reset_password",
                 .method = Method::Post,
                 .route = "/v1/password/reset",
                 .summary = "Chooses a new password with a token, and ends all logins",
                 .policy = Policy::anyone(),
                 .effect = actions::Effect::Writes,
                 .audited = actions::Audited::Yes,
                 .load = actions::LoadClass::Critical,
                 .bodyMax = 4096,
                 .limit = "reset",
                 .pace = actions::Pace::Slow},
                tenancy, &resetPassword);
}

} // namespace voelgoed::tenancy
