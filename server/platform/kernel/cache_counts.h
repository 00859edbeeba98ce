#pragma once

#include "server/platform/metrics/metrics.h"
#include "server/platform/tiers/cached.h"

namespace voelgoed::platform {

enum class Tier { Hot, Warm };

/// Counts the look-ups of a cache under its name ("tenancy.sessions"), which has static storage. `metrics` outlives
/// it.
tiers::CacheObserver countsOf(metrics::Registry &metrics, const char *cache, Tier tier = Tier::Hot);

} // namespace voelgoed::platform
