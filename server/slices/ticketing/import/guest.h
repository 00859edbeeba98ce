#pragma once

#include "shared/domain/ids.h"
#include "shared/domain/ticket.h"

#include <cstdint>
#include <string>
#include <vector>

namespace voelgoed::ticketing::import {

/// What a guest says to one of the questions that were asked for.
struct Answer
{
    std::size_t question = 0; ///< its place among GuestRequest::questions
    std::string text;         ///< never empty

    friend bool operator==(const Answer &, const Answer &) = default;
};

/// A row that is a ticket.
struct Guest
{
    std::size_t line = 0;
    std::string code; ///< as a gate cleans what it reads (shared/ticket/foreign.h)
    domain::CodeHash hash{};
    std::string holder;
    std::string email;
    std::string type; ///< the type's name in the other system; may be empty
    domain::TicketState state = domain::TicketState::Valid;
    std::string seat;
    std::uint16_t admits = 1;
    std::string order;
    std::string checkedIn; ///< the other system's mark, as written ("Yes", a moment); empty: not checked in
    std::vector<Answer> answers;

    friend bool operator==(const Guest &, const Guest &) = default;
};

} // namespace voelgoed::ticketing::import
