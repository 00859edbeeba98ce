#pragma once

#include "shared/domain/ticket.h"

#include <optional>
#include <string_view>

namespace voelgoed::ticketing::import {

/// What a word of another system says about a ticket.
struct StatusMeaning
{
    domain::TicketState state = domain::TicketState::Valid;
    bool checkedIn = false;

    friend bool operator==(const StatusMeaning &, const StatusMeaning &) = default;
};

/// Folded (clean.h). An empty word is a valid ticket; nothing for a word that is not known: whether such a ticket is
/// good is for a person to say.
std::optional<StatusMeaning> statusMeaning(std::string_view foldedWord);

/// Whether a cell of a yes-or-no column says yes. Blank, no, false, 0 and their like are no; yes words, numbers and
/// everything that looks like a moment are yes. Nothing for other words.
std::optional<bool> saysYes(std::string_view foldedCell);

} // namespace voelgoed::ticketing::import
