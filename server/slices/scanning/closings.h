#pragma once

#include "server/platform/pg/pool.h"
#include "server/slices/scanning/plan.h"

namespace voelgoed::scanning {

/// What a standing passage adds to its gate's sums. One that says that it is of later than it came (the device's clock
/// was wrong) opens no span that has not begun.
GateDelta deltaOf(const protocol::PassageRecord &passage, std::int64_t persons, const admission::Rulebook *rulebook,
                  base::Instant receivedAt);

/// Counts anew who came since the latest closing, at the checkpoints that close at other times by the new definition
/// than by the old one, or in another zone. In a transaction that has locked the feed; copies of the figures see that
/// they are behind. Corrupt when a passage in the database cannot be read.
async::Task<base::Result<void>> recountClosings(pg::Tx &tx, base::Uuid event, base::ByteView before,
                                                base::ByteView after);

} // namespace voelgoed::scanning
