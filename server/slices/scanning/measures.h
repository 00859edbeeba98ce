#pragma once

#include "server/platform/metrics/metrics.h"

namespace voelgoed::scanning {

/// "json": one scan that is judged here, from its request to the commit. "exchange": what one device brought for one
/// event, from when it was read to the commit.
inline constexpr metrics::Family kValidateSeconds{"vg_scan_validate_seconds",
                                                  "Scans, until they are judged and written down",
                                                  metrics::Kind::Histogram,
                                                  {"way"},
                                                  metrics::Buckets::Fast};

/// "rows": counters in Postgres that were not what the scans add up to. "copies": figures in Redis that were not what
/// Postgres says, though they were as far. Both are set right; each is a bug or somebody's hand.
inline constexpr metrics::Family kDrift{
    "vg_scan_drift_total", "Events whose counters were found to be wrong", metrics::Kind::Counter, {"place"}};

} // namespace voelgoed::scanning
