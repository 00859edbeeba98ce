#include "server/platform/kernel/cache_counts.h"

#include "server/platform/metrics/families.h"

namespace voelgoed::platform {

tiers::CacheObserver countsOf(metrics::Registry &metrics, const char *cache, Tier tier)
{
    const auto count = [&](const char *result) {
        return metrics.counter(metrics::kCacheRequests, {tier == Tier::Hot ? "hot" : "warm", cache, result});
    };
    // Looked up once: a hit is a matter of a microsecond.
    return [hit = count("hit"), miss = count("miss"), joined = count("joined"), stale = count("stale"),
            failed = count("failed")](tiers::CacheResult result) {
        switch (result) {
        case tiers::CacheResult::Hit:
            return hit.add();
        case tiers::CacheResult::Miss:
            return miss.add();
        case tiers::CacheResult::Joined:
            return joined.add();
        case tiers::CacheResult::Stale:
            return stale.add();
        case tiers::CacheResult::Failed:
            return failed.add();
        }
    };
}

} // namespace voelgoed::platform
