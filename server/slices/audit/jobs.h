#pragma once

#include "server/slices/audit/audit.h"

namespace voelgoed::audit {

inline constexpr std::int32_t kMonthsAhead = 12; ///< that have their partition
inline constexpr std::int32_t kMonthsKept = 24;  ///< before this one: older ones are archived

/// What the clock does with the trail: `audit.verify` and `audit.drop_forgotten_keys`, each night;
/// `audit.make_partitions` and `audit.archive`, each month. Called once, while the slice is made; `audit` outlives
/// them.
void addJobs(Audit &audit);

/// Recomputes every organization's chain. Of each that does not hold it says so in the log, and on audit:org:{org}
/// (audit.broken.v1). How many do not.
async::Task<base::Result<std::size_t>> verifyAll(Audit &audit, jobs::Attempt &attempt);

} // namespace voelgoed::audit
