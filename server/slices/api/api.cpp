#include "server/slices/api/api.h"

#include "server/platform/kernel/cache_counts.h"
#include "server/platform/metrics/families.h"

namespace voelgoed::api {

Api::Api(platform::Kernel &given, Needs asked)
    : kernel(given),
      needs(asked),
      keys({given.executor, given.clock, given.random, platform::countsOf(given.metrics, "api.keys")},
           keyCacheOptions(), [&given](base::Digest hash) { return loadKey(given.database, hash); }),
      usage(given.behind),
      quotas({given.executor, given.behind, given.redis, given.clock, given.random, usage}),
      throttle({given.limiter, quotas, usage, given.clock, [&given](const limits::Policy &policy) {
                    given.metrics.counter(metrics::kRateLimited, {policy.name}).add();
                }})
{}

} // namespace voelgoed::api
