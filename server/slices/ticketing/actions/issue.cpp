#include "server/slices/ticketing/actions/issue.h"

#include "server/slices/ticketing/changing.h"

#include <algorithm>

namespace voelgoed::ticketing {

using actions::Context;
using async::Task;
using base::Result;

namespace {

std::string orEmpty(const std::optional<actions::Text<200>> &text)
{
    return text ? text->value : std::string();
}

template <class Item, class Id>
bool isAmong(const std::vector<Item> &items, const Id &id)
{
    return std::any_of(items.begin(), items.end(), [&](const Item &item) { return item.id == id; });
}

template <class Id>
std::optional<std::vector<Id>> idsOf(const std::optional<std::vector<std::string>> &texts)
{
    if (!texts || texts->empty())
        return std::nullopt;
    std::vector<Id> ids;
    for (const std::string &text : *texts)
        ids.push_back(Id{text});
    return ids;
}

domain::TicketState stateOf(FirstState state)
{
    switch (state) {
    case FirstState::Valid:
        return domain::TicketState::Valid;
    case FirstState::Pending:
        return domain::TicketState::Pending;
    case FirstState::Unapproved:
        return domain::TicketState::Unapproved;
    }
    return domain::TicketState::Unapproved;
}

StoredTicket storedOf(Context &context, const NewTicket &in)
{
    StoredTicket stored;
    stored.id = context.newId();
    stored.isSigned = true;
    stored.email = in.email ? in.email->value : std::string();
    stored.order = orEmpty(in.order);
    stored.createdAt = stored.updatedAt = context.now();
    domain::Ticket &ticket = stored.ticket;
    ticket.type = {in.type.value};
    ticket.variant = {orEmpty(in.variant)};
    if (in.date)
        ticket.date = domain::DateId{in.date->value};
    ticket.zones = idsOf<domain::ZoneId>(in.zones);
    ticket.gates = idsOf<domain::GateId>(in.gates);
    ticket.state = stateOf(in.state.value_or(FirstState::Valid));
    ticket.validFrom = in.validFrom;
    ticket.validUntil = in.validUntil;
    ticket.admits = in.admits;
    if (in.addonOf)
        ticket.addonOf = domain::Ordinal{*in.addonOf};
    ticket.pendingOk = in.pendingOk;
    ticket.attention = in.attention;
    ticket.seat = orEmpty(in.seat);
    ticket.holder = orEmpty(in.holder);
    for (const auto &note : in.notes.values)
        ticket.notes.push_back(note.value);
    return stored;
}

/// What the event's definition says against a ticket; all of it is named.
void checkAgainst(Context &context, const domain::EventDefinition &event, const StoredTicket &stored,
                  const std::string &place, std::uint32_t nextOrdinal)
{
    const domain::Ticket &ticket = stored.ticket;
    if (!isAmong(event.types, ticket.type))
        context.reject(place + "/type", "unknown", "The event has no such ticket type.");
    if (ticket.date && !isAmong(event.dates, *ticket.date))
        context.reject(place + "/date", "unknown", "The event has no such date.");
    for (const domain::GateId &gate : ticket.gates.value_or(std::vector<domain::GateId>())) {
        if (!isAmong(event.gates, gate))
            context.reject(place + "/gates", "unknown", "The event has no such gate: " + gate.text);
    }
    for (const domain::ZoneId &zone : ticket.zones.value_or(std::vector<domain::ZoneId>())) {
        const bool known = std::any_of(event.checkpoints.begin(), event.checkpoints.end(),
                                       [&](const domain::Checkpoint &point) { return point.zone == zone; });
        if (!known)
            context.reject(place + "/zones", "unknown", "No checkpoint of the event has this zone: " + zone.text);
    }
    if (ticket.admits && *ticket.admits == 0)
        context.reject(place + "/admits", "out_of_range", "A ticket admits at least one person.");
    if (ticket.validFrom && ticket.validUntil && *ticket.validUntil < *ticket.validFrom)
        context.reject(place + "/valid_until", "out_of_range", "It ends before it begins.");
    if (ticket.addonOf && (ticket.addonOf->value == 0 || ticket.addonOf->value >= nextOrdinal))
        context.reject(place + "/addon_of", "unknown", "The event has no such ticket.");
}

} // namespace

Task<Result<IssuedList>> issueTickets(Context &context, Ticketing &ticketing, IssueTickets in)
{
    if (in.tickets.values.empty())
        co_return context.reject("/tickets", "required", "Say which tickets.");
    if (const auto may = co_await maySell(context, ticketing); !may)
        co_return may.error();
    const auto known = co_await holdEvent(context, ticketing, in.event);
    if (!known)
        co_return known.error();
    if (const auto may = mayAddTo(**known); !may)
        co_return may.error();
    const auto first = co_await takeOrdinals(context.tx(), in.event, in.tickets.values.size());
    if (!first)
        co_return first.error();
    std::vector<StoredTicket> tickets;
    for (std::size_t i = 0; i < in.tickets.values.size(); ++i) {
        StoredTicket stored = storedOf(context, in.tickets.values[i]);
        checkAgainst(context, (*known)->definition, stored, "/tickets/" + std::to_string(i), *first);
        stored.ticket.ordinal = {*first + static_cast<std::uint32_t>(i)};
        giveTypedCode(stored, context.random());
        tickets.push_back(std::move(stored));
    }
    if (context.hasErrors())
        co_return base::Error{base::ErrorCode::Invalid, "input", "Some fields are not right.", "invalid_input"};
    auto codes = co_await codesOf(ticketing, context.tx(), **known, tickets);
    if (!codes)
        co_return codes.error();
    if (const auto saved = co_await save(context, ticketing, **known, tickets); !saved)
        co_return saved.error();
    context.audit({.action = {},
                   .subjectType = "event",
                   .subject = base::toText(in.event),
                   .before = {},
                   .after = {{"tickets", tickets.size()}, {"first_ordinal", *first}},
                   .reason = {}});
    announce(context, in.event, "ticketing.tickets_issued.v1",
             {{"tickets", tickets.size()}, {"first_ordinal", *first}});
    IssuedList list;
    for (std::size_t i = 0; i < tickets.size(); ++i)
        list.data.push_back(issuedOf(tickets[i], std::move((*codes)[i])));
    co_return list;
}

void addIssueActions(Ticketing &ticketing)
{
    ticketing.kernel.actions.add({.name = "ticketing.issue_tickets",
                                  .method = http::Method::Post,
                                  .route = "/v1/events/{event}/tickets",
                                  .summary = "Issues tickets with signed codes, at most 1,000 at once",
                                  .policy = access::Policy::may(access::Permission::ManageTickets),
                                  .effect = actions::Effect::Writes,
                                  .idempotency = actions::Idempotency::Required,
                                  .audited = actions::Audited::Yes,
                                  .load = actions::LoadClass::Write,
                                  .bodyMax = std::size_t{2} << 20,
                                  .status = 201,
                                  .pace = actions::Pace::Slow},
                                 ticketing, &issueTickets);
}

} // namespace voelgoed::ticketing
