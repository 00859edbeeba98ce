#pragma once

#include "server/platform/redis/client.h"

namespace voelgoed::limits {

/// arithmetic.h in Redis, for several rules at once: takes from all or from none.
/// KEYS: a memory each. ARGV, four for each key: "s" or "w", step, most, cost. Answers its time in microseconds, and
/// four numbers for each key: whether it alone allows, remaining, retry, reset.
extern const redis::Script kTakeScript;

} // namespace voelgoed::limits
