#include "server/slices/tenancy/tenancy.h"

namespace voelgoed::tenancy {

Tenancy::Tenancy(platform::Kernel &given)
    : kernel(given),
      sessions({given.executor, given.clock, given.random}, sessionCacheOptions(),
               [&given](base::Digest hash) { return loadSession(given.database, hash); }),
      devices({given.executor, given.clock, given.random}, deviceCacheOptions(),
              [&given](std::string id) { return loadDevice(given.database, std::move(id)); }),
      organizations(given.executor, given.database, given.clock, given.random)
{}

base::Result<void> isOwn(actions::Context &context, const base::Uuid &organization)
{
    if (context.actor().organization != organization)
        return actions::notFound("organization");
    return {};
}

} // namespace voelgoed::tenancy
