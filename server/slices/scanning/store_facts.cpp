#include "server/slices/scanning/store.h"

#include "shared/protocol/definition.h"
#include "shared/protocol/ticket.h"
#include "shared/ticket/event_ring.h"

#include <set>

namespace voelgoed::scanning {

using async::Task;
using base::Result;

namespace {

constexpr pg::Sql kLock{R"(
SELECT epoch, head, definition_seq, definition, list_checksum, history_checksum, tickets
FROM scanning.feeds WHERE organization_id = app.org() AND event_id = $1 FOR UPDATE)"};

// Of an event that is new PostgreSQL thinks that it has a row or none, and would go through all of it, for each batch
// or even for each row. So each row is looked for by itself (`OFFSET 0` keeps it from joining in another way), and
// plans are made for any event, and not for this one.
constexpr pg::Sql kForAnyEvent{R"(
SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true))"};

constexpr pg::Sql kKnown{R"(
SELECT s.* FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS b (device, epoch, seq)
CROSS JOIN LATERAL (
    SELECT device, epoch, seq, hash FROM scanning.scans
    WHERE organization_id = app.org() AND event_id = $1 AND device = b.device AND epoch = b.epoch AND seq = b.seq
    OFFSET 0) s)"};

constexpr pg::Sql kEarly{R"(
SELECT u.device, u.epoch, u.seq FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS b (device, epoch, seq)
JOIN scanning.early_undos u ON u.organization_id = app.org() AND u.event_id = $1 AND u.device = b.device
    AND u.epoch = b.epoch AND u.seq = b.seq)"};
constexpr pg::Sql kBefore{R"(
SELECT s.passage FROM (SELECT DISTINCT unnest($2::int[])) AS asked (number)
CROSS JOIN LATERAL (
    SELECT passage FROM scanning.scans
    WHERE organization_id = app.org() AND event_id = $1 AND ordinal = asked.number AND feed_seq IS NOT NULL OFFSET 0) s)"};

constexpr pg::Sql kTickets{R"(
SELECT t.ordinal, t.message FROM unnest($2::int[]) AS asked (number)
CROSS JOIN LATERAL (
    SELECT ordinal, message FROM scanning.feed_tickets
    WHERE organization_id = app.org() AND event_id = $1 AND ordinal = asked.number OFFSET 0) t)"};

std::vector<std::int32_t> ordinalsOf(const std::vector<const Brought *> &rows)
{
    std::set<std::int32_t> ordinals;
    for (const Brought *brought : rows) {
        const auto *scan = std::get_if<domain::ScanRecord>(&brought->row.what);
        if (scan && scan->ordinal.value > 0 && !scan->test && scan->outcome == "admit")
            ordinals.insert(static_cast<std::int32_t>(scan->ordinal.value));
    }
    return {ordinals.begin(), ordinals.end()};
}

std::vector<domain::RowKey> undoneBy(const std::vector<const Brought *> &rows)
{
    std::vector<domain::RowKey> keys;
    for (const Brought *brought : rows) {
        if (const auto *undo = std::get_if<domain::UndoRecord>(&brought->row.what))
            keys.push_back(undo->row);
    }
    return keys;
}

struct KeyColumns
{
    std::vector<std::string> devices;
    std::vector<std::int64_t> epochs, sequences;

    void add(const domain::RowKey &key)
    {
        devices.push_back(key.device.text);
        epochs.push_back(key.epoch.value);
        sequences.push_back(static_cast<std::int64_t>(key.sequence.value));
    }
};

domain::RowKey keyOf(const pg::Rows::Row &row)
{
    return {.device = {row.get<std::string>(0)},
            .epoch = {static_cast<std::uint32_t>(row.get<std::int64_t>(1))},
            .sequence = {static_cast<std::uint64_t>(row.get<std::int64_t>(2))}};
}

Result<void> readPassages(const pg::Rows &rows, Facts &facts)
{
    for (std::size_t i = 0; i < rows.size(); ++i) {
        auto passage = protocol::decodePassage(rows[i].get<base::Bytes>(0));
        if (!passage)
            return base::corrupt("a passage in the database: " + passage.error().message);
        facts.before[passage->ordinal.value].push_back(std::move(*passage));
    }
    return {};
}

/// Passages that rows take back: those of this batch, and those that are there.
Task<Result<void>> findUndone(pg::Tx &tx, base::Uuid event, std::vector<const Brought *> rows, Facts &facts)
{
    constexpr pg::Sql kFind{R"(
SELECT s.passage FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS b (device, epoch, seq)
CROSS JOIN LATERAL (
    SELECT passage FROM scanning.scans
    WHERE organization_id = app.org() AND event_id = $1 AND device = b.device AND epoch = b.epoch AND seq = b.seq
        AND feed_seq IS NOT NULL OFFSET 0) s)"};
    const std::vector<domain::RowKey> undone = undoneBy(rows);
    if (undone.empty())
        co_return Result<void>();
    KeyColumns keys;
    for (const domain::RowKey &key : undone)
        keys.add(key);
    const auto found = co_await tx.run(kFind, pg::Params::of(event, keys.devices, keys.epochs, keys.sequences));
    if (!found)
        co_return found.error();
    std::vector<std::int32_t> ordinals;
    for (std::size_t i = 0; i < found->size(); ++i) {
        auto passage = protocol::decodePassage((*found)[i].get<base::Bytes>(0));
        if (!passage)
            co_return base::corrupt("a passage in the database: " + passage.error().message);
        if (!facts.before.contains(passage->ordinal.value))
            ordinals.push_back(static_cast<std::int32_t>(passage->ordinal.value));
        facts.undone.emplace(passage->row, std::move(*passage));
    }
    const auto before = co_await tx.run(kBefore, pg::Params::of(event, ordinals));
    if (!before)
        co_return before.error();
    co_return readPassages(*before, facts);
}

} // namespace

std::shared_ptr<const EventBook> Rulebooks::of(const base::Uuid &event, const FeedHead &head)
{
    if (!head.definition)
        return nullptr;
    if (m_compiled.size() > kKept)
        m_compiled.clear();
    Compiled &compiled = m_compiled[event];
    if (compiled.definitionSeq == head.definitionSeq && compiled.book)
        return compiled.book;
    auto definition = protocol::decodeDefinition(*head.definition);
    if (!definition)
        return nullptr;
    // Whoever wrote it has checked what it refers to.
    auto rulebook =
        admission::Rulebook::compile(std::move(definition->event), admission::Rulebook::References::AreValues);
    if (!rulebook)
        return nullptr;
    EventBook book{.rulebook = std::move(*rulebook), .keys = std::move(definition->keys), .ring = {}, .pretixKeys = {}};
    if (!book.keys.keySlots.empty()) {
        if (auto ring = ticket::ringOf(book.keys, book.rulebook.event().endsAt))
            book.ring = std::move(*ring);
    }
    for (const domain::ForeignKey &foreign : book.keys.foreign) {
        if (auto key = base::VerifyingKey::fromRaw(foreign.publicKey))
            book.pretixKeys.push_back(std::move(*key));
    }
    compiled = {head.definitionSeq, std::make_shared<const EventBook>(std::move(book))};
    return compiled.book;
}

Task<Result<Facts>> loadFacts(pg::Tx &tx, base::Uuid event, std::vector<const Brought *> rows, Rulebooks &rulebooks)
{
    KeyColumns keys;
    for (const Brought *brought : rows)
        keys.add(brought->row.key);
    const std::vector<std::int32_t> ordinals = ordinalsOf(rows);
    // The lock comes first: what is read behind it holds until the commit.
    const auto read = co_await tx.run({{kForAnyEvent, {}},
                                       {kLock, pg::Params::of(event)},
                                       {kKnown, pg::Params::of(event, keys.devices, keys.epochs, keys.sequences)},
                                       {kBefore, pg::Params::of(event, ordinals)},
                                       {kEarly, pg::Params::of(event, keys.devices, keys.epochs, keys.sequences)}});
    if (!read)
        co_return read.error();
    if (read->at(1).empty())
        co_return base::Error{base::ErrorCode::NotFound, "no feed", "There is no such event.", "not_found"};
    const FeedHead head = headOf(read->at(1).front());
    Facts facts;
    facts.head = head.head;
    facts.history = head.history;
    if (const auto book = rulebooks.of(event, head))
        facts.rulebook = {book, &book->rulebook};
    for (std::size_t i = 0; i < read->at(2).size(); ++i) {
        const auto row = read->at(2)[i];
        Known known;
        const auto hash = row.get<base::Bytes>(3);
        std::copy_n(hash.begin(), std::min(hash.size(), known.hash.size()), known.hash.begin());
        facts.known.emplace(keyOf(row), known);
    }
    for (const auto row : read->at(4))
        facts.undoneBefore.insert(keyOf(row));
    if (const auto passages = readPassages(read->at(3), facts); !passages)
        co_return passages.error();
    if (const auto undone = co_await findUndone(tx, event, rows, facts); !undone)
        co_return undone.error();
    // What a ticket allows matters only where it was used before.
    std::map<std::int32_t, int> uses;
    for (const auto &[ordinal, passages] : facts.before)
        uses[static_cast<std::int32_t>(ordinal)] += static_cast<int>(passages.size());
    for (const Brought *brought : rows) {
        if (const auto *scan = std::get_if<domain::ScanRecord>(&brought->row.what))
            uses[static_cast<std::int32_t>(scan->ordinal.value)] += scan->count;
    }
    std::vector<std::int32_t> wanted;
    for (const auto &[ordinal, times] : uses) {
        if (ordinal > 0 && times > 1)
            wanted.push_back(ordinal);
    }
    if (wanted.empty())
        co_return facts;
    const auto tickets = co_await tx.run(kTickets, pg::Params::of(event, wanted));
    if (!tickets)
        co_return tickets.error();
    for (std::size_t i = 0; i < tickets->size(); ++i) {
        const auto listed = protocol::decodeTicket((*tickets)[i].get<base::Bytes>(1));
        if (!listed)
            continue;
        const auto ordinal = static_cast<std::uint32_t>((*tickets)[i].get<std::int32_t>(0));
        facts.types.emplace(ordinal, listed->ticket.type);
        if (listed->ticket.admits)
            facts.admits.emplace(ordinal, *listed->ticket.admits);
    }
    co_return facts;
}

} // namespace voelgoed::scanning
