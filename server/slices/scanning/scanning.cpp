#include "server/slices/scanning/scanning.h"

#include "server/slices/scanning/measures.h"

namespace voelgoed::scanning {

Scanning::Scanning(platform::Kernel &given, Needs needs)
    : kernel(given),
      devices(needs.devices),
      badges(needs.badges),
      waiting(given.executor),
      feed(waiting),
      lanes({.executor = given.executor,
             .database = given.database,
             .random = given.random,
             .waiting = waiting,
             .organizations = needs.organizations}),
      guesses(given.limiter),
      judgedHere(given.metrics.histogram(kValidateSeconds, {"json"})),
      brought(given.metrics.histogram(kValidateSeconds, {"exchange"})),
      lag(given.metrics.histogram(kDeviceLag)),
      doubles(given.metrics.counter(kDoubles)),
      snapshots(given)
{}

} // namespace voelgoed::scanning
