#pragma once

#include "shared/base/result.h"

#include <array>
#include <string_view>

namespace voelgoed::ticketing::import {

/// What a column of a guest list says.
enum class Role {
    Code,
    Name, ///< whole
    FirstName,
    LastName,
    Email,
    Type,
    Status,    ///< in words
    Paid,      ///< yes or no: no makes the ticket pending
    Voided,    ///< yes or no, or when: makes it cancelled
    CheckedIn, ///< yes or no, when, or how often
    Quantity,
    Order,
    Seat,
};

inline constexpr std::array kRoles{Role::Code,     Role::Name,   Role::FirstName, Role::LastName, Role::Email,
                                   Role::Type,     Role::Status, Role::Paid,      Role::Voided,   Role::CheckedIn,
                                   Role::Quantity, Role::Order,  Role::Seat};

/// "code", "checked_in": what the user writes in a mapping.
std::string_view wordOf(Role role);
/// Also takes names near to the words ("holder", "e-mail", "first"). Invalid names the words that are known.
base::Result<Role> roleNamed(std::string_view word);

/// Several columns of such a role are joined ("Row 3" + "Seat 7"); of the others the first counts.
enum class Several { Joined, FirstCounts };
Several severalOf(Role role);

} // namespace voelgoed::ticketing::import
