#pragma once

#include "server/slices/ticketing/import/guest.h"
#include "server/slices/ticketing/import/lines.h"
#include "server/slices/ticketing/store.h"
#include "shared/domain/event.h"

#include <map>
#include <span>
#include <string>
#include <vector>

/// What a guest list changes among the tickets that there are. Pure.
namespace voelgoed::ticketing {

/// Which of the event's types the other system's types are.
class TypeBook
{
public:
    /// `named` are "their name=our id or name"; `fallback`, for rows without a type, is ours, too. Types of the same id
    /// or name are the same. Rows without a type are of the event's only type where it has one. Invalid names what the
    /// event does not have.
    static base::Result<TypeBook> make(const domain::EventDefinition &event, std::span<const std::string> named,
                                       const std::optional<std::string> &fallback);

    std::optional<domain::TicketTypeId> find(const std::string &theirs) const;

private:
    std::map<std::string, domain::TicketTypeId> m_types; ///< by folded name
    std::optional<domain::TicketTypeId> m_fallback;
};

/// A name of the list's that the event has no type for.
struct UnknownType
{
    std::string name; ///< empty: rows without one
    std::size_t rows = 0;
    import::Lines lines; ///< where they are

    friend bool operator==(const UnknownType &, const UnknownType &) = default;
};

/// Those behind the first kTypesNamed.
struct MoreTypes
{
    std::size_t types = 0;
    std::size_t rows = 0;
    import::Lines lines;

    friend bool operator==(const MoreTypes &, const MoreTypes &) = default;
};

inline constexpr std::size_t kTypesNamed = 200;

/// A ticket that was there, and has another state now.
struct StateChange
{
    std::size_t index = 0; ///< among the changed ones
    domain::TicketState before = domain::TicketState::Valid;

    friend bool operator==(const StateChange &, const StateChange &) = default;
};

struct Merged
{
    std::vector<StoredTicket> added; ///< in the file's order; without ordinals and ids
    std::vector<StoredTicket> changed;
    std::vector<StateChange> stateChanges; ///< in the order of `changed`
    std::size_t unchanged = 0;
    std::vector<UnknownType> unknownTypes; ///< the first ones; their rows are in none of the above
    MoreTypes moreTypes;                   ///< nor are theirs
};

/// A guest whose code leads to a ticket changes it; another one is a new ticket. What staff did to a ticket stays: a
/// state that they set, and everything of a ticket that they gave out anew, but for a cancellation elsewhere. Tickets
/// that the list does not have are not touched. The list was read with the event's questions.
Merged merge(const domain::EventDefinition &event, const TypeBook &types, std::span<const import::Guest> guests,
             const std::map<domain::CodeHash, StoredTicket> &known);

} // namespace voelgoed::ticketing
