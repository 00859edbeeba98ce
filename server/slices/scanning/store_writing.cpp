#include "server/slices/scanning/store.h"

#include "server/slices/scanning/store_incidents.h"
#include "server/slices/scanning/store_sessions.h"
#include "shared/base/text.h"

namespace voelgoed::scanning {

namespace {

constexpr pg::Sql kPutScans{R"(
INSERT INTO scanning.scans (organization_id, event_id, device, epoch, seq, session, operator, gate, checkpoint, is_exit,
    ordinal, generation, count, code_hash, source, at, at_device, clock, received_at, outcome, reason, override_by, is_test,
    unverified, feed_seq, passage, hash, row)
SELECT (SELECT app.org()), $1, device, epoch, seq, session, operator, gate, checkpoint, is_exit, ordinal, generation, count, code_hash,
    source, at, at_device, clock, $2, outcome, reason, override_by, is_test, unverified, nullif(feed_seq, 0),
    CASE WHEN feed_seq = 0 THEN NULL ELSE passage END, hash, row
FROM unnest($3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::boolean[],
    $11::int[], $12::smallint[], $13::int[], $14::bytea[], $15::text[], $16::timestamptz[], $17::timestamptz[],
    $18::smallint[], $19::text[], $20::text[], $21::text[], $22::boolean[], $23::boolean[], $24::bigint[], $25::bytea[],
    $26::bytea[], $27::bytea[])
    AS new (device, epoch, seq, session, operator, gate, checkpoint, is_exit, ordinal, generation, count, code_hash, source,
            at, at_device, clock, outcome, reason, override_by, is_test, unverified, feed_seq, passage, hash, row))"};

constexpr pg::Sql kAdvance{R"(
UPDATE scanning.feeds SET head = $2, history_checksum = $3, batches = batches + 1, scanned_at = now()
WHERE organization_id = app.org() AND event_id = $1 RETURNING batches, head)"};

constexpr pg::Sql kForgetDoubles{R"(
DELETE FROM scanning.doubles d USING unnest($2::text[], $3::int[]) AS c (checkpoint, ordinal)
WHERE d.organization_id = app.org() AND d.event_id = $1 AND d.checkpoint = c.checkpoint AND d.ordinal = c.ordinal)"};

constexpr pg::Sql kPutDoubles{R"(
INSERT INTO scanning.doubles (organization_id, event_id, device, epoch, seq, checkpoint, ordinal, earlier_device,
    earlier_epoch, earlier_seq, found_at)
SELECT app.org(), $1, device, epoch, seq, checkpoint, ordinal, earlier_device, earlier_epoch, earlier_seq, $2
FROM unnest($3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::int[], $8::text[], $9::bigint[], $10::bigint[])
    AS new (device, epoch, seq, checkpoint, ordinal, earlier_device, earlier_epoch, earlier_seq))"};

constexpr pg::Sql kPutEarlyUndos{R"(
INSERT INTO scanning.early_undos (organization_id, event_id, device, epoch, seq)
SELECT app.org(), $1, device, epoch, seq FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS new (device, epoch, seq)
ON CONFLICT DO NOTHING)"};

// Sums since the latest closing begin anew with the first passage behind it.
constexpr pg::Sql kCount{R"(
INSERT INTO scanning.occupancy AS o (organization_id, event_id, checkpoint, gate, entries, exits, refused, since,
    since_entries, since_exits)
SELECT app.org(), $1, checkpoint, gate, entries, exits, refused, since, since_entries, since_exits
FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::timestamptz[], $8::bigint[],
    $9::bigint[]) AS new (checkpoint, gate, entries, exits, refused, since, since_entries, since_exits)
ON CONFLICT (organization_id, event_id, checkpoint, gate) DO UPDATE
SET entries = o.entries + excluded.entries, exits = o.exits + excluded.exits, refused = o.refused + excluded.refused,
    since = greatest(o.since, excluded.since),
    since_entries = CASE WHEN excluded.since > o.since THEN 0 ELSE o.since_entries END
                  + CASE WHEN excluded.since < o.since THEN 0 ELSE excluded.since_entries END,
    since_exits = CASE WHEN excluded.since > o.since THEN 0 ELSE o.since_exits END
                + CASE WHEN excluded.since < o.since THEN 0 ELSE excluded.since_exits END
RETURNING checkpoint, gate, entries, exits, refused, since, since_entries, since_exits)"};

constexpr pg::Sql kQuarantine{R"(
INSERT INTO scanning.quarantine (organization_id, event_id, id, device, epoch, seq, hash, reason, row, brought_by)
SELECT app.org(), $1, id, device, epoch, seq, sha256(row), reason, row, brought_by
FROM unnest($2::uuid[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::bytea[], $8::text[])
    AS new (id, device, epoch, seq, reason, row, brought_by)
ON CONFLICT (organization_id, event_id, device, epoch, seq, hash) DO NOTHING)"};

struct ScanColumns
{
    std::vector<std::string_view> devices, sessions, operators, gates, checkpoints, sources, outcomes, reasons,
        overriders;
    std::vector<std::int64_t> epochs, sequences, feedSeqs;
    std::vector<bool> exits, tests, unverified;
    std::vector<std::int32_t> ordinals, counts;
    std::vector<std::int16_t> generations, clocks;
    std::vector<base::ByteView> codeHashes, passages, hashes, rows;
    std::vector<base::Instant> at, atDevice;

    void add(const NewRow &made)
    {
        static const domain::ScanRecord kUndo = [] {
            domain::ScanRecord record;
            record.outcome = "undo";
            return record;
        }();
        const Brought &brought = *made.brought;
        const auto *found = std::get_if<domain::ScanRecord>(&brought.row.what);
        const domain::ScanRecord &scan = found ? *found : kUndo;
        devices.push_back(brought.row.key.device.text);
        epochs.push_back(brought.row.key.epoch.value);
        sequences.push_back(static_cast<std::int64_t>(brought.row.key.sequence.value));
        sessions.push_back(scan.session.text);
        operators.push_back(scan.operatedBy.text);
        gates.push_back(scan.gate.text);
        checkpoints.push_back(scan.checkpoint.text);
        exits.push_back(scan.direction == domain::Direction::Exit);
        ordinals.push_back(static_cast<std::int32_t>(scan.ordinal.value));
        generations.push_back(scan.generation);
        counts.push_back(scan.count);
        codeHashes.push_back(scan.codeHash);
        sources.push_back(word(brought.source));
        at.push_back(brought.at);
        atDevice.push_back(brought.row.wall);
        clocks.push_back(static_cast<std::int16_t>(brought.row.clock));
        outcomes.push_back(scan.outcome);
        reasons.push_back(scan.reason);
        overriders.push_back(scan.override ? std::string_view(scan.override->by.text) : std::string_view());
        tests.push_back(scan.test);
        unverified.push_back(brought.unverified);
        feedSeqs.push_back(made.feedSeq.value_or(0));
        passages.push_back(made.passage);
        hashes.push_back(brought.hash);
        rows.push_back(brought.bytes);
    }
};

pg::Query scansOf(const Plan &plan, const Batch &batch)
{
    ScanColumns c;
    for (const NewRow &made : plan.rows)
        c.add(made);
    // An undo is a passage of the ticket whose admission it takes back.
    for (std::size_t i = 0; i < plan.rows.size(); ++i) {
        if (c.outcomes[i] != "undo" || !plan.rows[i].feedSeq)
            continue;
        if (const auto passage = protocol::decodePassage(plan.rows[i].passage))
            c.ordinals[i] = static_cast<std::int32_t>(passage->ordinal.value);
    }
    return {kPutScans, pg::Params::of(batch.event, batch.receivedAt, c.devices, c.epochs, c.sequences, c.sessions,
                                      c.operators, c.gates, c.checkpoints, c.exits, c.ordinals, c.generations, c.counts,
                                      c.codeHashes, c.sources, c.at, c.atDevice, c.clocks, c.outcomes, c.reasons,
                                      c.overriders, c.tests, c.unverified, c.feedSeqs, c.passages, c.hashes, c.rows)};
}

void addEarlyUndos(const Plan &plan, const Batch &batch, std::vector<pg::Query> &out)
{
    if (plan.earlyUndos.empty())
        return;
    std::vector<std::string> devices;
    std::vector<std::int64_t> epochs, sequences;
    for (const domain::RowKey &key : plan.earlyUndos) {
        devices.push_back(key.device.text);
        epochs.push_back(key.epoch.value);
        sequences.push_back(static_cast<std::int64_t>(key.sequence.value));
    }
    out.push_back({kPutEarlyUndos, pg::Params::of(batch.event, devices, epochs, sequences)});
}

void addDoubles(const Plan &plan, const Batch &batch, std::vector<pg::Query> &out)
{
    std::vector<std::string> checkpoints;
    std::vector<std::int32_t> ordinals;
    for (const CountKey &count : plan.recounted) {
        checkpoints.push_back(count.checkpoint);
        ordinals.push_back(static_cast<std::int32_t>(count.ordinal));
    }
    if (!plan.recounted.empty())
        out.push_back({kForgetDoubles, pg::Params::of(batch.event, checkpoints, ordinals)});
    if (plan.doubles.empty())
        return;
    std::vector<std::string> devices, places, earlierDevices;
    std::vector<std::int64_t> epochs, sequences, earlierEpochs, earlierSequences;
    std::vector<std::int32_t> tickets;
    for (const DoubleMark &mark : plan.doubles) {
        devices.push_back(mark.later.row.device.text);
        epochs.push_back(mark.later.row.epoch.value);
        sequences.push_back(static_cast<std::int64_t>(mark.later.row.sequence.value));
        places.push_back(mark.later.checkpoint.text);
        tickets.push_back(static_cast<std::int32_t>(mark.later.ordinal.value));
        earlierDevices.push_back(mark.earlier.row.device.text);
        earlierEpochs.push_back(mark.earlier.row.epoch.value);
        earlierSequences.push_back(static_cast<std::int64_t>(mark.earlier.row.sequence.value));
    }
    out.push_back({kPutDoubles, pg::Params::of(batch.event, batch.receivedAt, devices, epochs, sequences, places,
                                               tickets, earlierDevices, earlierEpochs, earlierSequences)});
}

void addCounts(const Plan &plan, const Batch &batch, Writing &writing)
{
    std::vector<pg::Query> &out = writing.queries;
    if (!plan.gates.empty()) {
        std::vector<std::string> checkpoints, gates;
        std::vector<std::int64_t> entries, exits, refused, sinceEntries, sinceExits;
        std::vector<base::Instant> since;
        for (const auto &[key, delta] : plan.gates) {
            checkpoints.push_back(key.checkpoint);
            gates.push_back(key.gate);
            entries.push_back(delta.entries);
            exits.push_back(delta.exits);
            refused.push_back(delta.refused);
            since.push_back(delta.since);
            sinceEntries.push_back(delta.sinceEntries);
            sinceExits.push_back(delta.sinceExits);
        }
        writing.gates = out.size();
        out.push_back({kCount, pg::Params::of(batch.event, checkpoints, gates, entries, exits, refused, since,
                                              sinceEntries, sinceExits)});
    }
}

void addQuarantine(const Plan &plan, const Batch &batch, base::Random &random, std::vector<pg::Query> &out)
{
    std::vector<base::Uuid> ids;
    std::vector<std::string> devices, reasons, bringers;
    std::vector<std::int64_t> epochs, sequences;
    std::vector<base::ByteView> rows;
    const auto add = [&](const domain::RowKey &key, const std::string &reason, base::ByteView row,
                         const std::string &by) {
        ids.push_back(base::makeUuid(batch.receivedAt, random));
        devices.push_back(storedName(key.device.text));
        epochs.push_back(key.epoch.value);
        sequences.push_back(storedNumber(key.sequence));
        reasons.push_back(reason);
        rows.push_back(row);
        bringers.push_back(storedName(by));
    };
    for (const Conflicting &conflicting : plan.quarantined)
        add(conflicting.brought->row.key, conflicting.reason, conflicting.brought->bytes,
            conflicting.brought->row.key.device.text);
    for (const auto &[unusable, by] : batch.unusable)
        add(unusable->key, unusable->reason, unusable->bytes, by);
    if (ids.empty())
        return;
    out.push_back({kQuarantine, pg::Params::of(batch.event, ids, devices, epochs, sequences, reasons, rows, bringers)});
}

} // namespace

std::string storedName(std::string_view device)
{
    return base::printable(device);
}

std::int64_t storedNumber(domain::Sequence sequence)
{
    return static_cast<std::int64_t>(sequence.value & INT64_MAX);
}

Writing statementsFor(const Plan &plan, const Batch &batch, base::Random &random)
{
    Writing writing;
    std::vector<pg::Query> &out = writing.queries;
    if (!plan.rows.empty())
        out.push_back(scansOf(plan, batch));
    addEarlyUndos(plan, batch, out);
    addSessions(plan, batch, writing);
    addCounts(plan, batch, writing);
    addDoubles(plan, batch, out);
    addQuarantine(plan, batch, random, out);
    addIncidents(plan, batch, random, out);
    if (!plan.rows.empty()) {
        writing.advance = out.size();
        out.push_back({kAdvance, pg::Params::of(batch.event, plan.head, base::ByteView(plan.history.value()))});
    }
    return writing;
}

Standing standingFrom(const Writing &writing, const std::vector<pg::Rows> &answers)
{
    Standing standing;
    for (const std::size_t statement : writing.shifts) {
        for (const auto row : answers.at(statement)) {
            if (row.get<bool>(2))
                standing.shifts.push_back({.event = row.get<base::Uuid>(7),
                                           .session = row.get<std::string>(0),
                                           .device = row.get<std::string>(3),
                                           .gate = row.get<std::string>(4),
                                           .startedAt = row.get<base::Instant>(5),
                                           .endedAt = row.get<std::optional<base::Instant>>(6),
                                           .scans = row.get<std::int64_t>(1)});
        }
    }
    if (!writing.advance)
        return standing;
    const pg::Rows &advanced = answers.at(*writing.advance);
    standing.batch = advanced.get<std::int64_t>(0, 0);
    standing.head = advanced.get<std::int64_t>(0, 1);
    if (writing.gates) {
        for (const auto row : answers.at(*writing.gates))
            standing.gates.push_back(gateCountOf(row));
    }
    if (writing.sessions) {
        for (const auto row : answers.at(*writing.sessions))
            standing.sessions.push_back({row.get<std::string>(0), row.get<std::int64_t>(1)});
    }
    return standing;
}

} // namespace voelgoed::scanning
