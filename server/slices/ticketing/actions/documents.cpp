#include "server/slices/ticketing/actions/documents.h"

#include "server/slices/ticketing/art.h"
#include "server/slices/ticketing/changing.h"

#include "shared/domain/words.h"

#include <algorithm>
#include <array>
#include <mutex>

namespace voelgoed::ticketing {

using actions::Context;
using actions::RawAnswer;
using async::Task;
using base::Result;

namespace {

using Art = std::vector<artwork::TicketArt>;

enum class Form { Png, Pdf };

constexpr std::array kGivenOut{domain::TicketState::Valid, domain::TicketState::Pending};

bool isGivenOut(const StoredTicket &stored)
{
    return std::find(kGivenOut.begin(), kGivenOut.end(), stored.ticket.state) != kGivenOut.end();
}

/// Fonts' cache is shared by all who draw.
std::mutex &drawing()
{
    static std::mutex mutex;
    return mutex;
}

Task<Result<RawAnswer>> drawn(Ticketing &ticketing, Art art, std::string fileName, Form form)
{
    const auto bytes = co_await ticketing.kernel.workers.run([art = std::move(art), form] {
        const std::lock_guard lock(drawing());
        return form == Form::Pdf ? artwork::drawPdf(art) : artwork::drawPng(art.front());
    });
    if (!bytes)
        co_return bytes.error();
    RawAnswer answer;
    answer.contentType = form == Form::Pdf ? "application/pdf" : "image/png";
    answer.fileName = std::move(fileName);
    answer.bytes = std::string(base::textOf(*bytes));
    co_return answer;
}

Task<Result<Art>> artOfAll(Ticketing &ticketing, pg::Tx &tx, const contracts::KnownEvent &event,
                           std::vector<StoredTicket> tickets)
{
    auto codes = co_await codesOf(ticketing, tx, event, tickets);
    if (!codes)
        co_return codes.error();
    Art art;
    for (std::size_t i = 0; i < tickets.size(); ++i)
        art.push_back(artOf(event.definition, tickets[i], std::move((*codes)[i])));
    co_return art;
}

Task<Result<RawAnswer>> one(Context &context, Ticketing &ticketing, OneTicket in, Form form)
{
    auto reading = co_await readEvent(context, ticketing, in.event);
    if (!reading)
        co_return reading.error();
    auto stored = co_await ticketNamed(reading->tx, in.event, in.ticket.value);
    if (!stored)
        co_return stored.error();
    if (!isGivenOut(*stored))
        co_return actions::conflict("ticket_not_valid", "This ticket is not valid: there is nothing to print.");
    context.audit(shownCodes(in.event, stored->ticket.ordinal.value, 1));
    const std::string number = std::to_string(stored->ticket.ordinal.value);
    auto art = co_await artOfAll(ticketing, reading->tx, *reading->event, std::vector<StoredTicket>(1, *stored));
    if (!art)
        co_return art.error();
    co_return co_await drawn(ticketing, std::move(*art), "ticket-" + number + (form == Form::Pdf ? ".pdf" : ".png"),
                             form);
}

} // namespace

Task<Result<RawAnswer>> ticketPng(Context &context, Ticketing &ticketing, OneTicket in)
{
    co_return co_await one(context, ticketing, std::move(in), Form::Png);
}

Task<Result<RawAnswer>> ticketPdf(Context &context, Ticketing &ticketing, OneTicket in)
{
    co_return co_await one(context, ticketing, std::move(in), Form::Pdf);
}

Task<Result<RawAnswer>> ticketsPdf(Context &context, Ticketing &ticketing, ManyTickets in)
{
    auto reading = co_await readEvent(context, ticketing, in.event);
    if (!reading)
        co_return reading.error();
    TicketFilter filter;
    for (const domain::TicketState state : kGivenOut)
        filter.states.emplace_back(domain::wordFor(state));
    filter.after = std::min(in.after.value, domain::kOrdinalMax);
    filter.limit = std::clamp(in.limit.value, 1, 500);
    const auto most = static_cast<std::size_t>(filter.limit);
    auto tickets = co_await listTickets(reading->tx, in.event, std::move(filter));
    if (!tickets)
        co_return tickets.error();
    if (tickets->size() > most) {
        tickets->pop_back();
        context.answerField("Voelgoed-Next", std::to_string(tickets->back().ticket.ordinal.value));
    }
    if (tickets->empty())
        co_return actions::notFound("ticket");
    context.audit(shownCodes(in.event, tickets->front().ticket.ordinal.value, tickets->size()));
    auto art = co_await artOfAll(ticketing, reading->tx, *reading->event, std::move(*tickets));
    if (!art)
        co_return art.error();
    co_return co_await drawn(ticketing, std::move(*art), "tickets.pdf", Form::Pdf);
}

void addDocumentActions(Ticketing &ticketing)
{
    const auto reading = [](std::string_view name, std::string_view route, std::string_view summary) {
        return actions::Declaration{.name = name,
                                    .method = http::Method::Get,
                                    .route = route,
                                    .summary = summary,
                                    .policy = access::Policy::may(access::Permission::ManageTickets),
                                    .audited = actions::Audited::Yes,
                                    .load = actions::LoadClass::Report};
    };
    auto &all = ticketing.kernel.actions;
    all.add(reading("ticketing.ticket_png", "/v1/events/{event}/tickets/{ticket}/ticket.png",
                    "A ticket as a picture, for a phone"),
            ticketing, &ticketPng);
    all.add(reading("ticketing.ticket_pdf", "/v1/events/{event}/tickets/{ticket}/ticket.pdf",
                    "A ticket as a page, for a printer"),
            ticketing, &ticketPdf);
    all.add(reading("ticketing.tickets_pdf", "/v1/events/{event}/tickets.pdf",
                    "Many tickets as pages of one document, at most 500"),
            ticketing, &ticketsPdf);
}

} // namespace voelgoed::ticketing
