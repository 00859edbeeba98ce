#include "server/slices/scanning/reconcile.h"

#include "server/slices/scanning/sums.h"

namespace voelgoed::scanning {

using async::Task;
using base::Result;

namespace {

constexpr pg::Sql kHead{R"(
SELECT epoch, head, definition_seq, definition, list_checksum, history_checksum, tickets
FROM scanning.feeds WHERE organization_id = app.org() AND event_id = $1)"};

// One statement, so that all of it is of one moment.
constexpr pg::Sql kCounters{R"(
SELECT 0::smallint, '', '', f.head, 0::bigint, 0::bigint, NULL::timestamptz, 0::bigint, 0::bigint
FROM scanning.feeds f WHERE f.organization_id = app.org() AND f.event_id = $1
UNION ALL
SELECT 1::smallint, o.checkpoint, o.gate, o.entries, o.exits, o.refused, o.since, o.since_entries, o.since_exits
FROM scanning.occupancy o WHERE o.organization_id = app.org() AND o.event_id = $1
UNION ALL
SELECT 2::smallint, s.checkpoint, s.gate, 0, 0, count(*), NULL, 0, 0 FROM scanning.scans s
WHERE s.organization_id = app.org() AND s.event_id = $1 AND s.at IS NOT NULL AND s.outcome NOT IN ('admit', 'undo')
    AND NOT s.is_test
GROUP BY s.checkpoint, s.gate
UNION ALL
SELECT 3::smallint, c.id, '', c.scans, 0, 0, NULL, 0, 0 FROM scanning.sessions c
WHERE c.organization_id = app.org() AND c.event_id = $1 AND c.scans <> 0
UNION ALL
SELECT 4::smallint, s.session, '', count(*), 0, 0, NULL, 0, 0 FROM scanning.scans s
WHERE s.organization_id = app.org() AND s.event_id = $1 AND s.at IS NOT NULL AND s.outcome <> 'undo' AND s.session <> ''
GROUP BY s.session)"};

constexpr pg::Sql kPutGates{R"(
INSERT INTO scanning.occupancy AS o (organization_id, event_id, checkpoint, gate, entries, exits, refused, since,
    since_entries, since_exits)
SELECT app.org(), $1, checkpoint, gate, entries, exits, refused, since, since_entries, since_exits
FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::timestamptz[], $8::bigint[],
    $9::bigint[]) AS new (checkpoint, gate, entries, exits, refused, since, since_entries, since_exits)
ON CONFLICT (organization_id, event_id, checkpoint, gate) DO UPDATE
SET entries = excluded.entries, exits = excluded.exits, refused = excluded.refused, since = excluded.since,
    since_entries = excluded.since_entries, since_exits = excluded.since_exits)"};

constexpr pg::Sql kPutSessions{R"(
UPDATE scanning.sessions s SET scans = new.scans FROM unnest($2::text[], $3::bigint[]) AS new (id, scans)
WHERE s.organization_id = app.org() AND s.event_id = $1 AND s.id = new.id)"};

constexpr pg::Sql kNumber{R"(
UPDATE scanning.feeds SET batches = batches + 1 WHERE organization_id = app.org() AND event_id = $1)"};

struct Counters
{
    std::map<GateKey, GateDelta> gates;
    std::map<std::string, std::int64_t> sessions;
};

struct Compared
{
    Counters stored, counted;
};

Task<Result<Compared>> compare(pg::Tx &tx, base::Uuid event, Rulebooks &rulebooks)
{
    std::vector<pg::Query> queries;
    queries.push_back({kHead, pg::Params::of(event)});
    queries.push_back({kCounters, pg::Params::of(event)});
    const auto read = co_await tx.run(std::move(queries));
    if (!read)
        co_return read.error();
    if (read->front().empty())
        co_return base::Error{base::ErrorCode::NotFound, "no feed", "There is no such event.", "not_found"};
    std::shared_ptr<const admission::Rulebook> rulebook;
    if (const auto book = rulebooks.of(event, headOf(read->front().front())))
        rulebook = {book, &book->rulebook};
    Compared compared;
    std::int64_t head = 0;
    std::map<GateKey, std::int64_t> refused;
    for (const auto row : (*read)[1]) {
        const GateKey gate{row.get<std::string>(1), row.get<std::string>(2)};
        const auto number = [&](std::size_t column) { return row.get<std::int64_t>(column); };
        switch (row.get<std::int16_t>(0)) {
        case 0:
            head = number(3);
            break;
        case 1:
            compared.stored.gates[gate] = {.entries = number(3),
                                           .exits = number(4),
                                           .refused = number(5),
                                           .since = row.get<base::Instant>(6),
                                           .sinceEntries = number(7),
                                           .sinceExits = number(8)};
            break;
        case 2:
            refused[gate] = number(5);
            break;
        case 3:
            compared.stored.sessions[gate.checkpoint] = number(3);
            break;
        case 4:
            compared.counted.sessions[gate.checkpoint] = number(3);
        }
    }
    auto sums = co_await sumsOfPassages(tx, event, head, rulebook);
    if (!sums)
        co_return sums.error();
    compared.counted.gates = std::move(*sums);
    for (const auto &[gate, count] : refused)
        compared.counted.gates[gate].refused = count;
    co_return compared;
}

Drift driftOf(const Compared &compared)
{
    Drift drift;
    std::set<GateKey> gates;
    std::set<std::string> sessions;
    for (const Counters *counters : {&compared.stored, &compared.counted}) {
        for (const auto &[gate, sum] : counters->gates)
            gates.insert(gate);
        for (const auto &[session, scans] : counters->sessions)
            sessions.insert(session);
    }
    const auto of = [](const auto &map, const auto &key) {
        const auto found = map.find(key);
        return found == map.end() ? typename std::decay_t<decltype(map)>::mapped_type{} : found->second;
    };
    for (const GateKey &gate : gates) {
        if (!(of(compared.stored.gates, gate) == of(compared.counted.gates, gate)))
            drift.gates.push_back(gate);
    }
    for (const std::string &session : sessions) {
        if (of(compared.stored.sessions, session) != of(compared.counted.sessions, session))
            drift.sessions.push_back(session);
    }
    return drift;
}

std::vector<pg::Query> statementsFor(const base::Uuid &event, const Drift &drift, Counters counted)
{
    std::vector<std::string> checkpoints, gates;
    std::vector<std::int64_t> entries, exits, refused, sinceEntries, sinceExits, scans;
    std::vector<base::Instant> since;
    for (const GateKey &gate : drift.gates) {
        const GateDelta &sum = counted.gates[gate];
        checkpoints.push_back(gate.checkpoint);
        gates.push_back(gate.gate);
        entries.push_back(sum.entries);
        exits.push_back(sum.exits);
        refused.push_back(sum.refused);
        since.push_back(sum.since);
        sinceEntries.push_back(sum.sinceEntries);
        sinceExits.push_back(sum.sinceExits);
    }
    for (const std::string &session : drift.sessions)
        scans.push_back(counted.sessions[session]);
    std::vector<pg::Query> queries;
    queries.push_back({kPutGates, pg::Params::of(event, checkpoints, gates, entries, exits, refused, since,
                                                 sinceEntries, sinceExits)});
    queries.push_back({kPutSessions, pg::Params::of(event, drift.sessions, scans)});
    queries.push_back({kNumber, pg::Params::of(event)});
    return queries;
}

} // namespace

Task<Result<Drift>> reconcileCounters(work::Database &database, EventKey event, Rulebooks &rulebooks)
{
    const work::Database::Who who{access::Actor::system(event.organization, "reconciliation"), {}};
    {
        auto looking = co_await database.begin(who);
        if (!looking)
            co_return looking.error();
        const auto compared = co_await compare(looking->tx(), event.event, rulebooks);
        if (!compared)
            co_return compared.error();
        if (driftOf(*compared).empty())
            co_return Drift();
    }
    auto unit = co_await database.begin(who);
    if (!unit)
        co_return unit.error();
    if (const auto locked = co_await lockFeed(unit->tx(), event.event); !locked)
        co_return locked.error();
    auto compared = co_await compare(unit->tx(), event.event, rulebooks);
    if (!compared)
        co_return compared.error();
    Drift drift = driftOf(*compared);
    if (drift.empty())
        co_return drift;
    const auto committed =
        co_await database.commit(*unit, statementsFor(event.event, drift, std::move(compared->counted)));
    if (!committed)
        co_return committed.error();
    co_return drift;
}

} // namespace voelgoed::scanning
