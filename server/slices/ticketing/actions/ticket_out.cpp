#include "server/slices/ticketing/actions/ticket_out.h"

#include "shared/domain/words.h"
#include "shared/ticket/typed.h"

namespace voelgoed::ticketing {

namespace {

template <class Id>
std::optional<std::vector<std::string>> textsOf(const std::optional<std::vector<Id>> &ids)
{
    if (!ids)
        return std::nullopt;
    std::vector<std::string> texts;
    for (const Id &id : *ids)
        texts.push_back(id.text);
    return texts;
}

/// The owner's words for tickets; "scanned" and "used" are read off the passages.
std::string_view statusOf(domain::TicketState state)
{
    switch (state) {
    case domain::TicketState::Valid:
        return "active";
    case domain::TicketState::Pending:
        return "pending";
    case domain::TicketState::Unapproved:
        return "unapproved";
    case domain::TicketState::Cancelled:
        return "voided";
    case domain::TicketState::Revoked:
        return "void";
    }
    return "";
}

} // namespace

TicketOut outOf(const StoredTicket &stored)
{
    const domain::Ticket &ticket = stored.ticket;
    TicketOut out{.ordinal = ticket.ordinal.value,
                  .id = stored.id,
                  .generation = ticket.generation,
                  .type = ticket.type.text,
                  .variant = {},
                  .date = {},
                  .zones = textsOf(ticket.zones),
                  .gates = textsOf(ticket.gates),
                  .state = std::string(domain::wordFor(ticket.state)),
                  .status = std::string(statusOf(ticket.state)),
                  .blocked = ticket.blocked,
                  .validFrom = ticket.validFrom,
                  .validUntil = ticket.validUntil,
                  .admits = ticket.admits,
                  .addonOf = {},
                  .seat = ticket.seat,
                  .holder = ticket.holder,
                  .email = stored.email,
                  .order = stored.order,
                  .attention = ticket.attention,
                  .notes = ticket.notes,
                  .codeKind = stored.isSigned ? "signed" : "foreign",
                  .version = stored.version,
                  .createdAt = stored.createdAt,
                  .updatedAt = stored.updatedAt};
    if (!ticket.variant.empty())
        out.variant = ticket.variant.text;
    if (ticket.date)
        out.date = ticket.date->text;
    if (ticket.addonOf)
        out.addonOf = ticket.addonOf->value;
    return out;
}

IssuedOut issuedOf(const StoredTicket &stored, std::string code)
{
    const StoredCode *typed = stored.code(protocol::CodeKind::Typed);
    return {.ticket = outOf(stored),
            .code = std::move(code),
            .typed = typed ? ticket::grouped({typed->text}) : std::string()};
}

} // namespace voelgoed::ticketing
