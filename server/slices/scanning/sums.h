#pragma once

#include "server/platform/pg/pool.h"
#include "server/slices/scanning/plan.h"

/// What an event's rows add up to: what its counters were counted from, and are set right by.
namespace voelgoed::scanning {

/// What a passage adds to its gate's sums. One that says that it is of later than it came (the device's clock was
/// wrong) opens no span that has not begun.
GateDelta deltaOf(const protocol::PassageRecord &passage, std::int64_t persons, const admission::Rulebook *rulebook,
                  base::Instant receivedAt);

/// Of all passages up to a place in the feed, one after the other, as batches count them; `refused` is 0. Corrupt when
/// a passage in the database cannot be read.
async::Task<base::Result<std::map<GateKey, GateDelta>>>
sumsOfPassages(pg::Tx &tx, base::Uuid event, std::int64_t head, std::shared_ptr<const admission::Rulebook> rulebook);

/// Counts anew who came since the latest closing, at the checkpoints that close at other times by the new definition
/// than by the old one, or in another zone. In a transaction that has locked the feed, which stands at `head`; copies
/// of the figures see that they are behind.
async::Task<base::Result<void>> recountClosings(pg::Tx &tx, base::Uuid event, std::int64_t head, base::ByteView before,
                                                base::ByteView after);

} // namespace voelgoed::scanning
