#pragma once

#include "server/contracts/organizations.h"
#include "server/platform/actions/dispatcher.h"
#include "server/platform/tiers/cached.h"
#include "shared/base/crypto/digest.h"

#include <cstring>

namespace voelgoed::api {

inline constexpr std::string_view kLiveMode = "live", kTestMode = "test";

/// A key as the hot tier keeps it.
struct KnownKey
{
    access::Actor actor;
    std::optional<base::Instant> expiresAt, revokedAt;
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

/// Keys by the hash of their secret. Believed for less than half a second, so that a key that was revoked is dead
/// everywhere within that; while Postgres is away, for a quarter of an hour.
using KeyCache = tiers::Cached<base::Digest, KnownKey, DigestHash>;

tiers::CacheOptions keyCacheOptions();
async::Task<base::Result<KeyCache::Shared>> loadKey(work::Database &database, base::Digest hash);

struct StillHold
{
    work::Database &database;
    contracts::Organizations &organizations;
    base::Instant now;
};
/// Which of these keys still are what they were, for sockets: asked of the database, since a cache could only be later.
/// None of an organization that is archived, or is not there.
async::Task<base::Result<std::vector<bool>>> keysStillHold(StillHold from, std::vector<access::Actor> actors);

/// "Authorization: Bearer vgk_…", or vgt_… of a test key. Other tokens are somebody else's to read.
class KeyAuthenticator final : public actions::Authenticator
{
public:
    struct Parts
    {
        KeyCache &keys;
        contracts::Organizations &organizations;
        base::Clock &clock;
    };
    explicit KeyAuthenticator(Parts parts) : m_parts(parts) {}

    bool isMeant(const http::Request &head) const override { return head.fields.has("Authorization"); }
    async::Task<base::Result<std::optional<access::Actor>>> authenticate(const http::Request &request) override;

private:
    Parts m_parts;
};

} // namespace voelgoed::api
