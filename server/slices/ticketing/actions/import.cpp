#include "server/slices/ticketing/actions/import.h"

#include "server/slices/ticketing/changing.h"
#include "server/slices/ticketing/import/report.h"

#include <map>

namespace voelgoed::ticketing {

using actions::Context;
using async::Task;
using base::Result;

namespace {

constexpr std::size_t kBytesMax = std::size_t{64} << 20;
constexpr std::size_t kNamed = 30; ///< errors that an answer tells one by one, and types

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

Result<import::ImportRequest> requestOf(Context &context, const ImportFile &in)
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
    request.guests.answers = import::Answers::Take;
    if (in.urls && *in.urls == ImportUrls::Whole)
        request.guests.urls = import::UrlCodes::Whole;
    return request;
}

Task<Result<import::Outcome>> read(Context &context, Ticketing &ticketing, ImportFile &in)
{
    const auto request = requestOf(context, in);
    if (!request)
        co_return request.error();
    auto outcome = co_await ticketing.kernel.workers.run(
        [bytes = std::move(in.file.bytes), request = *request] { return import::readGuestList(bytes, request); });
    if (!outcome) {
        const base::Error &error = outcome.error();
        co_return context.reject("/file", "unreadable",
                                 error.hint.empty() ? error.message : error.message + ". " + error.hint);
    }
    co_return std::move(*outcome);
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

struct Planned
{
    import::Outcome outcome;
    Merged merged;
    std::size_t bad = 0;
};

Task<Result<Planned>> plan(Context &context, pg::Tx &tx, const contracts::KnownEvent &event, const ImportFile &in,
                           import::Outcome outcome)
{
    const auto types = typesOf(context, event.definition, in);
    if (!types)
        co_return types.error();
    const auto known = co_await knownAmong(tx, event.id, outcome.list.guests);
    if (!known)
        co_return known.error();
    for (const import::Guest &guest : outcome.list.guests) {
        if (clashes(guest, *known))
            co_return context.reject("/lines/" + std::to_string(guest.line), "hash_clash",
                                     "This code cannot be told apart from another one of the event.");
    }
    Planned planned;
    planned.merged = merge(event.definition, *types, outcome.list.guests, *known);
    planned.bad = outcome.list.counts.badRows;
    for (const UnknownType &type : planned.merged.unknownTypes)
        planned.bad += type.rows;
    planned.outcome = std::move(outcome);
    co_return planned;
}

ImportOut outOf(const Planned &planned)
{
    ImportOut out{.added = planned.merged.added.size(),
                  .changed = planned.merged.changed.size(),
                  .unchanged = planned.merged.unchanged,
                  .leftOut = planned.bad,
                  .unknownTypes = {},
                  .report = import::toJson(planned.outcome)};
    for (const UnknownType &type : planned.merged.unknownTypes)
        out.unknownTypes.push_back({type.name, type.rows, type.lines.first(), type.lines.text()});
    return out;
}

/// Names each bad row: the first ones with what was found in them, and those behind them by their lines and the kind.
base::Error refuse(Context &context, const Planned &planned)
{
    import::Lines others;
    std::size_t types = 0, named = 0;
    for (const UnknownType &type : planned.merged.unknownTypes) {
        if (++types > kNamed) {
            others.add(type.lines);
            continue;
        }
        context.reject("/lines/" + std::to_string(type.lines.first()), "unknown_type",
                       (type.name.empty() ? std::string("The row names no ticket type")
                                          : "The event has no ticket type \"" + type.name + "\"") +
                           " (" + std::to_string(type.rows) + " rows: " + type.lines.text() + ").");
    }
    if (types > kNamed)
        context.reject("/lines", "unknown_type",
                       "Other types that the event does not have, rows: " + others.text() + ".");
    const import::Findings &findings = planned.outcome.list.findings;
    std::map<import::FindingKind, std::size_t> told;
    for (const import::Finding &finding : findings.all()) {
        if (import::severityOf(finding.kind) != import::Severity::Error || named++ >= kNamed)
            continue;
        ++told[finding.kind];
        context.reject("/lines/" + std::to_string(finding.place.line), std::string(import::wordOf(finding.kind)),
                       finding.sentence);
    }
    for (std::size_t i = 0; i <= static_cast<std::size_t>(import::kLastFindingKind); ++i) {
        const auto kind = static_cast<import::FindingKind>(i);
        if (import::severityOf(kind) == import::Severity::Error && findings.total(kind) > told[kind])
            context.reject("/lines", std::string(import::wordOf(kind)),
                           std::to_string(findings.total(kind)) + " rows in all: " + findings.linesOf(kind).text() +
                               ". " + std::string(import::adviceOn(kind)));
    }
    return {base::ErrorCode::Invalid, "bad rows",
            std::to_string(planned.bad) + " rows cannot be taken, so that none was. Mend them, or leave them out.",
            "bad_rows"};
}

} // namespace

Task<Result<ImportOut>> importTickets(Context &context, Ticketing &ticketing, ImportFile in)
{
    // In its own transaction: whoever holds one and waits for another connection may wait for those who wait for him.
    const auto there = co_await ticketing.events.hold(context.tx(), in.event);
    if (!there)
        co_return there.error();
    if (!*there)
        co_return actions::notFound("event");
    if (const auto may = co_await maySell(context, ticketing); !may)
        co_return may.error();
    const base::Digest digest = base::sha256(base::bytesOf(in.file.bytes));
    auto outcome = co_await read(context, ticketing, in);
    if (!outcome)
        co_return outcome.error();
    const auto event = co_await holdEvent(context, ticketing, in.event);
    if (!event)
        co_return event.error();
    auto planned = co_await plan(context, context.tx(), **event, in, std::move(*outcome));
    if (!planned)
        co_return planned.error();
    if (planned->bad > 0 && !in.skipBad)
        co_return refuse(context, *planned);
    const ImportOut out = outOf(*planned);
    std::vector<StoredTicket> &added = planned->merged.added;
    const auto first = co_await takeOrdinals(context.tx(), in.event, added.size());
    if (!first)
        co_return first.error();
    for (std::size_t i = 0; i < added.size(); ++i) {
        added[i].id = context.newId();
        added[i].ticket.ordinal = {*first + static_cast<std::uint32_t>(i)};
    }
    std::vector<StoredTicket> all = std::move(planned->merged.changed);
    all.insert(all.end(), std::make_move_iterator(added.begin()), std::make_move_iterator(added.end()));
    if (const auto saved = co_await save(context, ticketing, **event, all); !saved)
        co_return saved.error();
    context.audit({.action = {},
                   .subjectType = "event",
                   .subject = base::toText(in.event),
                   .before = {},
                   .after = {{"added", out.added},
                             {"changed", out.changed},
                             {"left_out", out.leftOut},
                             {"file_sha256", base::toHex(digest)}},
                   .reason = {}});
    if (!all.empty())
        announce(context, in.event, "ticketing.tickets_imported.v1", {{"added", out.added}, {"changed", out.changed}});
    co_return out;
}

Task<Result<ImportOut>> checkImport(Context &context, Ticketing &ticketing, ImportFile in)
{
    const auto event = co_await findEvent(context, ticketing, in.event);
    if (!event)
        co_return event.error();
    auto outcome = co_await read(context, ticketing, in);
    if (!outcome)
        co_return outcome.error();
    auto tx = co_await readingTx(context);
    if (!tx)
        co_return tx.error();
    const auto planned = co_await plan(context, *tx, **event, in, std::move(*outcome));
    if (!planned)
        co_return planned.error();
    co_return outOf(*planned);
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
