#include "server/slices/scanning/feed.h"

#include "server/slices/scanning/sums.h"
#include "shared/protocol/definition.h"
#include "shared/protocol/ticket.h"

#include <algorithm>

namespace voelgoed::scanning {

using async::Task;
using base::Result;

namespace {

constexpr std::size_t kChunk = 5'000; ///< tickets in one statement

constexpr pg::Sql kOpen{R"(
INSERT INTO scanning.feeds (organization_id, event_id) VALUES (app.org(), $1)
ON CONFLICT (organization_id, event_id) DO NOTHING)"};

constexpr pg::Sql kLock{R"(
SELECT epoch, head, definition_seq, definition, list_checksum, history_checksum, tickets
FROM scanning.feeds WHERE organization_id = app.org() AND event_id = $1 FOR UPDATE)"};

// Each is looked for by itself, however little PostgreSQL knows of the table.
constexpr pg::Sql kOldMessages{R"(
SELECT t.ordinal, t.message FROM unnest($2::int[]) AS asked (number)
CROSS JOIN LATERAL (
    SELECT ordinal, message FROM scanning.feed_tickets
    WHERE organization_id = app.org() AND event_id = $1 AND ordinal = asked.number OFFSET 0) t)"};

// The organization is asked for once, and not for each row.
#define VOELGOED_ADD_TICKETS                                                                                           \
    R"(
INSERT INTO scanning.feed_tickets (organization_id, event_id, ordinal, seq, message, holder, addon_of)
SELECT (SELECT app.org()), $1, ordinal, $2 + row_number, message, holder, nullif(addon_of, -1)
FROM unnest($3::int[], $4::bytea[], $5::text[], $6::int[]) WITH ORDINALITY
    AS new (ordinal, message, holder, addon_of, row_number))"
constexpr pg::Sql kAddTickets{VOELGOED_ADD_TICKETS};
constexpr pg::Sql kPutTickets{VOELGOED_ADD_TICKETS R"(
ON CONFLICT (organization_id, event_id, ordinal) DO UPDATE
SET seq = excluded.seq, message = excluded.message, holder = excluded.holder, addon_of = excluded.addon_of)"};

// By their hashes, so that neighbours in the index come one after the other.
#define VOELGOED_ADD_CODES                                                                                             \
    R"(
INSERT INTO scanning.feed_codes (organization_id, event_id, hash, ordinal)
SELECT (SELECT app.org()), $1, hash, ordinal FROM unnest($2::bytea[], $3::int[]) AS new (hash, ordinal) ORDER BY hash)"
constexpr pg::Sql kAddCodes{VOELGOED_ADD_CODES};
constexpr pg::Sql kPutCodes{VOELGOED_ADD_CODES R"(
ON CONFLICT (organization_id, event_id, hash) DO NOTHING)"};

constexpr pg::Sql kAdvanceTickets{R"(
UPDATE scanning.feeds SET head = $2, list_checksum = $3, tickets = $4
WHERE organization_id = app.org() AND event_id = $1)"};

constexpr pg::Sql kPutDefinition{R"(
UPDATE scanning.feeds SET head = $2, definition_seq = $2, definition = $3, list_checksum = $4, sends_names = $5,
    epoch = epoch + CASE WHEN sends_names <> $5 AND tickets > 0 THEN 1 ELSE 0 END
WHERE organization_id = app.org() AND event_id = $1)"};

Task<Result<void>> putChunk(pg::Tx &tx, const base::Uuid &event, FeedHead &head,
                            std::span<const contracts::FeedTicket> tickets)
{
    std::vector<std::int32_t> ordinals, addonsOf, codesOf;
    std::vector<base::ByteView> messages;
    std::vector<base::Bytes> codes;
    std::vector<std::string_view> holders;
    for (const contracts::FeedTicket &ticket : tickets) {
        const auto listed = protocol::decodeTicket(ticket.message);
        if (!listed)
            co_return base::invalid("a ticket that cannot be read: " + listed.error().message);
        ordinals.push_back(static_cast<std::int32_t>(ticket.ordinal.value));
        messages.push_back(ticket.message);
        holders.push_back(ticket.holder);
        const auto &addonOf = listed->ticket.addonOf;
        addonsOf.push_back(addonOf ? static_cast<std::int32_t>(addonOf->value) : -1);
        for (const protocol::CodeEntry &code : listed->codes) {
            codes.emplace_back(code.hash.begin(), code.hash.end());
            codesOf.push_back(ordinals.back());
        }
    }
    const auto old = co_await tx.run(kOldMessages, pg::Params::of(event, ordinals));
    if (!old)
        co_return old.error();
    for (std::size_t i = 0; i < old->size(); ++i) {
        protocol::toggleTicket(head.list, {static_cast<std::uint32_t>((*old)[i].get<std::int32_t>(0))},
                               (*old)[i].get<base::Bytes>(1));
    }
    for (const contracts::FeedTicket &ticket : tickets)
        protocol::toggleTicket(head.list, ticket.ordinal, ticket.message);
    // Whoever puts tickets has locked the feed: what was not there a moment ago is not there now, nor are its codes,
    // which are of one ticket each. To look for them would cost a third more.
    std::vector<pg::Query> queries;
    queries.push_back({old->empty() ? kAddTickets : kPutTickets,
                       pg::Params::of(event, head.head, ordinals, messages, holders, addonsOf)});
    queries.push_back({old->empty() ? kAddCodes : kPutCodes, pg::Params::of(event, codes, codesOf)});
    if (const auto put = co_await tx.run(std::move(queries)); !put)
        co_return put.error();
    head.head += static_cast<std::int64_t>(tickets.size());
    head.tickets += static_cast<std::int32_t>(tickets.size() - old->size());
    co_return Result<void>();
}

} // namespace

FeedHead headOf(const pg::Rows::Row &row, std::size_t first)
{
    const auto checksum = [&](std::size_t column) {
        bitmap::RollingChecksum::Value value{};
        const auto bytes = row.get<base::Bytes>(column);
        base::ensure(bytes.size() == value.size(), "a checksum of another length in the database");
        std::copy(bytes.begin(), bytes.end(), value.begin());
        return bitmap::RollingChecksum(value);
    };
    return {.epoch = row.get<std::int32_t>(first),
            .head = row.get<std::int64_t>(first + 1),
            .definitionSeq = row.get<std::int64_t>(first + 2),
            .definition = row.get<std::optional<base::Bytes>>(first + 3),
            .list = checksum(first + 4),
            .history = checksum(first + 5),
            .tickets = row.get<std::int32_t>(first + 6)};
}

Task<Result<FeedHead>> lockFeed(pg::Tx &tx, base::Uuid event)
{
    const auto rows = co_await tx.run(kLock, pg::Params::of(event));
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return base::Error{base::ErrorCode::NotFound, "no feed", "There is no such event.", "not_found"};
    co_return headOf(rows->front());
}

Task<Result<void>> Feed::open(pg::Tx &tx, base::Uuid event)
{
    const auto opened = co_await tx.run(kOpen, pg::Params::of(event));
    if (!opened)
        co_return opened.error();
    co_return Result<void>();
}

Task<Result<void>> Feed::putTickets(pg::Tx &tx, base::Uuid event, std::vector<contracts::FeedTicket> tickets)
{
    auto head = co_await lockFeed(tx, event);
    if (!head)
        co_return head.error();
    for (std::size_t at = 0; at < tickets.size(); at += kChunk) {
        const std::span<const contracts::FeedTicket> rest(tickets.data() + at, tickets.size() - at);
        const auto put = co_await putChunk(tx, event, *head, rest.first(std::min(kChunk, rest.size())));
        if (!put)
            co_return put.error();
    }
    const auto advanced = co_await tx.run(
        kAdvanceTickets, pg::Params::of(event, head->head, base::ByteView(head->list.value()), head->tickets));
    if (!advanced)
        co_return advanced.error();
    co_return Result<void>();
}

Task<Result<void>> Feed::putDefinition(pg::Tx &tx, base::Uuid event, base::Bytes definition)
{
    auto head = co_await lockFeed(tx, event);
    if (!head)
        co_return head.error();
    const auto read = protocol::decodeDefinition(definition);
    if (!read)
        co_return base::invalid("a definition that cannot be read: " + read.error().message);
    if (head->definition)
        protocol::toggleDefinition(head->list, *head->definition);
    protocol::toggleDefinition(head->list, definition);
    // Where names are to go to devices from now on, or to stay here, everybody loads the list anew.
    const auto put = co_await tx.run(kPutDefinition, pg::Params::of(event, head->head + 1, definition,
                                                                    base::ByteView(head->list.value()),
                                                                    read->event.policy.namesOnDevices));
    if (!put)
        co_return put.error();
    if (!head->definition)
        co_return Result<void>();
    co_return co_await recountClosings(tx, event, head->head, *head->definition, definition);
}

} // namespace voelgoed::scanning
