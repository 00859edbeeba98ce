#include "server/slices/scanning/store_incidents.h"

#include "server/slices/scanning/telling.h"

#include "server/platform/work/pruning.h"
#include "shared/base/crypto/digest.h"
#include "shared/base/text.h"

#include <set>

namespace voelgoed::scanning {

using async::Task;
using base::Result;

namespace {

constexpr pg::Sql kTallies{R"(
SELECT t.kind, t.subject, t.since, t.total, t.marked
FROM unnest($2::text[], $3::text[], $4::timestamptz[]) AS b (kind, subject, since)
JOIN scanning.tallies t ON t.organization_id = app.org() AND t.event_id = $1 AND t.kind = b.kind
    AND t.subject = b.subject AND t.since = b.since)"};

// Of a ticket that is shown without end the last thousand say enough.
constexpr pg::Sql kRepeats{R"(
SELECT r.* FROM unnest($2::int[]) AS asked (number)
CROSS JOIN LATERAL (
    SELECT ordinal, device, epoch, seq, checkpoint, gate, at FROM scanning.repeats
    WHERE organization_id = app.org() AND event_id = $1 AND ordinal = asked.number AND at BETWEEN $3 AND $4
    ORDER BY at DESC LIMIT 1000) r)"};

constexpr pg::Sql kDoubled{R"(
SELECT d.* FROM unnest($2::int[]) AS asked (number)
CROSS JOIN LATERAL (
    SELECT device, epoch, seq FROM scanning.doubles
    WHERE organization_id = app.org() AND event_id = $1 AND ordinal = asked.number OFFSET 0) d)"};

constexpr pg::Sql kInside{R"(
SELECT checkpoint, gate, entries, exits, refused, since, since_entries, since_exits FROM scanning.occupancy
WHERE organization_id = app.org() AND event_id = $1)"};

constexpr pg::Sql kRaised{R"(
SELECT i.kind, i.subject, bool_or(i.state = 'open'), max(i.closed_at)
FROM unnest($2::text[], $3::text[]) AS b (kind, subject)
JOIN scanning.incidents i ON i.organization_id = app.org() AND i.event_id = $1 AND i.kind = b.kind
    AND i.subject = b.subject
GROUP BY i.kind, i.subject)"};

constexpr pg::Sql kSetAside{R"(
SELECT q.hash FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bytea[]) AS b (device, epoch, seq, hash)
CROSS JOIN LATERAL (
    SELECT hash FROM scanning.quarantine
    WHERE organization_id = app.org() AND event_id = $1 AND device = b.device AND epoch = b.epoch AND seq = b.seq
        AND hash = b.hash OFFSET 0) q)"};

constexpr pg::Sql kPutTallies{R"(
INSERT INTO scanning.tallies AS t (organization_id, event_id, kind, subject, since, total, marked)
SELECT app.org(), $1, kind, subject, since, total, marked
FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::bigint[], $6::bigint[])
    AS new (kind, subject, since, total, marked)
ON CONFLICT (organization_id, event_id, kind, subject, since) DO UPDATE
SET total = t.total + excluded.total, marked = t.marked + excluded.marked)"};

constexpr pg::Sql kPutRepeats{R"(
INSERT INTO scanning.repeats (organization_id, event_id, device, epoch, seq, ordinal, checkpoint, gate, at)
SELECT app.org(), $1, device, epoch, seq, ordinal, checkpoint, gate, at
FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::int[], $6::text[], $7::text[], $8::timestamptz[])
    AS new (device, epoch, seq, ordinal, checkpoint, gate, at))"};

constexpr pg::Sql kPutIncidents{R"(
INSERT INTO scanning.incidents (organization_id, event_id, id, kind, severity, subject, facts)
SELECT app.org(), $1, id, kind, severity, subject, facts::jsonb
FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[]) AS new (id, kind, severity, subject, facts)
ON CONFLICT (organization_id, event_id, kind, subject) WHERE state = 'open'
DO UPDATE SET facts = excluded.facts, severity = excluded.severity, updated_at = now())"};

constexpr std::size_t kWatchQueries = 4;
constexpr std::array<std::string_view, 3> kKinds{"gate_minute", "device_hour", "event_minute"};

std::string word(TallyKey::Kind kind)
{
    return std::string(kKinds[static_cast<std::size_t>(kind)]);
}

std::optional<TallyKey::Kind> kindFrom(std::string_view word)
{
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
        if (kKinds[i] == word)
            return static_cast<TallyKey::Kind>(i);
    }
    return std::nullopt;
}

domain::RowKey keyOf(const pg::Rows::Row &row, std::size_t first)
{
    return {.device = {row.get<std::string>(first)},
            .epoch = {static_cast<std::uint32_t>(row.get<std::int64_t>(first + 1))},
            .sequence = {static_cast<std::uint64_t>(row.get<std::int64_t>(first + 2))}};
}

/// Hashes of the rows that could not be taken, by the device that they are of.
struct Aside
{
    struct Row
    {
        base::Digest hash{};
        domain::RowKey key; ///< as it is stored
        std::string by;     ///< whom it is laid to
        std::string reason;
        base::Instant at;
    };
    std::vector<Row> rows;

    Aside(const Plan &plan, const Batch &batch)
    {
        for (const Conflicting &one : plan.quarantined)
            add(one.brought->bytes, one.brought->row.key, one.brought->row.key.device.text, one.reason, batch);
        // What a chain that nobody vouches for is called says nothing of anybody: who brought it is known.
        for (const auto &[unusable, by] : batch.unusable)
            add(unusable->bytes, unusable->key, by, unusable->reason, batch);
    }

private:
    void add(base::ByteView bytes, domain::RowKey key, const std::string &by, const std::string &reason,
             const Batch &batch)
    {
        key.device.text = storedName(key.device.text);
        rows.push_back({base::sha256({bytes}), std::move(key), storedName(by), reason, batch.receivedAt});
    }
};

Task<Result<std::map<std::string, SetAside>>> setAsideBy(pg::Tx &tx, base::Uuid event, Aside aside)
{
    std::map<std::string, SetAside> byDevice;
    if (aside.rows.empty())
        co_return byDevice;
    std::vector<std::string_view> devices;
    std::vector<std::int64_t> epochs, sequences;
    std::vector<base::ByteView> hashes;
    for (const Aside::Row &row : aside.rows) {
        devices.push_back(row.key.device.text);
        epochs.push_back(row.key.epoch.value);
        sequences.push_back(storedNumber(row.key.sequence));
        hashes.push_back(row.hash);
    }
    const auto known = co_await tx.run(kSetAside, pg::Params::of(event, devices, epochs, sequences, hashes));
    if (!known)
        co_return known.error();
    std::set<base::Bytes> seen;
    for (const auto row : *known)
        seen.insert(row.get<base::Bytes>(0));
    for (const Aside::Row &row : aside.rows) {
        if (!seen.insert(base::Bytes(row.hash.begin(), row.hash.end())).second)
            continue;
        const auto [place, isFirst] = byDevice.try_emplace(row.by, SetAside{0, row.reason, row.at});
        ++place->second.rows;
    }
    co_return byDevice;
}

void addTallies(const Plan &plan, const Batch &batch, std::vector<pg::Query> &out)
{
    if (plan.tallies.empty())
        return;
    std::vector<std::string> kinds, subjects;
    std::vector<base::Instant> since;
    std::vector<std::int64_t> totals, marked;
    for (const auto &[key, sum] : plan.tallies) {
        kinds.push_back(word(key.kind));
        subjects.push_back(key.subject);
        since.push_back(key.since);
        totals.push_back(sum.total);
        marked.push_back(sum.marked);
    }
    out.push_back({kPutTallies, pg::Params::of(batch.event, kinds, subjects, since, totals, marked)});
}

void addRepeats(const Plan &plan, const Batch &batch, std::vector<pg::Query> &out)
{
    std::vector<std::string_view> devices, checkpoints, gates;
    std::vector<std::int64_t> epochs, sequences;
    std::vector<std::int32_t> ordinals;
    std::vector<base::Instant> times;
    for (const NewRow &made : plan.rows) {
        const domain::RowKey &key = made.brought->row.key;
        const domain::ScanRecord *scan = countedScan(made.brought->row);
        if (!scan || !isRepeat(*scan))
            continue;
        devices.push_back(key.device.text);
        epochs.push_back(key.epoch.value);
        sequences.push_back(static_cast<std::int64_t>(key.sequence.value));
        ordinals.push_back(static_cast<std::int32_t>(scan->ordinal.value));
        checkpoints.push_back(scan->checkpoint.text);
        gates.push_back(scan->gate.text);
        times.push_back(made.brought->at);
    }
    if (!devices.empty())
        out.push_back({kPutRepeats,
                       pg::Params::of(batch.event, devices, epochs, sequences, ordinals, checkpoints, gates, times)});
}

/// What is open already is not new, and what was closed after the situation is left out.
Task<Result<void>> leaveOutKnown(pg::Tx &tx, base::Uuid event, std::vector<Incident> &incidents)
{
    if (incidents.empty())
        co_return Result<void>();
    std::vector<std::string> kinds, subjects;
    for (const Incident &incident : incidents) {
        kinds.push_back(incident.kind);
        subjects.push_back(incident.subject);
    }
    const auto raised = co_await tx.run(kRaised, pg::Params::of(event, kinds, subjects));
    if (!raised)
        co_return raised.error();
    for (const auto row : *raised) {
        const auto closedAt = row.get<std::optional<base::Instant>>(3);
        const std::string kind = row.get<std::string>(0), subject = row.get<std::string>(1);
        const bool isOpen = row.get<bool>(2);
        std::erase_if(incidents, [&](Incident &incident) {
            const bool isIt = incident.kind == kind && incident.subject == subject;
            incident.isNew = incident.isNew && !(isIt && isOpen);
            return isIt && !isOpen && closedAt && *closedAt > incident.at;
        });
    }
    co_return Result<void>();
}

} // namespace

std::vector<pg::Query> watchQueries(const base::Uuid &event, const std::vector<const Brought *> &rows)
{
    std::set<TallyKey> keys;
    std::set<std::int32_t> ordinals;
    std::optional<base::Instant> first, last;
    for (const Brought *brought : rows) {
        for (TallyKey &key : tallyKeysOf(brought->row, brought->at))
            keys.insert(std::move(key));
        const domain::ScanRecord *scan = countedScan(brought->row);
        if (!scan || scan->ordinal.value == 0)
            continue;
        ordinals.insert(static_cast<std::int32_t>(scan->ordinal.value));
        first = std::min(first.value_or(brought->at), brought->at);
        last = std::max(last.value_or(brought->at), brought->at);
    }
    std::vector<std::string> kinds, subjects;
    std::vector<base::Instant> times;
    for (const TallyKey &key : keys) {
        kinds.push_back(word(key.kind));
        subjects.push_back(key.subject);
        times.push_back(key.since);
    }
    const std::vector<std::int32_t> tickets(ordinals.begin(), ordinals.end());
    const base::Instant from = first.value_or(base::Instant{}) - kRepeatsWithin,
                        until = last.value_or(base::Instant{}) + kRepeatsWithin;
    return {{kTallies, pg::Params::of(event, kinds, subjects, times)},
            {kRepeats, pg::Params::of(event, tickets, from, until)},
            {kDoubled, pg::Params::of(event, tickets)},
            {kInside, pg::Params::of(event)}};
}

Result<void> readWatch(std::span<const pg::Rows> answers, Facts &facts)
{
    base::ensure(answers.size() == kWatchQueries, "answers to other questions");
    for (const auto row : answers[0]) {
        const auto kind = kindFrom(row.get<std::string>(0));
        if (!kind)
            return base::corrupt("a sum in the database: " + row.get<std::string>(0));
        facts.watch.tallies[{*kind, row.get<std::string>(1), row.get<base::Instant>(2)}] = {row.get<std::int64_t>(3),
                                                                                            row.get<std::int64_t>(4)};
    }
    for (const auto row : answers[1])
        facts.watch.repeats.push_back({.row = keyOf(row, 1),
                                       .ordinal = static_cast<std::uint32_t>(row.get<std::int32_t>(0)),
                                       .checkpoint = row.get<std::string>(4),
                                       .gate = row.get<std::string>(5),
                                       .at = row.get<base::Instant>(6)});
    for (const auto row : answers[2])
        facts.watch.doubled.insert(keyOf(row, 0));
    for (const auto row : answers[3]) {
        const GateCount count = gateCountOf(row);
        facts.occupancy.emplace(count.of, count.sum);
    }
    return {};
}

Task<Result<void>> findIncidents(pg::Tx &tx, const Facts &facts, const Batch &batch, Plan &plan)
{
    plan.tallies = talliesOf(facts, plan);
    Observed observed{.receivedAt = batch.receivedAt, .said = batch.said, .setAside = {}};
    auto aside = co_await setAsideBy(tx, batch.event, Aside(plan, batch));
    if (!aside)
        co_return aside.error();
    observed.setAside = std::move(*aside);
    plan.incidents = incidentsOf(facts, plan, observed);
    // Whatever devices call things, two that have one name are one.
    std::set<std::pair<std::string, std::string>> names;
    std::erase_if(plan.incidents,
                  [&](const Incident &incident) { return !names.emplace(incident.kind, incident.subject).second; });
    co_return co_await leaveOutKnown(tx, batch.event, plan.incidents);
}

Task<Result<void>> raiseIncident(work::UnitOfWork &unit, base::Uuid event, Incident incident, base::Random &random)
{
    Plan plan;
    plan.incidents.push_back(std::move(incident));
    if (const auto known = co_await leaveOutKnown(unit.tx(), event, plan.incidents); !known)
        co_return known.error();
    std::vector<pg::Query> queries;
    addIncidents(plan, {.event = event, .rows = {}, .unusable = {}, .shifts = {}, .receivedAt = unit.now()}, random,
                 queries);
    if (queries.empty())
        co_return Result<void>();
    if (const auto put = co_await unit.tx().run(std::move(queries)); !put)
        co_return put.error();
    for (work::Event &told : incidentEvents(unit.organization(), event, plan))
        unit.emit(std::move(told));
    co_return Result<void>();
}

Task<Result<void>> pruneTallies(work::Database &database)
{
    constexpr pg::Sql kPrune{"SELECT scanning.prune_tallies(make_interval(hours => $1), $2)"};
    co_return co_await work::pruneInRounds(database, kPrune,
                                           pg::Params::of(static_cast<std::int32_t>(kTalliesKept.count())));
}

void addIncidents(const Plan &plan, const Batch &batch, base::Random &random, std::vector<pg::Query> &out)
{
    addTallies(plan, batch, out);
    addRepeats(plan, batch, out);
    if (plan.incidents.empty())
        return;
    std::vector<base::Uuid> ids;
    std::vector<std::string> kinds, severities, subjects, facts;
    for (const Incident &incident : plan.incidents) {
        ids.push_back(base::makeUuid(batch.receivedAt, random));
        kinds.push_back(incident.kind);
        severities.push_back(incident.severity);
        subjects.push_back(incident.subject);
        facts.push_back(base::toText(incident.facts));
    }
    out.push_back({kPutIncidents, pg::Params::of(batch.event, ids, kinds, severities, subjects, facts)});
}

} // namespace voelgoed::scanning
