#include "server/slices/ticketing/import/role.h"

#include "server/slices/ticketing/import/clean.h"

#include <string>

namespace voelgoed::ticketing::import {

namespace {

struct OtherName
{
    std::string_view name;
    Role role;
};

constexpr std::array kOtherNames{
    OtherName{"barcode", Role::Code},        OtherName{"holder", Role::Name},
    OtherName{"guest", Role::Name},          OtherName{"first", Role::FirstName},
    OtherName{"firstname", Role::FirstName}, OtherName{"last", Role::LastName},
    OtherName{"lastname", Role::LastName},   OtherName{"surname", Role::LastName},
    OtherName{"e-mail", Role::Email},        OtherName{"mail", Role::Email},
    OtherName{"ticket type", Role::Type},    OtherName{"state", Role::Status},
    OtherName{"void", Role::Voided},         OtherName{"checkin", Role::CheckedIn},
    OtherName{"check-in", Role::CheckedIn},  OtherName{"admits", Role::Quantity},
    OtherName{"reference", Role::Order},
};

} // namespace

std::string_view wordOf(Role role)
{
    switch (role) {
    case Role::Code:
        return "code";
    case Role::Name:
        return "name";
    case Role::FirstName:
        return "first_name";
    case Role::LastName:
        return "last_name";
    case Role::Email:
        return "email";
    case Role::Type:
        return "type";
    case Role::Status:
        return "status";
    case Role::Paid:
        return "paid";
    case Role::Voided:
        return "voided";
    case Role::CheckedIn:
        return "checked_in";
    case Role::Quantity:
        return "quantity";
    case Role::Order:
        return "order";
    case Role::Seat:
        return "seat";
    }
    return {};
}

base::Result<Role> roleNamed(std::string_view word)
{
    const std::string plain = folded(word);
    std::string known;
    for (const Role role : kRoles) {
        if (plain == folded(wordOf(role)))
            return role;
        known += (known.empty() ? "" : ", ") + std::string(wordOf(role));
    }
    for (const OtherName &other : kOtherNames) {
        if (plain == other.name)
            return other.role;
    }
    return base::invalid("unknown use of a column", "Known are " + known + ".");
}

Several severalOf(Role role)
{
    switch (role) {
    case Role::Name:
    case Role::Type:
    case Role::Seat:
        return Several::Joined;
    case Role::Code:
    case Role::FirstName:
    case Role::LastName:
    case Role::Email:
    case Role::Status:
    case Role::Paid:
    case Role::Voided:
    case Role::CheckedIn:
    case Role::Quantity:
    case Role::Order:
        return Several::FirstCounts;
    }
    return Several::FirstCounts;
}

} // namespace voelgoed::ticketing::import
