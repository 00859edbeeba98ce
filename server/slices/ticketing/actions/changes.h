#pragma once

#include "server/platform/actions/action.h"
#include "server/slices/ticketing/actions/ticket_out.h"
#include "server/slices/ticketing/ticketing.h"

/// What becomes of a ticket after it was issued or imported.
namespace voelgoed::ticketing {

struct TicketChange
{
    base::Uuid event{};
    actions::Text<36> ticket;
    std::optional<actions::Text<500>> reason;
};
BOOST_DESCRIBE_STRUCT(TicketChange, (), (event, ticket, reason))

struct TicketTransfer
{
    base::Uuid event{};
    actions::Text<36> ticket;
    actions::Text<200> holder;
    std::optional<actions::Text<254>> email;
    std::optional<actions::Text<500>> reason;
};
BOOST_DESCRIBE_STRUCT(TicketTransfer, (), (event, ticket, holder, email, reason))

/// Cancelled tickets stay, and are refused at the gate.
async::Task<base::Result<TicketOut>> cancelTicket(actions::Context &context, Ticketing &ticketing, TicketChange in);
async::Task<base::Result<TicketOut>> restoreTicket(actions::Context &context, Ticketing &ticketing, TicketChange in);
async::Task<base::Result<TicketOut>> blockTicket(actions::Context &context, Ticketing &ticketing, TicketChange in);
async::Task<base::Result<TicketOut>> unblockTicket(actions::Context &context, Ticketing &ticketing, TicketChange in);
/// A new code of ours; every code that led to the ticket before is withdrawn.
async::Task<base::Result<IssuedOut>> reissueTicket(actions::Context &context, Ticketing &ticketing, TicketChange in);
/// The same, for another holder.
async::Task<base::Result<IssuedOut>> transferTicket(actions::Context &context, Ticketing &ticketing, TicketTransfer in);

void addChangeActions(Ticketing &ticketing);

} // namespace voelgoed::ticketing
