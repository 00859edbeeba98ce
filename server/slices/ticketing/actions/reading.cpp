#include "server/slices/ticketing/actions/reading.h"

#include "server/slices/ticketing/changing.h"
#include "shared/domain/words.h"

#include <algorithm>

namespace voelgoed::ticketing {

using actions::Context;
using async::Task;
using base::Result;

namespace {

template <std::size_t Max>
std::optional<std::string> textOf(const std::optional<actions::Text<Max>> &text)
{
    return text ? std::optional(text->value) : std::nullopt;
}

} // namespace

Task<Result<TicketList>> listTicketsAction(Context &context, Ticketing &ticketing, ListTickets in)
{
    if (in.state && !domain::fromWord<domain::TicketState>(in.state->value))
        co_return context.reject("/state", "unknown", "Tickets are valid, pending, unapproved, cancelled or revoked.");
    auto reading = co_await readEvent(context, ticketing, in.event);
    if (!reading)
        co_return reading.error();
    const std::int32_t limit = std::clamp(in.limit.value, 1, 100);
    TicketFilter filter{.states = {},
                        .type = textOf(in.type),
                        .text = textOf(in.q),
                        .blocked = in.blocked,
                        .after = std::min(in.after.value, domain::kOrdinalMax),
                        .limit = limit};
    if (in.state)
        filter.states.push_back(in.state->value);
    const auto tickets = co_await listTickets(reading->tx, in.event, std::move(filter));
    if (!tickets)
        co_return tickets.error();
    TicketList list;
    list.hasMore = tickets->size() > static_cast<std::size_t>(limit);
    for (std::size_t i = 0; i < tickets->size() && i < static_cast<std::size_t>(limit); ++i)
        list.data.push_back(outOf((*tickets)[i]));
    if (list.hasMore)
        list.next = list.data.back().ordinal;
    co_return list;
}

Task<Result<TicketOut>> showTicket(Context &context, Ticketing &ticketing, OneTicket in)
{
    auto reading = co_await readEvent(context, ticketing, in.event);
    if (!reading)
        co_return reading.error();
    const auto stored = co_await ticketNamed(reading->tx, in.event, in.ticket.value);
    if (!stored)
        co_return stored.error();
    context.answerVersion(stored->version);
    co_return outOf(*stored);
}

Task<Result<CodeList>> listCodes(Context &context, Ticketing &ticketing, ListCodes in)
{
    auto reading = co_await readEvent(context, ticketing, in.event);
    if (!reading)
        co_return reading.error();
    const std::int32_t limit = std::clamp(in.limit.value, 1, 1000);
    TicketFilter filter;
    filter.after = std::min(in.after.value, domain::kOrdinalMax);
    filter.limit = limit;
    auto tickets = co_await listTickets(reading->tx, in.event, std::move(filter));
    if (!tickets)
        co_return tickets.error();
    CodeList list;
    list.hasMore = tickets->size() > static_cast<std::size_t>(limit);
    if (list.hasMore)
        tickets->pop_back();
    auto codes = co_await codesOf(ticketing, reading->tx, *reading->event, *tickets);
    if (!codes)
        co_return codes.error();
    for (std::size_t i = 0; i < tickets->size(); ++i) {
        const StoredTicket &stored = (*tickets)[i];
        IssuedOut issued = issuedOf(stored, std::move((*codes)[i]));
        list.data.push_back({.ordinal = stored.ticket.ordinal.value,
                             .type = stored.ticket.type.text,
                             .state = std::move(issued.ticket.state),
                             .code = std::move(issued.code),
                             .typed = std::move(issued.typed)});
    }
    if (list.hasMore)
        list.next = list.data.back().ordinal;
    context.audit(shownCodes(in.event, list.data.empty() ? 0 : list.data.front().ordinal, list.data.size()));
    co_return list;
}

void addReadingActions(Ticketing &ticketing)
{
    using access::Permission;
    using access::Policy;
    auto &all = ticketing.kernel.actions;
    all.add({.name = "ticketing.list_tickets",
             .method = http::Method::Get,
             .route = "/v1/events/{event}/tickets",
             .summary = "Tickets of an event, by state, type or words",
             .policy = Policy::may(Permission::ReadOrders)},
            ticketing, &listTicketsAction);
    all.add({.name = "ticketing.show_ticket",
             .method = http::Method::Get,
             .route = "/v1/events/{event}/tickets/{ticket}",
             .summary = "One ticket, without its code",
             .policy = Policy::may(Permission::ReadOrders)},
            ticketing, &showTicket);
    all.add({.name = "ticketing.list_codes",
             .method = http::Method::Get,
             .route = "/v1/events/{event}/codes",
             .summary = "What the tickets' holders show at the gate, at most 1,000 a page",
             .policy = Policy::may(Permission::ManageTickets),
             .audited = actions::Audited::Yes,
             .load = actions::LoadClass::Report},
            ticketing, &listCodes);
}

} // namespace voelgoed::ticketing
