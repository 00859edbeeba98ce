#include "server/slices/tenancy/tenancy.h"

#include "server/platform/kernel/cache_counts.h"

namespace voelgoed::tenancy {

Tenancy::Tenancy(platform::Kernel &given)
    : kernel(given),
      sessions({given.executor, given.clock, given.random, platform::countsOf(given.metrics, "tenancy.sessions")},
               sessionCacheOptions(), [&given](base::Digest hash) { return loadSession(given.database, hash); }),
      devices({given.executor, given.clock, given.random, platform::countsOf(given.metrics, "tenancy.devices")},
              deviceCacheOptions(), [&given](std::string id) { return loadDevice(given.database, std::move(id)); }),
      organizations(given)
{}

base::Result<void> isOwn(actions::Context &context, const base::Uuid &organization)
{
    if (context.actor().organization != organization)
        return actions::notFound("organization");
    return {};
}

} // namespace voelgoed::tenancy
