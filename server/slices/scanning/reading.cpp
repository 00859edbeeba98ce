#include "server/slices/scanning/reading.h"

#include "shared/protocol/cursor.h"

#include <algorithm>

namespace voelgoed::scanning {

using async::Task;
using base::Result;

namespace {

// More changes than this behind: the snapshot is the shorter way.
constexpr std::int64_t kBehindMax = 200'000;

// What one answer holds of changes: well below protocol::kExchangeMax.
constexpr std::size_t kBytesMax = std::size_t{2} << 20;
constexpr std::size_t kOverhead = 32;

// One statement, so that all of it is of one moment.
constexpr pg::Sql kRead{R"(
WITH feed AS (
    SELECT epoch, head, definition_seq, definition, list_checksum, history_checksum, tickets, sends_names
    FROM scanning.feeds WHERE organization_id = app.org() AND event_id = $1),
changes AS (
    (SELECT seq, 1::smallint AS kind, message AS bytes,
        CASE WHEN (SELECT sends_names FROM feed) THEN holder ELSE '' END AS holder
     FROM scanning.feed_tickets
     WHERE organization_id = app.org() AND event_id = $1 AND seq > $2 ORDER BY seq LIMIT $3)
    UNION ALL
    (SELECT feed_seq, 2::smallint, passage, '' FROM scanning.scans
     WHERE organization_id = app.org() AND event_id = $1 AND feed_seq > $2 AND feed_seq > 0 ORDER BY feed_seq LIMIT $3)
    UNION ALL
    SELECT definition_seq, 0::smallint, definition, '' FROM feed WHERE definition_seq > $2)
SELECT f.epoch, f.head, f.definition_seq, NULL::bytea, f.list_checksum, f.history_checksum, f.tickets, c.seq, c.kind, c.bytes,
       c.holder
FROM feed f LEFT JOIN (SELECT * FROM changes ORDER BY seq LIMIT $3) c ON true
ORDER BY c.seq)"};

protocol::Change changeOf(const pg::Rows::Row &row)
{
    protocol::Change change;
    change.sequence = static_cast<std::uint64_t>(row.get<std::int64_t>(7));
    auto bytes = row.get<base::Bytes>(9);
    switch (row.get<std::int16_t>(8)) {
    case 0:
        change.what = protocol::DefinitionChange{std::move(bytes)};
        break;
    case 1:
        change.what = protocol::TicketChange{std::move(bytes), row.get<std::string>(10)};
        break;
    default:
        change.what = protocol::PassageChange{std::move(bytes)};
    }
    return change;
}

} // namespace

base::Bytes cursorScope(const base::Uuid &organization, const base::Uuid &event)
{
    base::Bytes scope(organization.begin(), organization.end());
    scope.insert(scope.end(), event.begin(), event.end());
    return scope;
}

Task<Result<Reading>> readFeed(work::Database &database, base::Uuid organization, base::Uuid event, Stand stand,
                               base::Digest cursorKey)
{
    const auto limit = static_cast<std::int64_t>(protocol::kSliceMax);
    const auto rows = co_await database.read(organization, kRead, pg::Params::of(event, stand.after, limit + 1));
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return base::Error{base::ErrorCode::NotFound, "no feed", "There is no such event.", "not_found"};
    const FeedHead head = headOf(rows->front());
    Reading reading;
    if (stand.epoch != head.epoch || stand.after > head.head) {
        reading.snapshot = stand.epoch == 0 ? protocol::SnapshotReason::First : protocol::SnapshotReason::Epoch;
        co_return reading;
    }
    if (head.head - stand.after > kBehindMax) {
        reading.snapshot = protocol::SnapshotReason::Behind;
        co_return reading;
    }
    if (stand.after == head.head && (stand.list != head.list || stand.history != head.history)) {
        reading.snapshot = protocol::SnapshotReason::Checksum;
        co_return reading;
    }
    protocol::FeedSlice slice{.epoch = static_cast<std::uint32_t>(head.epoch),
                              .after = static_cast<std::uint64_t>(stand.after),
                              .through = static_cast<std::uint64_t>(head.head),
                              .head = static_cast<std::uint64_t>(head.head),
                              .changes = {},
                              .cursor = {},
                              .checksum = {},
                              .history = {}};
    const std::size_t changes = rows->front().isNull(7) ? 0 : rows->size();
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < std::min(changes, protocol::kSliceMax) && bytes < kBytesMax; ++i) {
        slice.changes.push_back(changeOf((*rows)[i]));
        bytes += static_cast<std::size_t>((*rows)[i].get<base::ByteView>(9).size()) + kOverhead;
    }
    if (slice.changes.size() < changes) {
        slice.through = slice.changes.back().sequence;
    } else {
        slice.checksum = head.list;
        slice.history = head.history;
    }
    slice.cursor = protocol::sealCursor({.epoch = slice.epoch, .sequence = slice.through},
                                        cursorScope(organization, event), cursorKey);
    reading.slice = std::move(slice);
    co_return reading;
}

} // namespace voelgoed::scanning
