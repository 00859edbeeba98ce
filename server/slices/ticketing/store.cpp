#include "server/slices/ticketing/store.h"

#include "shared/base/json.h"
#include "shared/domain/words.h"

#include <algorithm>

namespace voelgoed::ticketing {

using async::Task;
using base::Result;

namespace {

constexpr std::size_t kChunk = 2'000; ///< tickets in one statement

#define VOELGOED_TICKET_COLUMNS                                                                                        \
    "ordinal, id, generation, type, variant, date, zones, gates, state, state_by_staff, valid_from, valid_until, "     \
    "admits, pending_ok, blocked, addon_of, seat, holder, email, order_ref, attention, notes, answers, is_signed, "    \
    "version, created_at, updated_at"

constexpr pg::Sql kList{"SELECT " VOELGOED_TICKET_COLUMNS R"( FROM ticketing.tickets
WHERE organization_id = app.org() AND event_id = $1 AND ordinal > $2
  AND (cardinality($3::text[]) = 0 OR state = ANY ($3))
  AND ($4::text IS NULL OR type = $4) AND ($5::boolean IS NULL OR blocked = $5)
  AND ($6::text IS NULL OR strpos(lower(concat_ws(E'\n', holder, email, order_ref, seat)), lower($6)) > 0)
ORDER BY ordinal LIMIT $7)"};
// Joined with what is asked for, and not `= ANY`: a plan that is made for all lists goes through the whole list for
// each row.
constexpr pg::Sql kOf{"SELECT " VOELGOED_TICKET_COLUMNS R"( FROM ticketing.tickets
JOIN unnest($2::int[]) AS asked (number) ON number = ordinal
WHERE organization_id = app.org() AND event_id = $1 ORDER BY ordinal)"};
constexpr pg::Sql kCodes{R"(
SELECT ordinal, hash, generation, kind, code, withdrawn FROM ticketing.codes
JOIN unnest($2::int[]) AS asked (number) ON number = ordinal
WHERE organization_id = app.org() AND event_id = $1 ORDER BY ordinal, generation, kind)"};
constexpr pg::Sql kOrdinals{R"(
SELECT hash, ordinal FROM ticketing.codes JOIN unnest($2::bytea[]) AS asked (text) ON text = hash
WHERE organization_id = app.org() AND event_id = $1)"};
constexpr pg::Sql kOrdinalOf{R"(
SELECT ordinal FROM ticketing.tickets WHERE organization_id = app.org() AND event_id = $1 AND id = $2)"};
constexpr pg::Sql kTake{R"(
UPDATE ticketing.rings SET next_ordinal = next_ordinal + $2
WHERE organization_id = app.org() AND event_id = $1 AND next_ordinal + $2 <= 16777216
RETURNING next_ordinal - $2)"};
constexpr pg::Sql kLock{R"(
SELECT next_ordinal FROM ticketing.rings WHERE organization_id = app.org() AND event_id = $1 FOR UPDATE)"};
// The organization is asked for once, and not for each row; codes go in by their hashes, so that neighbours in the
// index come one after the other.
#define VOELGOED_ADD_TICKETS                                                                                           \
    R"(
INSERT INTO ticketing.tickets (organization_id, event_id, ordinal, id, generation, type, variant, date, zones, gates,
    state, state_by_staff, valid_from, valid_until, admits, pending_ok, blocked, addon_of, seat, holder, email,
    order_ref, attention, notes, answers, is_signed)
SELECT (SELECT app.org()), $1, t.* FROM unnest($2::int[], $3::uuid[], $4::smallint[], $5::text[], $6::text[],
    $7::text[], $8::jsonb[], $9::jsonb[], $10::text[], $11::boolean[], $12::timestamptz[], $13::timestamptz[],
    $14::int[], $15::boolean[], $16::boolean[], $17::int[], $18::text[], $19::text[], $20::text[], $21::text[],
    $22::boolean[], $23::jsonb[], $24::jsonb[], $25::boolean[]) AS t)"
#define VOELGOED_ADD_CODES                                                                                             \
    R"(
INSERT INTO ticketing.codes (organization_id, event_id, ordinal, hash, generation, kind, code, withdrawn)
SELECT (SELECT app.org()), $1, c.*
FROM unnest($2::int[], $3::bytea[], $4::smallint[], $5::text[], $6::text[], $7::boolean[])
    AS c (ordinal, hash, generation, kind, code, withdrawn)
ORDER BY c.hash)"
constexpr pg::Sql kAdd{VOELGOED_ADD_TICKETS};
constexpr pg::Sql kAddCodes{VOELGOED_ADD_CODES};
constexpr pg::Sql kPut{VOELGOED_ADD_TICKETS R"(
ON CONFLICT (organization_id, event_id, ordinal) DO UPDATE SET generation = excluded.generation, type = excluded.type,
    variant = excluded.variant, date = excluded.date, zones = excluded.zones, gates = excluded.gates,
    state = excluded.state, state_by_staff = excluded.state_by_staff, valid_from = excluded.valid_from,
    valid_until = excluded.valid_until, admits = excluded.admits, pending_ok = excluded.pending_ok,
    blocked = excluded.blocked, addon_of = excluded.addon_of, seat = excluded.seat, holder = excluded.holder,
    email = excluded.email, order_ref = excluded.order_ref, attention = excluded.attention, notes = excluded.notes,
    answers = excluded.answers, is_signed = excluded.is_signed, version = tickets.version + 1, updated_at = now())"};
constexpr pg::Sql kPutCodes{VOELGOED_ADD_CODES R"(
ON CONFLICT (organization_id, event_id, hash) DO UPDATE SET withdrawn = excluded.withdrawn)"};

std::string_view wordOf(protocol::CodeKind kind)
{
    return kind == protocol::CodeKind::Typed ? "typed" : "foreign";
}

template <class Id>
std::optional<pg::Jsonb> jsonOf(const std::optional<std::vector<Id>> &ids)
{
    if (!ids)
        return std::nullopt;
    boost::json::array list;
    for (const Id &id : *ids)
        list.emplace_back(id.text);
    return pg::Jsonb{base::toText(list)};
}

template <class Id>
std::optional<std::vector<Id>> idsOf(const std::optional<pg::Jsonb> &json)
{
    if (!json)
        return std::nullopt;
    std::vector<Id> ids;
    const auto parsed = base::parseJson(json->text);
    base::ensure(parsed && parsed->is_array(), "a list of the database is none");
    for (const auto &item : parsed->as_array())
        ids.push_back(Id{std::string(item.as_string())});
    return ids;
}

template <class Id>
std::optional<Id> idOf(std::optional<std::string> text)
{
    return text ? std::optional(Id{std::move(*text)}) : std::nullopt;
}

StoredTicket ticketOf(const pg::Rows::Row &row)
{
    StoredTicket stored;
    domain::Ticket &ticket = stored.ticket;
    ticket.ordinal = {static_cast<std::uint32_t>(row.get<std::int32_t>(0))};
    stored.id = row.get<base::Uuid>(1);
    ticket.generation = static_cast<std::uint8_t>(row.get<std::int16_t>(2));
    ticket.type = {row.get<std::string>(3)};
    ticket.variant = {row.get<std::string>(4)};
    ticket.date = idOf<domain::DateId>(row.get<std::optional<std::string>>(5));
    ticket.zones = idsOf<domain::ZoneId>(row.get<std::optional<pg::Jsonb>>(6));
    ticket.gates = idsOf<domain::GateId>(row.get<std::optional<pg::Jsonb>>(7));
    const auto state = domain::fromWord<domain::TicketState>(row.get<std::string>(8));
    base::ensure(state.has_value(), "a ticket's state that there is not");
    ticket.state = *state;
    stored.stateByStaff = row.get<bool>(9);
    ticket.validFrom = row.get<std::optional<base::Instant>>(10);
    ticket.validUntil = row.get<std::optional<base::Instant>>(11);
    if (const auto admits = row.get<std::optional<std::int32_t>>(12))
        ticket.admits = static_cast<std::uint16_t>(*admits);
    ticket.pendingOk = row.get<bool>(13);
    ticket.blocked = row.get<bool>(14);
    if (const auto addonOf = row.get<std::optional<std::int32_t>>(15))
        ticket.addonOf = domain::Ordinal{static_cast<std::uint32_t>(*addonOf)};
    ticket.seat = row.get<std::string>(16);
    ticket.holder = row.get<std::string>(17);
    stored.email = row.get<std::string>(18);
    stored.order = row.get<std::string>(19);
    ticket.attention = row.get<bool>(20);
    const auto notes = base::parseJson(row.get<pg::Jsonb>(21).text);
    const auto answers = base::parseJson(row.get<pg::Jsonb>(22).text);
    base::ensure(notes && notes->is_array() && answers && answers->is_object(), "a ticket's notes are none");
    for (const auto &note : notes->as_array())
        ticket.notes.emplace_back(note.as_string());
    for (const auto &answer : answers->as_object())
        ticket.answers.emplace(domain::QuestionId{std::string(answer.key())}, std::string(answer.value().as_string()));
    stored.isSigned = row.get<bool>(23);
    stored.version = row.get<std::int32_t>(24);
    stored.createdAt = row.get<base::Instant>(25);
    stored.updatedAt = row.get<base::Instant>(26);
    stored.isThere = true;
    return stored;
}

std::vector<StoredTicket> ticketsIn(const pg::Rows &rows)
{
    std::vector<StoredTicket> tickets;
    tickets.reserve(rows.size());
    for (const auto row : rows)
        tickets.push_back(ticketOf(row));
    return tickets;
}

/// Both lists are in order of ordinals.
void addCodes(std::vector<StoredTicket> &tickets, const pg::Rows &rows)
{
    auto ticket = tickets.begin();
    for (const auto row : rows) {
        const auto ordinal = static_cast<std::uint32_t>(row.get<std::int32_t>(0));
        while (ticket != tickets.end() && ticket->ticket.ordinal.value != ordinal)
            ++ticket;
        base::ensure(ticket != tickets.end(), "a code of a ticket that was not asked for");
        StoredCode code{.generation = static_cast<std::uint8_t>(row.get<std::int16_t>(2)),
                        .kind = row.get<std::string>(3) == "typed" ? protocol::CodeKind::Typed
                                                                   : protocol::CodeKind::Foreign,
                        .text = row.get<std::string>(4),
                        .withdrawn = row.get<bool>(5)};
        const auto hash = row.get<base::Bytes>(1);
        std::copy(hash.begin(), hash.end(), code.hash.begin());
        ticket->codes.push_back(std::move(code));
    }
}

Task<Result<std::vector<StoredTicket>>> withCodes(pg::Tx &tx, base::Uuid event, std::vector<StoredTicket> tickets)
{
    std::vector<std::int32_t> ordinals;
    for (const StoredTicket &stored : tickets)
        ordinals.push_back(static_cast<std::int32_t>(stored.ticket.ordinal.value));
    if (ordinals.empty())
        co_return tickets;
    const auto codes = co_await tx.run(kCodes, pg::Params::of(event, ordinals));
    if (!codes)
        co_return codes.error();
    addCodes(tickets, *codes);
    co_return tickets;
}

/// The columns of kPut from $2 on, for some tickets. Borrows their texts.
pg::Params columnsOf(const base::Uuid &event, std::span<const StoredTicket> tickets)
{
    pg::Params params = pg::Params::of(event);
    const auto add = [&](auto cellOf) {
        std::vector<std::decay_t<decltype(cellOf(tickets.front()))>> column;
        column.reserve(tickets.size());
        for (const StoredTicket &stored : tickets)
            column.push_back(cellOf(stored));
        params.add(column);
    };
    using Stored = const StoredTicket &;
    using View = std::string_view;
    add([](Stored s) { return static_cast<std::int32_t>(s.ticket.ordinal.value); });
    add([](Stored s) { return s.id; });
    add([](Stored s) { return static_cast<std::int16_t>(s.ticket.generation); });
    add([](Stored s) { return s.ticket.type.view(); });
    add([](Stored s) { return s.ticket.variant.view(); });
    add([](Stored s) { return s.ticket.date ? std::optional<View>(s.ticket.date->view()) : std::nullopt; });
    add([](Stored s) { return jsonOf(s.ticket.zones); });
    add([](Stored s) { return jsonOf(s.ticket.gates); });
    add([](Stored s) { return domain::wordFor(s.ticket.state); });
    add([](Stored s) { return s.stateByStaff; });
    add([](Stored s) { return s.ticket.validFrom; });
    add([](Stored s) { return s.ticket.validUntil; });
    add([](Stored s) { return s.ticket.admits ? std::optional<std::int32_t>(*s.ticket.admits) : std::nullopt; });
    add([](Stored s) { return s.ticket.pendingOk; });
    add([](Stored s) { return s.ticket.blocked; });
    add([](Stored s) {
        return s.ticket.addonOf ? std::optional(static_cast<std::int32_t>(s.ticket.addonOf->value)) : std::nullopt;
    });
    add([](Stored s) { return View(s.ticket.seat); });
    add([](Stored s) { return View(s.ticket.holder); });
    add([](Stored s) { return View(s.email); });
    add([](Stored s) { return View(s.order); });
    add([](Stored s) { return s.ticket.attention; });
    add([](Stored s) {
        boost::json::array notes(s.ticket.notes.begin(), s.ticket.notes.end());
        return pg::Jsonb{base::toText(notes)};
    });
    add([](Stored s) {
        boost::json::object answers;
        for (const auto &[question, answer] : s.ticket.answers)
            answers[question.text] = answer;
        return pg::Jsonb{base::toText(answers)};
    });
    add([](Stored s) { return s.isSigned; });
    return params;
}

pg::Params codeColumnsOf(const base::Uuid &event, std::span<const StoredTicket> tickets)
{
    std::vector<std::int32_t> ordinals;
    std::vector<base::ByteView> hashes;
    std::vector<std::int16_t> generations;
    std::vector<std::string_view> kinds, texts;
    std::vector<bool> withdrawn;
    for (const StoredTicket &stored : tickets) {
        for (const StoredCode &code : stored.codes) {
            ordinals.push_back(static_cast<std::int32_t>(stored.ticket.ordinal.value));
            hashes.emplace_back(code.hash);
            generations.push_back(code.generation);
            kinds.push_back(wordOf(code.kind));
            texts.push_back(code.text);
            withdrawn.push_back(code.withdrawn);
        }
    }
    return pg::Params::of(event, ordinals, hashes, generations, kinds, texts, withdrawn);
}

} // namespace

const StoredCode *StoredTicket::code(protocol::CodeKind kind) const
{
    const auto found = std::find_if(codes.rbegin(), codes.rend(),
                                    [kind](const StoredCode &code) { return code.kind == kind && !code.withdrawn; });
    return found == codes.rend() ? nullptr : &*found;
}

Task<Result<std::vector<StoredTicket>>> listTickets(pg::Tx &tx, base::Uuid event, TicketFilter filter)
{
    const auto rows = co_await tx.run(kList, pg::Params::of(event, static_cast<std::int32_t>(filter.after),
                                                            filter.states, filter.type, filter.blocked, filter.text,
                                                            static_cast<std::int64_t>(filter.limit) + 1));
    if (!rows)
        co_return rows.error();
    co_return co_await withCodes(tx, event, ticketsIn(*rows));
}

Task<Result<std::vector<StoredTicket>>> ticketsOf(pg::Tx &tx, base::Uuid event, std::vector<std::int32_t> ordinals)
{
    const auto rows = co_await tx.run(kOf, pg::Params::of(event, ordinals));
    if (!rows)
        co_return rows.error();
    co_return co_await withCodes(tx, event, ticketsIn(*rows));
}

Task<Result<std::vector<std::pair<domain::CodeHash, std::int32_t>>>>
ordinalsOf(pg::Tx &tx, base::Uuid event, std::span<const domain::CodeHash> hashes)
{
    std::vector<std::pair<domain::CodeHash, std::int32_t>> found;
    for (std::size_t at = 0; at < hashes.size(); at += kChunk) {
        const auto chunk = hashes.subspan(at, std::min(kChunk, hashes.size() - at));
        const std::vector<base::ByteView> views(chunk.begin(), chunk.end());
        const auto rows = co_await tx.run(kOrdinals, pg::Params::of(event, views));
        if (!rows)
            co_return rows.error();
        for (const auto row : *rows) {
            const auto bytes = row.get<base::Bytes>(0);
            auto &pair = found.emplace_back(domain::CodeHash{}, row.get<std::int32_t>(1));
            std::copy(bytes.begin(), bytes.end(), pair.first.begin());
        }
    }
    co_return found;
}

Task<Result<std::optional<std::int32_t>>> ordinalOf(pg::Tx &tx, base::Uuid event, base::Uuid id)
{
    const auto rows = co_await tx.run(kOrdinalOf, pg::Params::of(event, id));
    if (!rows)
        co_return rows.error();
    co_return rows->empty() ? std::nullopt : std::optional(rows->front().get<std::int32_t>(0));
}

Task<Result<std::uint32_t>> takeOrdinals(pg::Tx &tx, base::Uuid event, std::size_t count)
{
    const auto locked = co_await tx.run(kLock, pg::Params::of(event));
    if (!locked)
        co_return locked.error();
    if (locked->empty())
        co_return base::Error{base::ErrorCode::NotFound, "no key ring", "There is no such event.", "not_found"};
    const auto first = locked->front().get<std::int32_t>(0);
    if (count == 0)
        co_return static_cast<std::uint32_t>(first);
    if (count > domain::kOrdinalMax)
        co_return base::invalid("more tickets than an event can have");
    const auto rows = co_await tx.run(kTake, pg::Params::of(event, static_cast<std::int32_t>(count)));
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return base::Error{base::ErrorCode::Conflict, "no ordinals left", "This event has no numbers left.",
                              "no_ordinals_left"};
    co_return static_cast<std::uint32_t>(first);
}

Task<Result<void>> putTickets(pg::Tx &tx, base::Uuid event, std::span<const StoredTicket> tickets)
{
    for (std::size_t at = 0, end = 0; at < tickets.size(); at = end) {
        // What is new cannot be there: to look for it would cost a third more.
        const bool isNew = !tickets[at].isThere;
        while (end < tickets.size() && end - at < kChunk && tickets[end].isThere != isNew)
            ++end;
        const auto chunk = tickets.subspan(at, end - at);
        std::vector<pg::Query> queries;
        queries.push_back({isNew ? kAdd : kPut, columnsOf(event, chunk)});
        queries.push_back({isNew ? kAddCodes : kPutCodes, codeColumnsOf(event, chunk)});
        const auto put = co_await tx.run(std::move(queries));
        if (!put)
            co_return put.error();
    }
    co_return Result<void>();
}

contracts::FeedTicket feedTicketOf(const StoredTicket &stored)
{
    protocol::ListedTicket listed{.ticket = stored.ticket, .codes = {}};
    listed.ticket.code.clear();
    listed.ticket.holder.clear();
    // Of a ticket that was given out again and again, the newest ones.
    const std::size_t first = stored.codes.size() - std::min(stored.codes.size(), protocol::kCodesMax);
    for (std::size_t i = first; i < stored.codes.size(); ++i) {
        const StoredCode &code = stored.codes[i];
        listed.codes.push_back({code.hash, code.generation, code.kind, code.withdrawn});
    }
    return {.ordinal = stored.ticket.ordinal, .message = protocol::encode(listed), .holder = stored.ticket.holder};
}

} // namespace voelgoed::ticketing
