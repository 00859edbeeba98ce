#include "server/slices/scanning/sums.h"

#include "shared/protocol/definition.h"

namespace voelgoed::scanning {

using async::Task;
using base::Result;
using protocol::PassageRecord;

namespace {

constexpr std::int64_t kPage = 20'000;

// Passages are never changed, and all numbers up to a feed's head are there.
constexpr pg::Sql kPassages{R"(
SELECT feed_seq, passage, received_at FROM scanning.scans
WHERE organization_id = app.org() AND event_id = $1 AND feed_seq > $2 AND feed_seq > 0 AND feed_seq <= $3
ORDER BY feed_seq LIMIT $4)"};

constexpr pg::Sql kPut{R"(
UPDATE scanning.occupancy o SET since = new.since, since_entries = new.since_entries, since_exits = new.since_exits
FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::bigint[], $6::bigint[])
    AS new (checkpoint, gate, since, since_entries, since_exits)
WHERE o.organization_id = app.org() AND o.event_id = $1 AND o.checkpoint = new.checkpoint AND o.gate = new.gate)"};

constexpr pg::Sql kNumber{R"(
UPDATE scanning.feeds SET batches = batches + 1 WHERE organization_id = app.org() AND event_id = $1)"};

std::shared_ptr<const admission::Rulebook> rulebookOf(base::ByteView bytes)
{
    auto definition = protocol::decodeDefinition(bytes);
    if (!definition)
        return nullptr;
    auto rulebook =
        admission::Rulebook::compile(std::move(definition->event), admission::Rulebook::References::AreValues);
    return rulebook ? std::make_shared<const admission::Rulebook>(std::move(*rulebook)) : nullptr;
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

/// Passages in the order of the feed.
class Adding
{
public:
    explicit Adding(std::shared_ptr<const admission::Rulebook> rulebook) : m_rulebook(std::move(rulebook)) {}

    void add(const PassageRecord &passage, base::Instant receivedAt)
    {
        std::int64_t persons = 0;
        // What is taken back before it came is in the feed once, withdrawn, and has never counted.
        if (!passage.withdrawn && m_standing.insert(passage.row).second)
            persons = passage.count;
        else if (passage.withdrawn && m_standing.erase(passage.row) > 0)
            persons = -static_cast<std::int64_t>(passage.count);
        addTo(m_sums[{passage.checkpoint.text, passage.gate.text}],
              deltaOf(passage, persons, m_rulebook.get(), receivedAt));
    }
    std::map<GateKey, GateDelta> taken() { return std::move(m_sums); }

private:
    std::shared_ptr<const admission::Rulebook> m_rulebook;
    std::set<domain::RowKey> m_standing;
    std::map<GateKey, GateDelta> m_sums;
};

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

Task<Result<std::map<GateKey, GateDelta>>> sumsOfPassages(pg::Tx &tx, base::Uuid event, std::int64_t head,
                                                          std::shared_ptr<const admission::Rulebook> rulebook)
{
    Adding adding(std::move(rulebook));
    for (std::int64_t after = 0;;) {
        const auto rows = co_await tx.run(kPassages, pg::Params::of(event, after, head, kPage));
        if (!rows)
            co_return rows.error();
        for (const auto row : *rows) {
            const auto passage = protocol::decodePassage(row.get<base::Bytes>(1));
            if (!passage)
                co_return base::corrupt("a passage in the database: " + passage.error().message);
            after = row.get<std::int64_t>(0);
            adding.add(*passage, row.get<base::Instant>(2));
        }
        if (rows->size() < static_cast<std::size_t>(kPage))
            co_return adding.taken();
    }
}

Task<Result<void>> recountClosings(pg::Tx &tx, base::Uuid event, std::int64_t head, base::ByteView before,
                                   base::ByteView after)
{
    // Whoever wrote a definition has checked it; one that cannot be read has counted nothing by its closings.
    const auto old = rulebookOf(before), rulebook = rulebookOf(after);
    if (!old || !rulebook)
        co_return Result<void>();
    const std::set<std::string> changed = closingOtherwise(*old, *rulebook);
    if (changed.empty() || head == 0)
        co_return Result<void>();
    const auto sums = co_await sumsOfPassages(tx, event, head, rulebook);
    if (!sums)
        co_return sums.error();
    std::vector<std::string> checkpoints, gates;
    std::vector<base::Instant> since;
    std::vector<std::int64_t> entries, exits;
    for (const auto &[key, sum] : *sums) {
        if (!changed.contains(key.checkpoint))
            continue;
        checkpoints.push_back(key.checkpoint);
        gates.push_back(key.gate);
        since.push_back(sum.since);
        entries.push_back(sum.sinceEntries);
        exits.push_back(sum.sinceExits);
    }
    if (checkpoints.empty())
        co_return Result<void>();
    std::vector<pg::Query> queries;
    queries.push_back({kPut, pg::Params::of(event, checkpoints, gates, since, entries, exits)});
    queries.push_back({kNumber, pg::Params::of(event)});
    if (const auto put = co_await tx.run(std::move(queries)); !put)
        co_return put.error();
    co_return Result<void>();
}

} // namespace voelgoed::scanning
