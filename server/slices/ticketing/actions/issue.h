#pragma once

#include "server/platform/actions/action.h"
#include "server/slices/ticketing/actions/ticket_out.h"
#include "server/slices/ticketing/ticketing.h"

/// New tickets with codes of our own.
namespace voelgoed::ticketing {

enum class FirstState { Valid, Pending, Unapproved };
BOOST_DESCRIBE_ENUM(FirstState, Valid, Pending, Unapproved)

struct NewTicket
{
    actions::Text<200> type;
    std::optional<actions::Text<200>> holder, seat, order, variant, date;
    std::optional<actions::Text<254>> email;
    std::optional<std::vector<std::string>> zones, gates; ///< absent or empty: all
    std::optional<FirstState> state;
    std::optional<base::Instant> validFrom, validUntil;
    std::optional<std::uint16_t> admits;
    std::optional<std::uint32_t> addonOf;
    bool pendingOk = false;
    bool attention = false;
    actions::List<actions::Text<200>, 20> notes;
};
BOOST_DESCRIBE_STRUCT(NewTicket, (),
                      (type, holder, seat, order, variant, date, email, zones, gates, state, validFrom, validUntil,
                       admits, addonOf, pendingOk, attention, notes))

struct IssueTickets
{
    base::Uuid event{};
    actions::List<NewTicket, 1000> tickets;
};
BOOST_DESCRIBE_STRUCT(IssueTickets, (), (event, tickets))

struct IssuedList
{
    std::vector<IssuedOut> data;
};
BOOST_DESCRIBE_STRUCT(IssuedList, (), (data))

async::Task<base::Result<IssuedList>> issueTickets(actions::Context &context, Ticketing &ticketing, IssueTickets in);

void addIssueActions(Ticketing &ticketing);

} // namespace voelgoed::ticketing
