#include "server/slices/scanning/scanning.h"

namespace voelgoed::scanning {

Scanning::Scanning(platform::Kernel &given, contracts::Devices &known)
    : kernel(given),
      devices(known),
      waiting(given.executor),
      feed(waiting),
      lanes({.executor = given.executor, .database = given.database, .random = given.random, .waiting = waiting}),
      snapshots(given)
{}

} // namespace voelgoed::scanning
