#pragma once

#include "server/platform/work/database.h"

namespace voelgoed::scanning {

inline constexpr std::chrono::hours kSilentMax{12};

/// Ends shifts that nobody has scanned in for kSilentMax, of all organizations. A late row still joins its shift.
async::Task<base::Result<void>> closeSilentShifts(work::Database &database);

} // namespace voelgoed::scanning
