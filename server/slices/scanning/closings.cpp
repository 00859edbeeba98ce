#include "server/slices/scanning/closings.h"

#include "shared/protocol/definition.h"

#include <set>

namespace voelgoed::scanning {

using async::Task;
using base::Result;
using protocol::PassageRecord;

namespace {

constexpr pg::Sql kPassages{R"(
SELECT passage, now() FROM scanning.scans
WHERE organization_id = app.org() AND event_id = $1 AND feed_seq IS NOT NULL)"};

constexpr pg::Sql kEmpty{R"(
UPDATE scanning.occupancy SET since = 'epoch', since_entries = 0, since_exits = 0
WHERE organization_id = app.org() AND event_id = $1 AND checkpoint = ANY ($2::text[]))"};

constexpr pg::Sql kPut{R"(
UPDATE scanning.occupancy o SET since = new.since, since_entries = new.since_entries, since_exits = new.since_exits
FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::bigint[], $6::bigint[])
    AS new (checkpoint, gate, since, since_entries, since_exits)
WHERE o.organization_id = app.org() AND o.event_id = $1 AND o.checkpoint = new.checkpoint AND o.gate = new.gate)"};

constexpr pg::Sql kNumber{R"(
UPDATE scanning.feeds SET batches = batches + 1 WHERE organization_id = app.org() AND event_id = $1)"};

Result<admission::Rulebook> rulebookOf(base::ByteView bytes)
{
    auto definition = protocol::decodeDefinition(bytes);
    if (!definition)
        return definition.error();
    return admission::Rulebook::compile(std::move(definition->event), admission::Rulebook::References::AreValues);
}

/// Checkpoints of `after` that close at other times than in `before`.
std::set<std::string> closingOtherwise(const admission::Rulebook &before, const admission::Rulebook &after)
{
    const bool isOtherZone = !(before.zone() == after.zone());
    std::set<std::string> changed;
    for (const admission::CompiledCheckpoint &checkpoint : after.checkpoints()) {
        const auto *old = before.checkpoint(checkpoint.definition.id.text);
        const bool isSame = old ? old->closingTimes == checkpoint.closingTimes : checkpoint.closingTimes.empty();
        if (!isSame || (isOtherZone && !checkpoint.closingTimes.empty()))
            changed.insert(checkpoint.definition.id.text);
    }
    return changed;
}

} // namespace

GateDelta deltaOf(const PassageRecord &passage, std::int64_t persons, const admission::Rulebook *rulebook,
                  base::Instant receivedAt)
{
    const auto *checkpoint = rulebook ? rulebook->checkpoint(passage.checkpoint.text) : nullptr;
    const auto closed =
        checkpoint ? rulebook->closingOf(*checkpoint).lastBefore(std::min(passage.at, receivedAt)) : std::nullopt;
    GateDelta delta{.since = closed.value_or(base::Instant{})};
    if (passage.direction == domain::Direction::Entry)
        delta.entries = delta.sinceEntries = persons;
    else
        delta.exits = delta.sinceExits = persons;
    return delta;
}

Task<Result<void>> recountClosings(pg::Tx &tx, base::Uuid event, base::ByteView before, base::ByteView after)
{
    // Whoever wrote a definition has checked it; one that cannot be read has counted nothing by its closings.
    const auto old = rulebookOf(before);
    const auto rulebook = rulebookOf(after);
    if (!old || !rulebook)
        co_return Result<void>();
    const std::set<std::string> changed = closingOtherwise(*old, *rulebook);
    if (changed.empty())
        co_return Result<void>();
    const auto rows = co_await tx.run(kPassages, pg::Params::of(event));
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return Result<void>();
    std::vector<PassageRecord> passages;
    for (const auto row : *rows) {
        auto passage = protocol::decodePassage(row.get<base::Bytes>(0));
        if (!passage)
            co_return base::corrupt("a passage in the database: " + passage.error().message);
        if (changed.contains(passage->checkpoint.text))
            passages.push_back(std::move(*passage));
    }
    const auto now = rows->front().get<base::Instant>(1);
    std::map<GateKey, GateDelta> sums;
    for (const PassageRecord &passage : standing(passages))
        addTo(sums[{passage.checkpoint.text, passage.gate.text}], deltaOf(passage, passage.count, &*rulebook, now));
    std::vector<std::string> checkpoints, gates;
    std::vector<base::Instant> since;
    std::vector<std::int64_t> entries, exits;
    for (const auto &[key, sum] : sums) {
        checkpoints.push_back(key.checkpoint);
        gates.push_back(key.gate);
        since.push_back(sum.since);
        entries.push_back(sum.sinceEntries);
        exits.push_back(sum.sinceExits);
    }
    std::vector<pg::Query> queries;
    queries.push_back({kEmpty, pg::Params::of(event, std::vector<std::string>(changed.begin(), changed.end()))});
    queries.push_back({kPut, pg::Params::of(event, checkpoints, gates, since, entries, exits)});
    queries.push_back({kNumber, pg::Params::of(event)});
    if (const auto put = co_await tx.run(std::move(queries)); !put)
        co_return put.error();
    co_return Result<void>();
}

} // namespace voelgoed::scanning
