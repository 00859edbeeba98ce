#pragma once

#include "server/contracts/event_feed.h"
#include "server/slices/scanning/waiting.h"
#include "shared/bitmap/checksum.h"
#include "shared/protocol/feed.h"

namespace voelgoed::scanning {

/// The feeds in Postgres. Superseded changes are replaced, so that the table is always the shortest way from zero.
class Feed final : public contracts::EventFeed
{
public:
    explicit Feed(Waiting &waiting) : m_waiting(waiting) {}

    async::Task<base::Result<void>> open(pg::Tx &tx, base::Uuid event) override;
    async::Task<base::Result<void>> putTickets(pg::Tx &tx, base::Uuid event,
                                               std::vector<contracts::FeedTicket> tickets) override;
    async::Task<base::Result<void>> putDefinition(pg::Tx &tx, base::Uuid event, base::Bytes definition) override;
    void wake(base::Uuid event) override { m_waiting.wake(event); }

private:
    Waiting &m_waiting;
};

/// A feed's row, locked until the transaction ends.
struct FeedHead
{
    std::int32_t epoch = 1;
    std::int64_t head = 0;
    std::int64_t definitionSeq = 0;
    std::optional<base::Bytes> definition;
    bitmap::RollingChecksum list, history;
    std::int32_t tickets = 0;
};

/// NotFound for an event without one.
async::Task<base::Result<FeedHead>> lockFeed(pg::Tx &tx, base::Uuid event);

/// A feed's head from the row of a SELECT of kFeedColumns, beginning at `first`.
inline constexpr const char *kFeedColumns =
    "epoch, head, definition_seq, definition, list_checksum, history_checksum, tickets";
FeedHead headOf(const pg::Rows::Row &row, std::size_t first = 0);

} // namespace voelgoed::scanning
