#pragma once

#include "server/contracts/event_feed.h"
#include "server/platform/pg/pool.h"
#include "shared/protocol/ticket.h"

#include <span>

/// Rows of ticketing.tickets and ticketing.codes.
namespace voelgoed::ticketing {

/// A text that leads to a ticket.
struct StoredCode
{
    domain::CodeHash hash{};
    std::uint8_t generation = 0; ///< the ticket's, when it was given out
    protocol::CodeKind kind = protocol::CodeKind::Foreign;
    std::string text;
    bool withdrawn = false;

    friend bool operator==(const StoredCode &, const StoredCode &) = default;
};

/// A ticket as its organization knows it. `ticket.code` is empty: texts are among the codes.
struct StoredTicket
{
    base::Uuid id{};
    domain::Ticket ticket;
    std::string email, order;
    bool isSigned = false;     ///< has a code of ours; else a foreign one leads to it
    bool stateByStaff = false; ///< then an import leaves the state as it is
    std::int32_t version = 1;
    base::Instant createdAt, updatedAt;
    std::vector<StoredCode> codes; ///< by generation
    bool isThere = false;          ///< was read from the database; else it has never been written

    /// The one that is good now; null when there is none of that kind.
    const StoredCode *code(protocol::CodeKind kind) const;
};

struct TicketFilter
{
    std::vector<std::string> states;       ///< empty: all
    std::optional<std::string> type, text; ///< `text`: in holder, e-mail, order or seat, whatever its case
    std::optional<bool> blocked;
    std::uint32_t after = 0;
    std::int32_t limit = 50;
};

/// In order of ordinals, one more than the limit where there are more. With their codes.
async::Task<base::Result<std::vector<StoredTicket>>> listTickets(pg::Tx &tx, base::Uuid event, TicketFilter filter);

/// Those of these ordinals that there are, in order.
async::Task<base::Result<std::vector<StoredTicket>>> ticketsOf(pg::Tx &tx, base::Uuid event,
                                                               std::vector<std::int32_t> ordinals);

/// The ordinals that codes lead to, withdrawn ones included: (hash, ordinal).
async::Task<base::Result<std::vector<std::pair<domain::CodeHash, std::int32_t>>>>
ordinalsOf(pg::Tx &tx, base::Uuid event, std::span<const domain::CodeHash> hashes);

async::Task<base::Result<std::optional<std::int32_t>>> ordinalOf(pg::Tx &tx, base::Uuid event, base::Uuid id);

/// Locks the event's tickets against other changes until the transaction ends, and takes so many new ordinals: the
/// first one. NotFound for an event without a ring; Conflict when the numbers are used up.
async::Task<base::Result<std::uint32_t>> takeOrdinals(pg::Tx &tx, base::Uuid event, std::size_t count);

/// Writes tickets with all their codes: new ones, whose ordinals were taken for them, and those that were read, over
/// what is there. `version`, `createdAt` and `updatedAt` are the database's. Conflict when a new one's code is in use.
async::Task<base::Result<void>> putTickets(pg::Tx &tx, base::Uuid event, std::span<const StoredTicket> tickets);

/// As devices get it. Whether the holder's name leaves the server is the feed's to say.
contracts::FeedTicket feedTicketOf(const StoredTicket &stored);

} // namespace voelgoed::ticketing
