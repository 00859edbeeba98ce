#pragma once

#include "server/platform/actions/context.h"
#include "server/slices/ticketing/store.h"
#include "server/slices/ticketing/ticketing.h"

/// What all changes of tickets have in common.
namespace voelgoed::ticketing {

using Known = std::shared_ptr<const contracts::KnownEvent>;

/// No new tickets come about while the organization is suspended; those that there are go on. Forbidden.
async::Task<base::Result<void>> maySell(actions::Context &context, Ticketing &ticketing);

/// The event as it is in this transaction, and its tickets locked against other changes. NotFound; Conflict for an
/// archived one.
async::Task<base::Result<Known>> holdEvent(actions::Context &context, Ticketing &ticketing, base::Uuid event);

/// The same without the locks, before work is spent on a change: it may be otherwise by the time that it is held.
async::Task<base::Result<Known>> checkEvent(actions::Context &context, Ticketing &ticketing, base::Uuid event);

/// Conflict for an event that is cancelled or has ended: it gets no new tickets.
base::Result<void> mayAddTo(const contracts::KnownEvent &event);

/// As it was a moment ago, for reading. NotFound.
async::Task<base::Result<Known>> findEvent(actions::Context &context, Ticketing &ticketing, base::Uuid event);

/// A transaction that only reads.
async::Task<base::Result<pg::Tx>> readingTx(actions::Context &context);

/// Both of them.
struct Reading
{
    Known event;
    pg::Tx tx;
};
async::Task<base::Result<Reading>> readEvent(actions::Context &context, Ticketing &ticketing, base::Uuid event);

/// A ticket by its number in the event or by its id. NotFound.
async::Task<base::Result<StoredTicket>> ticketNamed(pg::Tx &tx, base::Uuid event, const std::string &named);

/// Writes tickets and tells the event's gates. The last thing in a transaction, but for what goes with the commit.
async::Task<base::Result<void>> save(actions::Context &context, Ticketing &ticketing,
                                     const contracts::KnownEvent &event, const std::vector<StoredTicket> &tickets);

/// Says on the event's topic what happened: "ticketing.tickets_issued.v1".
void announce(actions::Context &context, const base::Uuid &event, std::string type, boost::json::object data);

/// Says there that a ticket has another state, block or code.
void announceChange(actions::Context &context, const base::Uuid &event, const StoredTicket &stored);

/// The printed texts of tickets' codes, in their order; a foreign one's own where there is no signed one. Signs on the
/// workers.
async::Task<base::Result<std::vector<std::string>>>
codesOf(Ticketing &ticketing, pg::Tx &tx, const contracts::KnownEvent &event, const std::vector<StoredTicket> &tickets);

/// For the trail: somebody was shown the codes of so many of the event's tickets, beginning with this one. Whoever has
/// a code comes in.
work::AuditEntry shownCodes(const base::Uuid &event, std::uint32_t first, std::size_t tickets);

/// A code for people to type, for the generation that the ticket has; those before are withdrawn.
void giveTypedCode(StoredTicket &stored, base::Random &random);

} // namespace voelgoed::ticketing
