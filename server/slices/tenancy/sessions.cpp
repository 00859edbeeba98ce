#include "server/slices/tenancy/sessions.h"

#include "server/platform/limits/login.h"
#include "server/platform/secrets/token.h"
#include "shared/base/text.h"

namespace voelgoed::tenancy {

using async::Task;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr pg::Sql kFindSession{R"(
SELECT session_id, user_id, organization_id, role, grants, is_platform_admin, is_platform_staff, reason, name, expires_at,
       organization_status, bound_to
FROM tenancy.find_session($1))"};

constexpr std::string_view kBearer = "Bearer ";

access::Actor actorOf(const pg::Rows::Row &row)
{
    access::Actor actor;
    actor.kind = access::ActorKind::User;
    actor.session = row.get<base::Uuid>(0);
    actor.id = row.get<base::Uuid>(1);
    const auto organization = row.get<std::optional<base::Uuid>>(2);
    const auto role = row.get<std::optional<std::string>>(3);
    actor.platformStaff = row.get<bool>(6);
    actor.reason = row.get<std::string>(7);
    actor.name = row.get<std::string>(8);
    const bool admin = row.get<bool>(5);
    actor.platformAdmin = admin;
    if (role) {
        actor.organization = organization;
        actor.role = access::roleFrom(*role);
        for (const std::string &grant : row.get<std::vector<std::string>>(4)) {
            if (const auto permission = access::permissionFrom(grant))
                actor.grants.insert(*permission);
        }
    } else if (admin) {
        // A platform administrator is nobody's member, and acts in an organization with a reason.
        actor.kind = access::ActorKind::SuperAdmin;
        actor.organization = organization;
    }
    return actor;
}

/// Mostly it is the very same address.
bool isFrom(const std::string &address, const std::string &peer)
{
    return address.empty() || address == peer || limits::networkOf(address) == limits::networkOf(peer);
}

} // namespace

tiers::CacheOptions sessionCacheOptions()
{
    return {.capacity = 20'000, .fresh = 400ms, .staleMax = 15min, .missing = 0ms};
}

Task<Result<SessionCache::Shared>> loadSession(work::Database &database, base::Digest tokenHash)
{
    const auto rows = co_await database.read(work::kPlatform, kFindSession, pg::Params::of(base::ByteView(tokenHash)));
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return SessionCache::Shared();
    co_return std::make_shared<const Session>(
        Session{actorOf(rows->front()), rows->front().get<base::Instant>(9), rows->front().get<std::string>(11)});
}

Task<Result<std::optional<access::Actor>>> SessionAuthenticator::authenticate(const http::Request &request)
{
    const std::string_view field = request.fields["Authorization"];
    if (!field.starts_with(kBearer) || !secrets::isToken(secrets::TokenKind::Session, field.substr(kBearer.size())))
        co_return std::optional<access::Actor>();
    const auto session = co_await m_sessions.get(secrets::hashOfToken(field.substr(kBearer.size())));
    if (!session)
        co_return session.error();
    if (!*session || (*session)->expiresAt <= m_clock.now().wall)
        co_return base::Error{base::ErrorCode::Unauthorized, "no such session", "Sign in again.", "session_ended"};
    if (!isFrom((*session)->address, request.peer))
        co_return base::Error{base::ErrorCode::Unauthorized, "a login of another network",
                              "Sign in again: this login was begun in another network.", "session_elsewhere"};
    access::Actor actor = (*session)->actor;
    // With each request of a platform administrator the reason may be another one, and never none.
    if (actor.kind == access::ActorKind::SuperAdmin) {
        const std::string reason = base::printable(request.fields["Voelgoed-Reason"], 500);
        if (reason.find_first_not_of(' ') != std::string::npos)
            actor.reason = reason;
    }
    // The platform's people say where the organization's consent is written down.
    if (actor.platformStaff || actor.platformAdmin)
        actor.approval = base::printable(request.fields["Voelgoed-Approval"], 200);
    co_return std::optional(std::move(actor));
}

} // namespace voelgoed::tenancy
