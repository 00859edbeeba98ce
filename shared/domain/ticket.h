#pragma once

#include "shared/base/instant.h"
#include "shared/domain/ids.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace voelgoed::domain {

enum class TicketState {
    Valid,
    Pending,    ///< not paid
    Unapproved, ///< pending and awaiting approval
    Cancelled,  ///< cancelled, refunded or lapsed
    Revoked,    ///< this code was withdrawn
};

/// An entitlement to pass (admission specification, section 1).
struct Ticket
{
    Ordinal ordinal;
    std::uint8_t generation = 0; ///< raised by reissue, transfer and seat change: codes of a lower one are superseded
    std::string code;            ///< the foreign code's text, if it has one; empty on devices, which hold only hashes
    TicketTypeId type;
    VariantId variant;                        ///< empty: none
    std::optional<DateId> date;               ///< absent: good for all dates
    std::optional<std::vector<ZoneId>> zones; ///< absent: all; empty: none, as a code may say
    std::optional<std::vector<GateId>> gates; ///< replaces the type's where present; empty: all
    TicketState state = TicketState::Valid;
    std::optional<base::Instant> validFrom;
    std::optional<base::Instant> validUntil;
    std::optional<std::uint16_t> admits; ///< replaces the type's where present
    bool pendingOk = false;
    bool blocked = false;
    std::optional<Ordinal> addonOf; ///< the base ticket
    std::string seat;
    std::string holder;
    bool attention = false;
    std::vector<std::string> notes;
    std::map<QuestionId, std::string> answers; ///< several choices are joined by commas

    friend bool operator==(const Ticket &, const Ticket &) = default;
};

} // namespace voelgoed::domain
