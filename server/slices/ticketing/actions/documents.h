#pragma once

#include "server/platform/actions/action.h"
#include "server/slices/ticketing/actions/ticket_out.h"
#include "server/slices/ticketing/ticketing.h"

/// Tickets as pictures and pages.
namespace voelgoed::ticketing {

struct ManyTickets
{
    base::Uuid event{};
    actions::Defaulted<std::uint32_t, 0> after;
    actions::Defaulted<std::int32_t, 100> limit; ///< at most 500
};
BOOST_DESCRIBE_STRUCT(ManyTickets, (), (event, after, limit))

async::Task<base::Result<actions::RawAnswer>> ticketPng(actions::Context &context, Ticketing &ticketing, OneTicket in);
async::Task<base::Result<actions::RawAnswer>> ticketPdf(actions::Context &context, Ticketing &ticketing, OneTicket in);
/// A page for each ticket that is valid or pending; the answer's field Voelgoed-Next is for `after`, where there are
/// more.
async::Task<base::Result<actions::RawAnswer>> ticketsPdf(actions::Context &context, Ticketing &ticketing,
                                                         ManyTickets in);

void addDocumentActions(Ticketing &ticketing);

} // namespace voelgoed::ticketing
