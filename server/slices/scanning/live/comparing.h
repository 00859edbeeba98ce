#pragma once

#include "server/slices/scanning/live/cold.h"

namespace voelgoed::scanning {

/// The first place where an event's figures in Redis are not what the rows say, such as "occupancy" or "claims of
/// main": nothing when they agree. Both have to be at one batch, from beginning to end: the caller looks to that.
async::Task<base::Result<std::optional<std::string>>> findDrift(work::Database &database, redis::Client &redis,
                                                                EventKey event, std::string epoch, ColdFigures figures);

} // namespace voelgoed::scanning
