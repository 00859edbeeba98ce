#include "server/slices/ticketing/actions/import.h"

#include "server/platform/actions/consent.h"
#include "server/slices/ticketing/changing.h"

#include <algorithm>
#include <map>

namespace voelgoed::ticketing {

using actions::Context;
using async::Task;
using base::Result;

namespace {

constexpr std::size_t kBytesMax = std::size_t{64} << 20;
constexpr std::size_t kChangesTold = 100; ///< of more tickets with another state only the summary is told

import::HeaderRow headerOf(ImportHeader header)
{
    switch (header) {
    case ImportHeader::Guess:
        return import::HeaderRow::Guess;
    case ImportHeader::Present:
        return import::HeaderRow::Present;
    case ImportHeader::Absent:
        return import::HeaderRow::Absent;
    }
    return import::HeaderRow::Guess;
}

Result<import::ImportRequest> requestOf(Context &context, const domain::EventDefinition &event, const ImportFile &in)
{
    import::ImportRequest request;
    if (in.mapping) {
        auto mapping = import::parseMapping(in.mapping->value);
        if (!mapping)
            return context.reject("/mapping", "invalid", mapping.error().message);
        request.layout.mapping = std::move(*mapping);
    }
    if (in.separator) {
        const auto separator = import::separatorNamed(in.separator->value);
        if (!separator)
            return context.reject("/separator", "unknown", separator.error().message);
        request.separator = *separator;
    }
    if (in.encoding) {
        const auto encoding = import::encodingNamed(in.encoding->value);
        if (!encoding)
            return context.reject("/encoding", "unknown", encoding.error().message);
        request.encoding = *encoding;
    }
    request.layout.header = headerOf(in.header.value_or(ImportHeader::Guess));
    request.guests.questions = event.questions;
    if (in.urls && *in.urls == ImportUrls::Whole)
        request.guests.urls = import::UrlCodes::Whole;
    return request;
}

struct ReadFile
{
    import::Outcome outcome;
    base::Digest digest{};
};

Task<Result<ReadFile>> read(Context &context, Ticketing &ticketing, const domain::EventDefinition &event,
                            ImportFile &in)
{
    const auto request = requestOf(context, event, in);
    if (!request)
        co_return request.error();
    auto file = co_await ticketing.kernel.workers.run(
        [bytes = std::move(in.file.bytes), request = *request]() -> Result<ReadFile> {
            auto outcome = import::readGuestList(bytes, request);
            if (!outcome)
                return outcome.error();
            return ReadFile{std::move(*outcome), base::sha256(base::bytesOf(bytes))};
        });
    if (!file) {
        const base::Error &error = file.error();
        co_return context.reject("/file", "unreadable",
                                 error.hint.empty() ? error.message : error.message + ". " + error.hint);
    }
    co_return std::move(*file);
}

Result<TypeBook> typesOf(Context &context, const domain::EventDefinition &event, const ImportFile &in)
{
    std::vector<std::string> named;
    for (const auto &pair : in.types.values)
        named.push_back(pair.value);
    auto book = TypeBook::make(event, named, in.type ? std::optional(in.type->value) : std::nullopt);
    if (!book)
        return context.reject("/types", "unknown", book.error().message);
    return book;
}

Task<Result<std::map<domain::CodeHash, StoredTicket>>> knownAmong(pg::Tx &tx, base::Uuid event,
                                                                  const std::vector<import::Guest> &guests)
{
    std::map<domain::CodeHash, StoredTicket> known;
    constexpr std::size_t kAtOnce = 2'000;
    for (std::size_t at = 0; at < guests.size(); at += kAtOnce) {
        std::vector<domain::CodeHash> hashes;
        for (std::size_t i = at; i < std::min(guests.size(), at + kAtOnce); ++i)
            hashes.push_back(guests[i].hash);
        const auto found = co_await ordinalsOf(tx, event, hashes);
        if (!found)
            co_return found.error();
        if (found->empty())
            continue;
        std::vector<std::int32_t> ordinals;
        for (const auto &[hash, ordinal] : *found)
            ordinals.push_back(ordinal);
        auto tickets = co_await ticketsOf(tx, event, std::move(ordinals));
        if (!tickets)
            co_return tickets.error();
        std::map<std::int32_t, const StoredTicket *> byOrdinal;
        for (const StoredTicket &stored : *tickets)
            byOrdinal.emplace(static_cast<std::int32_t>(stored.ticket.ordinal.value), &stored);
        for (const auto &[hash, ordinal] : *found)
            known.emplace(hash, *byOrdinal.at(ordinal));
    }
    co_return known;
}

/// Two codes of one hash cannot be told apart at a gate.
bool clashes(const import::Guest &guest, const std::map<domain::CodeHash, StoredTicket> &known)
{
    const auto found = known.find(guest.hash);
    if (found == known.end())
        return false;
    for (const StoredCode &code : found->second.codes) {
        if (code.hash == guest.hash)
            return code.text != guest.code;
    }
    return false;
}

/// What an import does, and what is said of it.
struct Planned
{
    std::optional<std::size_t> clash; ///< the line of a code that cannot be told apart; then there is nothing else
    Merged merged;
    ImportOut out;
    std::vector<Refusal> refusals; ///< of bad rows
    base::Json stateChanges;
};

Planned planOf(const domain::EventDefinition &event, const TypeBook &types, const import::Outcome &outcome,
               const std::map<domain::CodeHash, StoredTicket> &known)
{
    Planned planned;
    for (const import::Guest &guest : outcome.list.guests) {
        if (clashes(guest, known)) {
            planned.clash = guest.line;
            return planned;
        }
    }
    planned.merged = merge(event, types, outcome.list.guests, known);
    planned.out = outOf(outcome, planned.merged);
    planned.refusals = refusalsOf(outcome, planned.merged);
    planned.stateChanges = stateChangesJson(planned.merged);
    return planned;
}

Task<Result<Planned>> plan(Context &context, Ticketing &ticketing, pg::Tx &tx, Known event, const ImportFile &in,
                           import::Outcome outcome)
{
    auto types = typesOf(context, event->definition, in);
    if (!types)
        co_return types.error();
    auto known = co_await knownAmong(tx, event->id, outcome.list.guests);
    if (!known)
        co_return known.error();
    auto planned = co_await ticketing.kernel.workers.run(
        [event, types = std::move(*types), outcome = std::move(outcome), known = std::move(*known)] {
            return planOf(event->definition, types, outcome, known);
        });
    if (planned.clash)
        co_return context.reject("/lines/" + std::to_string(*planned.clash), "hash_clash",
                                 "This code cannot be told apart from another one of the event.");
    co_return std::move(planned);
}

base::Error refuse(Context &context, Planned &planned)
{
    for (Refusal &refusal : planned.refusals)
        context.reject(std::move(refusal.pointer), std::move(refusal.code), std::move(refusal.detail));
    return {base::ErrorCode::Invalid, "bad rows",
            std::to_string(planned.out.leftOut) +
                " rows cannot be taken, so that none was. Mend them, or leave them out.",
            "bad_rows"};
}

bool cancelsAny(const Merged &merged)
{
    return std::any_of(merged.stateChanges.begin(), merged.stateChanges.end(), [&](const StateChange &change) {
        const domain::TicketState state = merged.changed.at(change.index).ticket.state;
        return state == domain::TicketState::Cancelled || state == domain::TicketState::Revoked;
    });
}

/// Whether this may be done now, by whoever asks.
Result<void> mayDo(const Context &context, const contracts::KnownEvent &event, const Planned &planned)
{
    if (!planned.merged.added.empty()) {
        if (const auto may = mayAddTo(event); !may)
            return may;
    }
    if (actions::lacksConsent(context.actor()) && cancelsAny(planned.merged))
        return actions::consentRequired();
    return {};
}

/// Into the trail and to whoever listens.
void tell(Context &context, const base::Uuid &event, const Planned &planned, std::uint32_t firstAdded,
          const base::Digest &digest)
{
    const ImportOut &out = planned.out;
    boost::json::object after{{"added", out.added},
                              {"changed", out.changed},
                              {"left_out", out.leftOut},
                              {"file_sha256", base::toHex(digest)},
                              {"state_changes", planned.stateChanges}};
    if (out.added > 0)
        after["first_ordinal"] = firstAdded;
    context.audit({.action = {},
                   .subjectType = "event",
                   .subject = base::toText(event),
                   .before = {},
                   .after = std::move(after),
                   .reason = {}});
    const Merged &merged = planned.merged;
    if (merged.stateChanges.size() <= kChangesTold) {
        for (const StateChange &change : merged.stateChanges)
            announceChange(context, event, merged.changed.at(change.index));
    }
    if (out.added + out.changed > 0)
        announce(context, event, "ticketing.tickets_imported.v1", {{"added", out.added}, {"changed", out.changed}});
}

} // namespace

Task<Result<ImportOut>> importTickets(Context &context, Ticketing &ticketing, ImportFile in)
{
    // In its own transaction: whoever holds one and waits for another connection may wait for those who wait for him.
    const auto seen = co_await checkEvent(context, ticketing, in.event);
    if (!seen)
        co_return seen.error();
    if (const auto may = co_await maySell(context, ticketing); !may)
        co_return may.error();
    auto file = co_await read(context, ticketing, (*seen)->definition, in);
    if (!file)
        co_return file.error();
    const auto event = co_await holdEvent(context, ticketing, in.event);
    if (!event)
        co_return event.error();
    if (const auto may = co_await maySell(context, ticketing); !may)
        co_return may.error();
    if ((*event)->definition.questions != (*seen)->definition.questions)
        co_return actions::conflict("event_changed", "The event's questions were changed meanwhile: import once more.");
    auto planned = co_await plan(context, ticketing, context.tx(), *event, in, std::move(file->outcome));
    if (!planned)
        co_return planned.error();
    if (planned->out.leftOut > 0 && !in.skipBad)
        co_return refuse(context, *planned);
    if (const auto may = mayDo(context, **event, *planned); !may)
        co_return may.error();
    std::vector<StoredTicket> &added = planned->merged.added;
    const auto first = co_await takeOrdinals(context.tx(), in.event, added.size());
    if (!first)
        co_return first.error();
    for (std::size_t i = 0; i < added.size(); ++i) {
        added[i].id = context.newId();
        added[i].ticket.ordinal = {*first + static_cast<std::uint32_t>(i)};
    }
    tell(context, in.event, *planned, *first, file->digest);
    std::vector<StoredTicket> all = std::move(planned->merged.changed);
    all.insert(all.end(), std::make_move_iterator(added.begin()), std::make_move_iterator(added.end()));
    if (const auto saved = co_await save(context, ticketing, **event, all); !saved)
        co_return saved.error();
    co_return std::move(planned->out);
}

Task<Result<ImportOut>> checkImport(Context &context, Ticketing &ticketing, ImportFile in)
{
    const auto event = co_await findEvent(context, ticketing, in.event);
    if (!event)
        co_return event.error();
    auto file = co_await read(context, ticketing, (*event)->definition, in);
    if (!file)
        co_return file.error();
    auto tx = co_await readingTx(context);
    if (!tx)
        co_return tx.error();
    auto planned = co_await plan(context, ticketing, *tx, *event, in, std::move(file->outcome));
    if (!planned)
        co_return planned.error();
    if (const auto may = mayDo(context, **event, *planned); !may)
        co_return may.error();
    co_return std::move(planned->out);
}

void addImportActions(Ticketing &ticketing)
{
    auto &all = ticketing.kernel.actions;
    all.add({.name = "ticketing.import_tickets",
             .method = http::Method::Post,
             .route = "/v1/events/{event}/tickets/import",
             .summary = "Takes a guest list of another system: a table (CSV) or JSON",
             .policy = access::Policy::may(access::Permission::ManageTickets),
             .effect = actions::Effect::Writes,
             .idempotency = actions::Idempotency::Required,
             .audited = actions::Audited::Yes,
             .load = actions::LoadClass::Write,
             .bodyMax = kBytesMax,
             .pace = actions::Pace::Slow},
            ticketing, &importTickets);
    all.add({.name = "ticketing.check_import",
             .method = http::Method::Post,
             .route = "/v1/events/{event}/tickets/import/check",
             .summary = "Says what an import would do",
             .policy = access::Policy::may(access::Permission::ManageTickets),
             .load = actions::LoadClass::Report,
             .bodyMax = kBytesMax},
            ticketing, &checkImport);
}

} // namespace voelgoed::ticketing
