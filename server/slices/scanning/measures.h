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

inline constexpr metrics::Family kDoubles{"vg_scan_doubles_total", "Tickets that were let in once more than they allow",
                                          metrics::Kind::Counter};

/// Of each batch that devices brought: its oldest scan.
inline constexpr metrics::Family kDeviceLag{"vg_device_lag_seconds",
                                            "From a scan at a gate until it was written down here",
                                            metrics::Kind::Histogram,
                                            {},
                                            metrics::Buckets::Lag};

} // namespace voelgoed::scanning
