#include "server/slices/scanning/live/cold.h"

namespace voelgoed::scanning {

using async::Task;
using base::Result;
using protocol::PassageRecord;

namespace {

// One statement, so that all of it is of one moment.
constexpr pg::Sql kFigures{R"(
SELECT 0::smallint, '', '', f.batches, f.head, coalesce((
    SELECT max(s.ordinal) FROM scanning.scans s
    WHERE s.organization_id = app.org() AND s.event_id = $1 AND s.feed_seq IS NOT NULL), 0)::bigint,
    NULL::timestamptz, 0::bigint, 0::bigint
FROM scanning.feeds f WHERE f.organization_id = app.org() AND f.event_id = $1
UNION ALL
SELECT 1::smallint, o.checkpoint, o.gate, o.entries, o.exits, o.refused, o.since, o.since_entries, o.since_exits
FROM scanning.occupancy o
WHERE o.organization_id = app.org() AND o.event_id = $1
UNION ALL
SELECT 2::smallint, s.id, '', s.scans, 0, 0, NULL, 0, 0 FROM scanning.sessions s
WHERE s.organization_id = app.org() AND s.event_id = $1 AND s.scans > 0)"};

constexpr pg::Sql kOfOrdinals{R"(
SELECT passage FROM scanning.scans
WHERE organization_id = app.org() AND event_id = $1 AND ordinal >= $2 AND ordinal < $3 AND feed_seq <= $4)"};

// Ticket by ticket, each in its index: see store_facts.cpp.
constexpr pg::Sql kBetween{R"(
SELECT s.passage FROM (
    SELECT DISTINCT ordinal FROM scanning.scans
    WHERE organization_id = app.org() AND event_id = $1 AND feed_seq > $2 AND feed_seq > 0 AND feed_seq <= $3) AS used
CROSS JOIN LATERAL (
    SELECT passage FROM scanning.scans
    WHERE organization_id = app.org() AND event_id = $1 AND ordinal = used.ordinal AND feed_seq IS NOT NULL
        AND feed_seq <= $3 OFFSET 0) s
LIMIT $4)"};

Result<std::vector<Claim>> claimsOf(const pg::Rows &rows)
{
    std::map<std::uint32_t, std::vector<PassageRecord>> passages;
    for (const auto row : rows) {
        auto passage = protocol::decodePassage(row.get<base::Bytes>(0));
        if (!passage)
            return base::corrupt("a passage in the database: " + passage.error().message);
        passages[passage->ordinal.value].push_back(*std::move(passage));
    }
    std::map<CountKey, std::vector<PassageRecord>> counts;
    for (const auto &[ordinal, all] : passages) {
        // Also where all was taken back, so that what was told of it before is told again.
        for (const PassageRecord &record : all)
            counts[{record.checkpoint.text, ordinal}];
        for (PassageRecord &record : standing(all))
            counts[{record.checkpoint.text, ordinal}].push_back(std::move(record));
    }
    std::vector<Claim> claims;
    claims.reserve(counts.size());
    for (const auto &[key, records] : counts)
        claims.push_back(claimOf(key, records));
    return claims;
}

} // namespace

Task<Result<ColdFigures>> readFigures(work::Database &database, EventKey event)
{
    const auto rows = co_await database.read(event.organization, kFigures, pg::Params::of(event.event));
    if (!rows)
        co_return rows.error();
    ColdFigures figures;
    bool isThere = false;
    for (const auto row : *rows) {
        const auto number = [&](std::size_t column) { return row.get<std::int64_t>(column); };
        switch (row.get<std::int16_t>(0)) {
        case 0:
            isThere = true;
            figures.batch = number(3);
            figures.head = number(4);
            figures.ordinalMax = static_cast<std::uint32_t>(number(5));
            break;
        case 1:
            figures.gates.push_back({.of = {row.get<std::string>(1), row.get<std::string>(2)},
                                     .sum = {.entries = number(3),
                                             .exits = number(4),
                                             .refused = number(5),
                                             .since = row.get<base::Instant>(6),
                                             .sinceEntries = number(7),
                                             .sinceExits = number(8)}});
            break;
        case 2:
            figures.sessions.push_back({row.get<std::string>(1), number(3)});
        }
    }
    if (!isThere)
        co_return base::Error{base::ErrorCode::NotFound, "no feed", "There is no such event.", "not_found"};
    std::sort(figures.gates.begin(), figures.gates.end(), [](const auto &a, const auto &b) { return a.of < b.of; });
    co_return figures;
}

Task<Result<std::vector<Claim>>> readClaims(work::Database &database, EventKey event, ClaimRange range)
{
    const auto first = static_cast<std::int32_t>(range.first);
    const auto rows = co_await database.read(
        event.organization, kOfOrdinals,
        pg::Params::of(event.event, first, first + static_cast<std::int32_t>(range.count), range.head));
    if (!rows)
        co_return rows.error();
    co_return claimsOf(*rows);
}

Task<Result<std::optional<std::vector<Claim>>>> readClaimsBetween(work::Database &database, EventKey event,
                                                                  std::int64_t after, std::int64_t head)
{
    const auto rows = co_await database.read(event.organization, kBetween,
                                             pg::Params::of(event.event, after, head, kCaughtUpMax + 1));
    if (!rows)
        co_return rows.error();
    if (rows->size() > static_cast<std::size_t>(kCaughtUpMax))
        co_return std::optional<std::vector<Claim>>();
    auto claims = claimsOf(*rows);
    if (!claims)
        co_return claims.error();
    co_return std::optional(std::move(*claims));
}

} // namespace voelgoed::scanning
