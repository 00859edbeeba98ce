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

} // namespace voelgoed::scanning
