#include "server/slices/ticketing/changing.h"

#include "shared/domain/words.h"
#include "shared/ticket/typed.h"

#include <charconv>

namespace voelgoed::ticketing {

using actions::Context;
using async::Task;
using base::Result;

namespace {

Result<Known> changeable(Result<Known> known)
{
    if (!known)
        return known;
    if (!*known)
        return actions::notFound("event");
    if ((*known)->definition.event.status == domain::EventStatus::Archived)
        return actions::conflict("event_archived", "This event is archived: its tickets stay as they are.");
    return known;
}

} // namespace

Task<Result<Known>> checkEvent(Context &context, Ticketing &ticketing, base::Uuid event)
{
    co_return changeable(co_await ticketing.events.findIn(context.tx(), event));
}

Result<void> mayAddTo(const contracts::KnownEvent &event)
{
    if (event.definition.event.status == domain::EventStatus::Cancelled)
        return actions::conflict("event_cancelled", "This event is cancelled: it gets no new tickets.");
    if (event.definition.event.status == domain::EventStatus::Ended)
        return actions::conflict("event_ended", "This event has ended: it gets no new tickets.");
    return {};
}

Task<Result<Known>> holdEvent(Context &context, Ticketing &ticketing, base::Uuid event)
{
    auto known = changeable(co_await ticketing.events.hold(context.tx(), event));
    if (!known)
        co_return known.error();
    if (const auto locked = co_await takeOrdinals(context.tx(), event, 0); !locked)
        co_return locked.error();
    co_return *known;
}

Task<Result<void>> maySell(Context &context, Ticketing &ticketing)
{
    const auto status = co_await ticketing.organizations.statusIn(context.tx());
    if (!status)
        co_return status.error();
    if (*status != contracts::OrganizationStatus::Active) {
        co_return actions::forbidden("organization_suspended",
                                     "No new tickets come about while the organization is suspended.");
    }
    co_return Result<void>();
}

Task<Result<Known>> findEvent(Context &context, Ticketing &ticketing, base::Uuid event)
{
    auto known = co_await ticketing.events.find(context.organization(), event);
    if (!known)
        co_return known.error();
    if (!*known)
        co_return actions::notFound("event");
    co_return *known;
}

Task<Result<pg::Tx>> readingTx(Context &context)
{
    co_return co_await context.database().pool().begin(pg::Scope::of(context.organization()));
}

Task<Result<Reading>> readEvent(Context &context, Ticketing &ticketing, base::Uuid event)
{
    auto known = co_await findEvent(context, ticketing, event);
    if (!known)
        co_return known.error();
    auto tx = co_await readingTx(context);
    if (!tx)
        co_return tx.error();
    co_return Reading{std::move(*known), std::move(*tx)};
}

Task<Result<StoredTicket>> ticketNamed(pg::Tx &tx, base::Uuid event, const std::string &named)
{
    std::int32_t ordinal = 0;
    const auto [end, failed] = std::from_chars(named.data(), named.data() + named.size(), ordinal);
    if (failed != std::errc{} || end != named.data() + named.size() || ordinal < 1) {
        const auto id = base::uuidFrom(named);
        if (!id)
            co_return actions::notFound("ticket");
        const auto found = co_await ordinalOf(tx, event, *id);
        if (!found)
            co_return found.error();
        if (!*found)
            co_return actions::notFound("ticket");
        ordinal = **found;
    }
    auto tickets = co_await ticketsOf(tx, event, std::vector<std::int32_t>(1, ordinal));
    if (!tickets)
        co_return tickets.error();
    if (tickets->empty())
        co_return actions::notFound("ticket");
    co_return std::move(tickets->front());
}

Task<Result<void>> save(Context &context, Ticketing &ticketing, const contracts::KnownEvent &event,
                        const std::vector<StoredTicket> &tickets)
{
    if (tickets.empty())
        co_return Result<void>();
    if (const auto put = co_await putTickets(context.tx(), event.id, tickets); !put)
        co_return put.error();
    std::vector<contracts::FeedTicket> listed;
    listed.reserve(tickets.size());
    for (const StoredTicket &stored : tickets)
        listed.push_back(feedTicketOf(stored));
    if (const auto put = co_await ticketing.feed.putTickets(context.tx(), event.id, std::move(listed)); !put)
        co_return put.error();
    context.unit().afterCommit([&feed = ticketing.feed, id = event.id] { feed.wake(id); });
    co_return Result<void>();
}

void announce(Context &context, const base::Uuid &event, std::string type, boost::json::object data)
{
    const std::string id = base::toText(event);
    data["event_id"] = id;
    context.emit({.topic = "ticketing:event:" + id, .type = std::move(type), .subject = id, .data = std::move(data)});
}

void announceChange(Context &context, const base::Uuid &event, const StoredTicket &stored)
{
    announce(context, event, "ticketing.ticket_changed.v1",
             {{"ordinal", stored.ticket.ordinal.value},
              {"state", domain::wordFor(stored.ticket.state)},
              {"blocked", stored.ticket.blocked},
              {"generation", stored.ticket.generation}});
}

Task<Result<std::vector<std::string>>> codesOf(Ticketing &ticketing, pg::Tx &tx, const contracts::KnownEvent &event,
                                               const std::vector<StoredTicket> &tickets)
{
    auto ring = co_await ticketing.signer.ringOf(tx, event.id, event.definition.event.endsAt);
    if (!ring)
        co_return ring.error();
    const auto shared = std::make_shared<const Ring>(std::move(*ring));
    co_return co_await ticketing.kernel.workers.run([shared, tickets]() -> Result<std::vector<std::string>> {
        std::vector<std::string> codes;
        codes.reserve(tickets.size());
        for (const StoredTicket &stored : tickets) {
            if (!stored.isSigned) {
                const StoredCode *foreign = stored.code(protocol::CodeKind::Foreign);
                codes.push_back(foreign ? foreign->text : std::string());
                continue;
            }
            auto code = shared->codeOf(stored.ticket);
            if (!code)
                return code.error().at("ticket " + std::to_string(stored.ticket.ordinal.value));
            codes.push_back(std::move(*code));
        }
        return codes;
    });
}

work::AuditEntry shownCodes(const base::Uuid &event, std::uint32_t first, std::size_t tickets)
{
    return {.action = {},
            .subjectType = "event",
            .subject = base::toText(event),
            .before = {},
            .after = {{"first", first}, {"tickets", tickets}},
            .reason = {}};
}

void giveTypedCode(StoredTicket &stored, base::Random &random)
{
    for (StoredCode &code : stored.codes)
        code.withdrawn = true;
    const ticket::TypedCode typed = ticket::makeTyped(random);
    stored.codes.push_back({.hash = ticket::typedHash(typed),
                            .generation = stored.ticket.generation,
                            .kind = protocol::CodeKind::Typed,
                            .text = typed.text});
}

} // namespace voelgoed::ticketing
