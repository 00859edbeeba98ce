#include "server/slices/tenancy/actions/sessions.h"

#include "server/platform/secrets/password.h"
#include "server/platform/secrets/token.h"
#include "server/slices/tenancy/credentials.h"
#include "server/slices/tenancy/measures.h"

namespace voelgoed::tenancy {

using actions::Context;
using actions::Nothing;
using async::Task;
using base::Result;

namespace {

constexpr pg::Sql kOrganizationsOf{"SELECT organization_id, slug, name, role FROM tenancy.organizations_of($1)"};
constexpr pg::Sql kFindOrganization{"SELECT tenancy.find_organization($1)"};
constexpr pg::Sql kBegin{"SELECT tenancy.begin_session($1, $2, $3, $4, $5, $6, $7, $8)"};
constexpr pg::Sql kEnd{"SELECT tenancy.end_session($1)"};
constexpr pg::Sql kEndOthers{"SELECT tenancy.end_sessions_of($1, $2)"};
constexpr pg::Sql kDropReset{"SELECT tenancy.drop_password_reset($1)"};
constexpr pg::Sql kSetPassword{"SELECT tenancy.set_password($1, $2)"};
constexpr pg::Sql kHashOf{"SELECT tenancy.password_hash_of($1)"};

/// A platform administrator's way into an organization that he is no member of is in its trail from the first step.
Task<Result<void>> enterAsAdmin(Context &context, const Login &found, base::Uuid organization, std::string reason,
                                base::Uuid session)
{
    access::Actor admin = context.actor();
    admin.kind = access::ActorKind::SuperAdmin;
    admin.id = found.user;
    admin.name = found.name;
    admin.platformAdmin = true;
    admin.platformStaff = found.isStaff;
    admin.organization = organization;
    admin.reason = std::move(reason);
    context.unit().becomes(std::move(admin));
    if (const auto entered = co_await context.unit().enter(organization); !entered)
        co_return entered.error();
    context.audit({.action = {},
                   .subjectType = "session",
                   .subject = base::toText(session),
                   .before = {},
                   .after = {},
                   .reason = {}});
    co_return Result<void>();
}

Task<Result<SignedIn>> tryToSignIn(Context &context, Tenancy &tenancy, SignIn in)
{
    const auto login = co_await findLogin(context, in.email.value);
    if (!login)
        co_return login.error();
    if (const auto proven = co_await prove(context, tenancy, *login, in.password.value); !proven)
        co_return proven.error();
    const Login &found = **login;
    const auto rows = co_await context.run(kOrganizationsOf, pg::Params::of(found.user));
    if (!rows)
        co_return rows.error();
    SignedIn out;
    for (std::size_t i = 0; i < rows->size(); ++i) {
        const auto row = (*rows)[i];
        out.organizations.push_back({row.get<std::string>(1), row.get<std::string>(2), row.get<std::string>(3)});
        const bool named = in.organization && in.organization->value == out.organizations.back().slug;
        if (named || (!in.organization && rows->size() == 1)) {
            out.organization = row.get<base::Uuid>(0);
            out.role = out.organizations.back().role;
        }
    }
    if (in.organization && !out.organization) {
        if (!found.isAdmin)
            co_return wrongCredentials();
        if (!in.reason || in.reason->value.find_first_not_of(' ') == std::string::npos)
            co_return actions::forbidden("reason_required", "Say why you enter this organization.");
        const auto other = co_await context.run(kFindOrganization, pg::Params::of(in.organization->value));
        if (!other)
            co_return other.error();
        out.organization = other->front().get<std::optional<base::Uuid>>(0);
        if (!out.organization)
            co_return actions::notFound("organization");
    }
    const auto token = secrets::newToken(secrets::TokenKind::Session, context.random());
    out.token = token.text;
    out.expiresAt = context.now() + kSessionLife;
    const std::string reason = out.role || !in.reason ? std::string() : in.reason->value;
    const base::Uuid session = context.newId();
    if (out.organization && !out.role) {
        const auto entered = co_await enterAsAdmin(context, found, *out.organization, reason, session);
        if (!entered)
            co_return entered.error();
    }
    const auto begun = co_await context.run(kBegin, pg::Params::of(base::ByteView(token.hash), session, found.user,
                                                                   out.organization, reason, context.actor().address,
                                                                   context.actor().agent, out.expiresAt));
    if (!begun)
        co_return begun.error();
    co_return out;
}

} // namespace

Task<Result<SignedIn>> signIn(Context &context, Tenancy &tenancy, SignIn in)
{
    auto signedIn = co_await tryToSignIn(context, tenancy, std::move(in));
    tenancy.kernel.metrics.counter(kLogins, {signedIn ? "ok" : loginResult(signedIn.error())}).add();
    co_return signedIn;
}

Task<Result<Nothing>> signOut(Context &context, Tenancy &tenancy, NoInput)
{
    const auto ended = co_await context.run(kEnd, pg::Params::of(context.actor().session));
    if (!ended)
        co_return ended.error();
    context.unit().afterCommit([&tenancy] { tenancy.sessions.clear(); });
    co_return Nothing{};
}

Task<Result<Me>> showMe(Context &context, Tenancy &, NoInput)
{
    const access::Actor &actor = context.actor();
    Me me{.id = actor.id,
          .name = actor.name,
          .kind = std::string(access::word(actor.kind)),
          .organization = actor.organization,
          .role = {},
          .support = actor.platformStaff,
          .permissions = {},
          .capabilities = {}};
    if (actor.role) {
        me.role = access::word(*actor.role);
        for (const std::string_view capability : access::capabilitiesOf(*actor.role))
            me.capabilities.emplace_back(capability);
    }
    for (const access::Permission permission : access::allPermissions()) {
        if (access::check(access::Policy::may(permission), actor) != access::Grant::No)
            me.permissions.emplace_back(access::word(permission));
    }
    co_return me;
}

Task<Result<Nothing>> changePassword(Context &context, Tenancy &tenancy, NewPassword in)
{
    if (const auto rules = secrets::checkPassword(in.newPassword.value); !rules)
        co_return context.reject("/new_password", rules.error().word, rules.error().hint);
    const auto rows = co_await context.run(kHashOf, pg::Params::of(context.actor().id));
    if (!rows)
        co_return rows.error();
    if (rows->isNull(0, 0))
        co_return actions::notFound("password");
    const std::string hash = rows->front().get<std::string>(0);
    const std::string oldOne = in.oldPassword.value;
    if (!co_await tenancy.kernel.workers.run([hash, oldOne] { return secrets::passwordHolds(hash, oldOne); }))
        co_return context.reject("/old_password", "wrong", "This is not the password.");
    const std::string newOne = in.newPassword.value;
    const std::string fresh = co_await tenancy.kernel.workers.run([newOne] { return secrets::hashPassword(newOne); });
    const auto set = co_await context.run(kSetPassword, pg::Params::of(context.actor().id, fresh));
    if (!set)
        co_return set.error();
    // Whoever else is signed in as this person is not any more, nor does a token for another password open anything.
    const auto ended =
        co_await context.tx().run({{kEndOthers, pg::Params::of(context.actor().id, context.actor().session)},
                                   {kDropReset, pg::Params::of(context.actor().id)}});
    if (!ended)
        co_return ended.error();
    context.audit({.action = {},
                   .subjectType = "user",
                   .subject = base::toText(context.actor().id),
                   .before = {},
                   .after = {},
                   .reason = {}});
    context.unit().afterCommit([&tenancy] { tenancy.sessions.clear(); });
    co_return Nothing{};
}

void addSessionActions(Tenancy &tenancy)
{
    using access::Policy;
    using http::Method;
    auto &actions = tenancy.kernel.actions;
    actions.add({.name = "tenancy.sign_in",
                 .method = Method::Post,
                 .route = "/v1/sessions",
                 .summary = "Signs in with address and password",
                 .policy = Policy::anyone(),
                 .effect = actions::Effect::Writes,
                 .load = actions::LoadClass::Critical,
                 .bodyMax = 4096,
                 .status = 201,
                 .limit = "login",
                 .pace = actions::Pace::Slow},
                tenancy, &signIn);
    actions.add({.name = "tenancy.sign_out",
                 .method = Method::Delete,
                 .route = "/v1/sessions/current",
                 .summary = "Ends this login",
                 .policy = Policy::signedIn(),
                 .effect = actions::Effect::Writes},
                tenancy, &signOut);
    actions.add({.name = "tenancy.me",
                 .method = Method::Get,
                 .route = "/v1/me",
                 .summary = "Who is signed in, and what that person may do",
                 .policy = Policy::signedIn()},
                tenancy, &showMe);
    actions.add({.name = "tenancy.change_password",
                 .method = Method::Post,
                 .route = "/v1/me/password",
                 .summary = "Changes one's own password, and ends one's other logins",
                 .policy = Policy::signedIn(),
                 .effect = actions::Effect::Writes,
                 .audited = actions::Audited::Yes,
                 .limit = "password",
                 .pace = actions::Pace::Slow},
                tenancy, &changePassword);
}

} // namespace voelgoed::tenancy
