#pragma once

#include "server/platform/actions/action.h"
#include "server/slices/ticketing/actions/ticket_out.h"
#include "server/slices/ticketing/ticketing.h"

/// Finding tickets, and their codes.
namespace voelgoed::ticketing {

struct ListTickets
{
    base::Uuid event{};
    std::optional<actions::Text<20>> state;
    std::optional<actions::Text<200>> type;
    std::optional<actions::Text<100>> q; ///< in holder, e-mail, order or seat
    std::optional<bool> blocked;
    actions::Defaulted<std::uint32_t, 0> after;
    actions::Defaulted<std::int32_t, 50> limit;
};
BOOST_DESCRIBE_STRUCT(ListTickets, (), (event, state, type, q, blocked, after, limit))

struct TicketList
{
    std::vector<TicketOut> data;
    bool hasMore = false;
    std::optional<std::uint32_t> next; ///< for `after`
};
BOOST_DESCRIBE_STRUCT(TicketList, (), (data, hasMore, next))

struct ListCodes
{
    base::Uuid event{};
    actions::Defaulted<std::uint32_t, 0> after;
    actions::Defaulted<std::int32_t, 1000> limit;
};
BOOST_DESCRIBE_STRUCT(ListCodes, (), (event, after, limit))

struct CodeOut
{
    std::uint32_t ordinal = 0;
    std::string type, state, code, typed;
};
BOOST_DESCRIBE_STRUCT(CodeOut, (), (ordinal, type, state, code, typed))

struct CodeList
{
    std::vector<CodeOut> data;
    bool hasMore = false;
    std::optional<std::uint32_t> next;
};
BOOST_DESCRIBE_STRUCT(CodeList, (), (data, hasMore, next))

async::Task<base::Result<TicketList>> listTicketsAction(actions::Context &context, Ticketing &ticketing,
                                                        ListTickets in);
async::Task<base::Result<TicketOut>> showTicket(actions::Context &context, Ticketing &ticketing, OneTicket in);
async::Task<base::Result<CodeList>> listCodes(actions::Context &context, Ticketing &ticketing, ListCodes in);

void addReadingActions(Ticketing &ticketing);

} // namespace voelgoed::ticketing
