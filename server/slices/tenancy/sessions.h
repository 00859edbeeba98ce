#pragma once

#include "server/platform/actions/dispatcher.h"
#include "server/platform/tiers/cached.h"
#include "server/platform/work/database.h"
#include "shared/base/crypto/digest.h"

#include <cstring>

namespace voelgoed::tenancy {

inline constexpr std::chrono::hours kSessionLife{12};

/// A login as the hot tier keeps it.
struct Session
{
    access::Actor actor;
    base::Instant expiresAt;
    std::string address; ///< in whose network alone it holds; empty: anywhere
};

struct DigestHash
{
    std::size_t operator()(const base::Digest &digest) const
    {
        std::size_t hash = 0;
        std::memcpy(&hash, digest.data(), sizeof hash);
        return hash;
    }
};

/// Logins by the hash of their token. Believed for less than half a second, so that a role that was taken away is gone
/// everywhere within that, with Redis or without; while Postgres is away, for a quarter of an hour.
using SessionCache = tiers::Cached<base::Digest, Session, DigestHash>;

tiers::CacheOptions sessionCacheOptions();

async::Task<base::Result<SessionCache::Shared>> loadSession(work::Database &database, base::Digest tokenHash);

/// "Authorization: Bearer vgs_…". Other tokens are somebody else's to read.
class SessionAuthenticator final : public actions::Authenticator
{
public:
    SessionAuthenticator(SessionCache &sessions, base::Clock &clock) : m_sessions(sessions), m_clock(clock) {}

    bool isMeant(const http::Request &head) const override { return head.fields.has("Authorization"); }
    async::Task<base::Result<std::optional<access::Actor>>> authenticate(const http::Request &request) override;

private:
    SessionCache &m_sessions;
    base::Clock &m_clock;
};

} // namespace voelgoed::tenancy
