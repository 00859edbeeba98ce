#include "server/slices/ticketing/merging.h"

#include "server/slices/ticketing/import/clean.h"

#include <unordered_map>

namespace voelgoed::ticketing {

using base::Result;

namespace {

std::optional<domain::TicketTypeId> typeOf(const domain::EventDefinition &event, const std::string &idOrName)
{
    const std::string folded = import::folded(idOrName);
    for (const domain::TicketType &type : event.types) {
        if (type.id.text == idOrName)
            return type.id;
    }
    for (const domain::TicketType &type : event.types) {
        if (import::folded(type.name) == folded)
            return type.id;
    }
    return std::nullopt;
}

void apply(const domain::EventDefinition &event, const import::Guest &guest, const domain::TicketTypeId &type,
           StoredTicket &stored)
{
    domain::Ticket &ticket = stored.ticket;
    if (stored.isSigned) {
        if (guest.state == domain::TicketState::Cancelled && !stored.stateByStaff)
            ticket.state = guest.state;
        return;
    }
    if (!stored.stateByStaff)
        ticket.state = guest.state;
    ticket.type = type;
    ticket.admits = guest.admits > 1 ? std::optional(guest.admits) : std::nullopt;
    ticket.seat = guest.seat;
    ticket.holder = guest.holder;
    stored.email = guest.email;
    stored.order = guest.order;
    for (const auto &[question, answer] : guest.answers)
        ticket.answers.insert_or_assign(event.questions.at(question).id, answer);
}

bool isSame(const StoredTicket &one, const StoredTicket &other)
{
    return one.ticket == other.ticket && one.email == other.email && one.order == other.order;
}

/// Counts types that the event does not have. Borrows the guests.
class UnknownTypes
{
public:
    explicit UnknownTypes(Merged &merged) : m_merged(merged) {}

    void count(const import::Guest &guest)
    {
        const auto [found, isNew] = m_numbers.try_emplace(guest.type, m_numbers.size());
        const bool isNamed = found->second < kTypesNamed;
        if (isNew && isNamed)
            m_merged.unknownTypes.push_back({.name = guest.type, .rows = 0, .lines = {}});
        else if (isNew)
            ++m_merged.moreTypes.types;
        ++(isNamed ? m_merged.unknownTypes[found->second].rows : m_merged.moreTypes.rows);
        (isNamed ? m_merged.unknownTypes[found->second].lines : m_merged.moreTypes.lines).add(guest.line);
    }

private:
    Merged &m_merged;
    std::unordered_map<std::string_view, std::size_t> m_numbers; ///< of types, in the order in which they come
};

} // namespace

Result<TypeBook> TypeBook::make(const domain::EventDefinition &event, std::span<const std::string> named,
                                const std::optional<std::string> &fallback)
{
    TypeBook book;
    for (const domain::TicketType &type : event.types)
        book.m_types.emplace(import::folded(type.name), type.id);
    for (const domain::TicketType &type : event.types)
        book.m_types.insert_or_assign(import::folded(type.id.text), type.id);
    for (const std::string &pair : named) {
        const auto sign = pair.rfind('=');
        if (sign == std::string::npos || sign == 0)
            return base::invalid("\"" + pair + "\" is not NAME=TYPE", "Write their name, =, and your type.");
        const auto type = typeOf(event, pair.substr(sign + 1));
        if (!type)
            return base::invalid("the event has no ticket type \"" + pair.substr(sign + 1) + "\"");
        book.m_types.insert_or_assign(import::folded(pair.substr(0, sign)), *type);
    }
    if (fallback) {
        book.m_fallback = typeOf(event, *fallback);
        if (!book.m_fallback)
            return base::invalid("the event has no ticket type \"" + *fallback + "\"");
    } else if (event.types.size() == 1) {
        book.m_fallback = event.types.front().id;
    }
    return book;
}

std::optional<domain::TicketTypeId> TypeBook::find(const std::string &theirs) const
{
    if (theirs.empty())
        return m_fallback;
    const auto found = m_types.find(import::folded(theirs));
    return found == m_types.end() ? std::nullopt : std::optional(found->second);
}

Merged merge(const domain::EventDefinition &event, const TypeBook &types, std::span<const import::Guest> guests,
             const std::map<domain::CodeHash, StoredTicket> &known)
{
    Merged merged;
    UnknownTypes unknown(merged);
    for (const import::Guest &guest : guests) {
        const auto type = types.find(guest.type);
        if (!type) {
            unknown.count(guest);
            continue;
        }
        const auto found = known.find(guest.hash);
        StoredTicket stored;
        if (found != known.end()) {
            stored = found->second;
        } else {
            stored.codes.push_back(
                {.hash = guest.hash, .generation = 0, .kind = protocol::CodeKind::Foreign, .text = guest.code});
        }
        apply(event, guest, *type, stored);
        if (found == known.end()) {
            merged.added.push_back(std::move(stored));
            continue;
        }
        if (isSame(stored, found->second)) {
            ++merged.unchanged;
            continue;
        }
        if (const auto before = found->second.ticket.state; stored.ticket.state != before)
            merged.stateChanges.push_back({.index = merged.changed.size(), .before = before});
        merged.changed.push_back(std::move(stored));
    }
    return merged;
}

} // namespace voelgoed::ticketing
