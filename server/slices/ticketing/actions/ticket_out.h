#pragma once

#include "server/platform/actions/codec.h"
#include "server/slices/ticketing/store.h"

namespace voelgoed::ticketing {

/// A ticket as people and programs are shown it; codes are shown by actions of their own.
struct TicketOut
{
    std::uint32_t ordinal = 0; ///< its number in the event
    base::Uuid id{};
    std::int32_t generation = 0;
    std::string type;
    std::optional<std::string> variant, date;
    std::optional<std::vector<std::string>> zones, gates;
    std::string state;  ///< in the words of admission: "valid"
    std::string status; ///< in the platform's own: "active"
    bool blocked = false;
    std::optional<base::Instant> validFrom, validUntil;
    std::optional<std::uint16_t> admits; ///< absent: as its type says
    std::optional<std::uint32_t> addonOf;
    std::string seat, holder, email, order;
    bool attention = false;
    std::vector<std::string> notes;
    std::string codeKind; ///< "signed", "foreign"
    std::int32_t version = 1;
    base::Instant createdAt, updatedAt;
};
BOOST_DESCRIBE_STRUCT(TicketOut, (),
                      (ordinal, id, generation, type, variant, date, zones, gates, state, status, blocked, validFrom,
                       validUntil, admits, addonOf, seat, holder, email, order, attention, notes, codeKind, version,
                       createdAt, updatedAt))

TicketOut outOf(const StoredTicket &stored);

/// With what its holder shows at the gate.
struct IssuedOut
{
    TicketOut ticket;
    std::string code;  ///< content of the QR code
    std::string typed; ///< what is typed when that cannot be read: "7K3M-9QTX-2BDFW"; empty: there is none
};
BOOST_DESCRIBE_STRUCT(IssuedOut, (), (ticket, code, typed))

IssuedOut issuedOf(const StoredTicket &stored, std::string code);

struct OneTicket
{
    base::Uuid event{};
    actions::Text<36> ticket; ///< its number in the event, or its id
};
BOOST_DESCRIBE_STRUCT(OneTicket, (), (event, ticket))

} // namespace voelgoed::ticketing
