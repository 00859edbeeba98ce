#pragma once

#include "server/platform/metrics/metrics.h"
#include "server/platform/tiers/cached.h"

namespace voelgoed::platform {

/// Counts the look-ups of a cache of the hot tier under its name ("tenancy.sessions"), which has static storage.
/// `metrics` outlives it.
tiers::CacheObserver countsOf(metrics::Registry &metrics, const char *cache);

} // namespace voelgoed::platform
