#pragma once

#include "server/platform/redis/client.h"
#include "server/platform/redis/keys.h"
#include "server/platform/tiers/cached.h"
#include "server/slices/api/usage.h"

namespace voelgoed::api {

inline constexpr std::int64_t kCallsPerDay = 1'000'000; ///< of an organization for which nothing else was set
inline constexpr std::int64_t kCallsPerDayMax = 1'000'000'000;

/// Calls of an organization's keys by day of UTC: a hash for each month.
inline constexpr redis::Key kQuotaKey{"vg:{org}:quota:{month}", redis::KeyType::Hash,
                                      std::chrono::duration_cast<base::Milliseconds>(std::chrono::days(40)),
                                      "api: from usage_daily"};

/// How much of a day's quota was used.
struct DayUse
{
    std::int64_t limit = 0, used = 0;
    bool allowed = false;
    base::Milliseconds untilMidnight{}; ///< of UTC, when the count begins anew

    std::int64_t remaining() const { return std::max<std::int64_t>(0, limit - used); }
};

/// Counts the calls of organizations' keys against their quotas a day, exactly: in Redis, or while it is away in this
/// process alone, which then starts from what was written down. When four fifths and when all of a quota was used,
/// `api.quota_warning.v1` says so, once a day each. The server's thread; outlives its coroutines.
class DayQuotas
{
public:
    struct Parts
    {
        async::Executor executor;
        work::Database &database; ///< where nobody waits for it
        redis::Client &redis;
        base::Clock &clock;
        base::Random &random;
        Usage &usage; ///< what this process has counted and not written down
    };
    explicit DayQuotas(Parts parts);

    /// Takes `calls` of today's quota, or none of them. Nothing: neither Redis nor Postgres says what the quota is.
    async::Task<std::optional<DayUse>> take(base::Uuid organization, std::int64_t calls);

    /// The quota was set anew.
    void forget(const base::Uuid &organization) { m_limits.invalidate(base::toText(organization)); }

private:
    struct Today
    {
        std::int64_t day = 0; ///< since 1970
        std::int64_t used = 0;
        std::int64_t owed = 0; ///< of those, what Redis has not heard of
    };
    struct Taking
    {
        std::int64_t calls = 0, limit = 0;
        std::int64_t owed = 0; ///< taken before, while Redis was away
    };
    async::Task<base::Result<std::pair<bool, std::int64_t>>> takeInRedis(base::Uuid organization, base::Instant now,
                                                                         Taking taking);
    async::Task<std::pair<bool, std::int64_t>> takeHere(base::Uuid organization, std::int64_t day, std::int64_t calls,
                                                        std::int64_t limit);
    async::Task<base::Result<std::int64_t>> writtenDown(base::Uuid organization, std::int64_t day);
    async::Task<void> warn(base::Uuid organization, std::int64_t day, int percent, DayUse use);

    Parts m_parts;
    tiers::Cached<std::string, std::int64_t> m_limits; ///< by organization, as text
    std::map<base::Uuid, Today> m_here;                ///< while Redis is away
};

} // namespace voelgoed::api
