#include "server/slices/api/api.h"

namespace voelgoed::api {

Api::Api(platform::Kernel &given, Needs asked)
    : kernel(given),
      needs(asked),
      keys({given.executor, given.clock, given.random}, keyCacheOptions(),
           [&given](base::Digest hash) { return loadKey(given.database, hash); }),
      quotas({given.executor, given.clock, given.random}, quotaCacheOptions(),
             [&given](std::string organization) { return loadQuota(given.database, std::move(organization)); }),
      usage(given.behind)
{}

} // namespace voelgoed::api
