#pragma once

#include "server/platform/actions/dispatcher.h"
#include "server/platform/limits/limiter.h"
#include "server/platform/tiers/cached.h"
#include "server/slices/api/usage.h"

namespace voelgoed::api {

inline constexpr std::int64_t kCallsPerDay = 1'000'000; ///< of an organization for which nothing else was set
inline constexpr std::int64_t kCallsPerDayMax = 1'000'000'000;

/// Of a key, and of all keys of an organization together.
extern const limits::Policy kKeyPolicy, kOrganizationPolicy;

/// An organization's quota as a limit: what is used comes back evenly over a day.
limits::Policy quotaPolicy(std::int64_t callsPerDay);

/// Quotas by organization, as text.
using QuotaCache = tiers::Cached<std::string, limits::Policy>;

tiers::CacheOptions quotaCacheOptions();
async::Task<base::Result<QuotaCache::Shared>> loadQuota(work::Database &database, std::string organization);

/// Counts the calls of API keys against their limits; calls of others are not its business.
class KeyThrottle final : public actions::Throttle
{
public:
    struct Parts
    {
        limits::Limiter &limiter;
        QuotaCache &quotas;
        Usage &usage;
        base::Clock &clock;
    };
    explicit KeyThrottle(Parts parts) : m_parts(parts) {}

    async::Task<Verdict> count(const actions::Declaration &declaration, const access::Actor &actor,
                               const http::Request &request) override;

private:
    Parts m_parts;
};

} // namespace voelgoed::api
