#include "server/slices/ticketing/actions/changes.h"

#include "server/slices/ticketing/changing.h"
#include "shared/domain/words.h"
#include "shared/ticket/issue.h"

#include <functional>

namespace voelgoed::ticketing {

using actions::Context;
using async::Task;
using base::Result;

namespace {

constexpr pg::Sql kTransfer{R"(
INSERT INTO ticketing.transfers (organization_id, event_id, id, ordinal, from_holder, from_email, generation, at)
VALUES (app.org(), $1, $2, $3, $4, $5, $6, $7))"};

/// What somebody answers for: no names, since the trail is kept for ever.
base::Json auditOf(const StoredTicket &stored)
{
    return {{"ordinal", stored.ticket.ordinal.value},
            {"state", domain::wordFor(stored.ticket.state)},
            {"blocked", stored.ticket.blocked},
            {"generation", stored.ticket.generation}};
}

struct Held
{
    Known event;
    StoredTicket stored;
};

Task<Result<Held>> hold(Context &context, Ticketing &ticketing, base::Uuid event, std::string ticket)
{
    const auto known = co_await holdEvent(context, ticketing, event);
    if (!known)
        co_return known.error();
    auto stored = co_await ticketNamed(context.tx(), event, ticket);
    if (!stored)
        co_return stored.error();
    if (const auto expected = context.expectedVersion(); expected && *expected != stored->version)
        co_return actions::preconditionFailed();
    co_return Held{*known, std::move(*stored)};
}

Task<Result<StoredTicket>> keep(Context &context, Ticketing &ticketing, Held held, base::Json before,
                                std::string reason)
{
    StoredTicket &stored = held.stored;
    if (const auto saved = co_await save(context, ticketing, *held.event, std::vector<StoredTicket>(1, stored)); !saved)
        co_return saved.error();
    ++stored.version;
    stored.updatedAt = context.now();
    context.audit({.action = {},
                   .subjectType = "ticket",
                   .subject = base::toText(stored.id),
                   .before = std::move(before),
                   .after = auditOf(stored),
                   .reason = std::move(reason)});
    announceChange(context, held.event->id, stored);
    context.answerVersion(stored.version);
    co_return std::move(stored);
}

using Change = Result<void> (*)(StoredTicket &);

Task<Result<TicketOut>> change(Context &context, Ticketing &ticketing, TicketChange in, Change apply)
{
    auto held = co_await hold(context, ticketing, in.event, in.ticket.value);
    if (!held)
        co_return held.error();
    const base::Json before = auditOf(held->stored);
    if (const auto applied = apply(held->stored); !applied)
        co_return applied.error();
    const auto kept =
        co_await keep(context, ticketing, std::move(*held), before, in.reason ? in.reason->value : std::string());
    if (!kept)
        co_return kept.error();
    co_return outOf(*kept);
}

/// One generation on, with codes of ours.
Result<void> renew(Context &context, StoredTicket &stored)
{
    if (stored.ticket.state == domain::TicketState::Cancelled || stored.ticket.state == domain::TicketState::Revoked)
        return actions::conflict("ticket_not_valid", "This ticket is cancelled: restore it first.");
    const auto generation = ticket::nextGeneration(stored.ticket.generation);
    if (!generation)
        return actions::conflict("generations_used_up",
                                 "This ticket was given out 255 times: cancel it, and issue another.");
    stored.ticket.generation = *generation;
    stored.isSigned = true;
    giveTypedCode(stored, context.random());
    return {};
}

Task<Result<IssuedOut>> renewed(Context &context, Ticketing &ticketing, Held held, base::Json before,
                                std::string reason)
{
    const Known event = held.event;
    auto kept = co_await keep(context, ticketing, std::move(held), std::move(before), std::move(reason));
    if (!kept)
        co_return kept.error();
    const std::vector<StoredTicket> one(1, *kept);
    auto codes = co_await codesOf(ticketing, context.tx(), *event, one);
    if (!codes)
        co_return codes.error();
    co_return issuedOf(*kept, std::move(codes->front()));
}

} // namespace

Task<Result<TicketOut>> cancelTicket(Context &context, Ticketing &ticketing, TicketChange in)
{
    co_return co_await change(context, ticketing, std::move(in), [](StoredTicket &stored) -> Result<void> {
        if (stored.ticket.state == domain::TicketState::Cancelled)
            return actions::conflict("already_cancelled", "This ticket is cancelled already.");
        stored.ticket.state = domain::TicketState::Cancelled;
        stored.stateByStaff = true;
        return {};
    });
}

Task<Result<TicketOut>> restoreTicket(Context &context, Ticketing &ticketing, TicketChange in)
{
    co_return co_await change(context, ticketing, std::move(in), [](StoredTicket &stored) -> Result<void> {
        if (stored.ticket.state == domain::TicketState::Valid)
            return actions::conflict("already_valid", "This ticket is valid.");
        stored.ticket.state = domain::TicketState::Valid;
        stored.stateByStaff = true;
        return {};
    });
}

Task<Result<TicketOut>> blockTicket(Context &context, Ticketing &ticketing, TicketChange in)
{
    co_return co_await change(context, ticketing, std::move(in), [](StoredTicket &stored) -> Result<void> {
        if (stored.ticket.blocked)
            return actions::conflict("already_blocked", "This ticket is blocked already.");
        stored.ticket.blocked = true;
        return {};
    });
}

Task<Result<TicketOut>> unblockTicket(Context &context, Ticketing &ticketing, TicketChange in)
{
    co_return co_await change(context, ticketing, std::move(in), [](StoredTicket &stored) -> Result<void> {
        if (!stored.ticket.blocked)
            return actions::conflict("not_blocked", "This ticket is not blocked.");
        stored.ticket.blocked = false;
        return {};
    });
}

Task<Result<IssuedOut>> reissueTicket(Context &context, Ticketing &ticketing, TicketChange in)
{
    auto held = co_await hold(context, ticketing, in.event, in.ticket.value);
    if (!held)
        co_return held.error();
    const base::Json before = auditOf(held->stored);
    if (const auto done = renew(context, held->stored); !done)
        co_return done.error();
    co_return co_await renewed(context, ticketing, std::move(*held), before,
                               in.reason ? in.reason->value : std::string());
}

Task<Result<IssuedOut>> transferTicket(Context &context, Ticketing &ticketing, TicketTransfer in)
{
    auto held = co_await hold(context, ticketing, in.event, in.ticket.value);
    if (!held)
        co_return held.error();
    const base::Json before = auditOf(held->stored);
    StoredTicket &stored = held->stored;
    const auto noted = co_await context.run(
        kTransfer, pg::Params::of(in.event, context.newId(), static_cast<std::int32_t>(stored.ticket.ordinal.value),
                                  stored.ticket.holder, stored.email,
                                  static_cast<std::int16_t>(stored.ticket.generation), context.now()));
    if (!noted)
        co_return noted.error();
    if (const auto done = renew(context, stored); !done)
        co_return done.error();
    stored.ticket.holder = in.holder.value;
    stored.email = in.email ? in.email->value : std::string();
    co_return co_await renewed(context, ticketing, std::move(*held), before,
                               in.reason ? in.reason->value : std::string());
}

void addChangeActions(Ticketing &ticketing)
{
    const auto declared = [](std::string_view name, std::string_view route, std::string_view summary,
                             actions::Idempotency idempotency) {
        return actions::Declaration{.name = name,
                                    .method = http::Method::Post,
                                    .route = route,
                                    .summary = summary,
                                    .policy = access::Policy::may(access::Permission::ManageTickets),
                                    .effect = actions::Effect::Writes,
                                    .idempotency = idempotency,
                                    .audited = actions::Audited::Yes,
                                    .load = actions::LoadClass::Write,
                                    .ifMatch = actions::IfMatch::Heeded};
    };
    using actions::Idempotency;
    auto &all = ticketing.kernel.actions;
    auto cancel = declared("ticketing.cancel_ticket", "/v1/events/{event}/tickets/{ticket}/cancel",
                           "Cancels a ticket: gates refuse it", Idempotency::Required);
    cancel.consent = actions::Consent::Needed;
    all.add(cancel, ticketing, &cancelTicket);
    all.add(declared("ticketing.restore_ticket", "/v1/events/{event}/tickets/{ticket}/restore",
                     "Makes a ticket valid again, whatever state it has", Idempotency::Required),
            ticketing, &restoreTicket);
    all.add(declared("ticketing.block_ticket", "/v1/events/{event}/tickets/{ticket}/block",
                     "Blocks a ticket for the time being", Idempotency::Optional),
            ticketing, &blockTicket);
    all.add(declared("ticketing.unblock_ticket", "/v1/events/{event}/tickets/{ticket}/unblock", "Takes a block off",
                     Idempotency::Optional),
            ticketing, &unblockTicket);
    all.add(declared("ticketing.reissue_ticket", "/v1/events/{event}/tickets/{ticket}/reissue",
                     "Gives a ticket a new code, and withdraws the ones before", Idempotency::Required),
            ticketing, &reissueTicket);
    all.add(declared("ticketing.transfer_ticket", "/v1/events/{event}/tickets/{ticket}/transfer",
                     "Gives a ticket to another holder, with a new code", Idempotency::Required),
            ticketing, &transferTicket);
}

} // namespace voelgoed::ticketing
