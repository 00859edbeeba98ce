#include "shared/admission/checks.h"

#include <algorithm>

namespace voelgoed::admission {

using namespace domain;

namespace {

/// Another gate for the guest: one that is among the ticket's and lets in here, if there is one.
const Gate *otherGate(const Case &c)
{
    const auto *gates = c.rulebook.gatesOf(c.ticket());
    for (const Gate &gate : c.rulebook.definition().gates) {
        const bool full = gate.capacityMode == CapacityMode::Stop && gate.capacity == 0U;
        const bool allowed = !gates || std::find(gates->begin(), gates->end(), gate.id) != gates->end();
        if (allowed && !full && gate.id != c.scan.gate && letsIn(gate, c.checkpoint.definition.id.view()))
            return &gate;
    }
    return nullptr;
}

Fact nameOf(const Gate *gate)
{
    return gate ? Fact(std::string_view(gate->name)) : Fact();
}

} // namespace

Check eventOpen(const Case &c)
{
    const Event &e = c.rulebook.event();
    const base::Instant at = c.scan.at;
    switch (e.status) {
    case EventStatus::Cancelled:
        return verdict(Reason::EventCancelled, Phrase::EventIsCancelled);
    case EventStatus::Ended:
    case EventStatus::Archived:
        return verdict(Reason::EventNotOpen, Phrase::EventNotOpen);
    case EventStatus::Draft:
        if (!c.scan.test)
            return verdict(Reason::EventNotOpen, Phrase::EventNotOpen);
        break;
    case EventStatus::Postponed:
        if (!e.rescheduledAt)
            return verdict(Reason::EventNotOpen, Phrase::EventPostponed);
        break;
    case EventStatus::Published:
    case EventStatus::Live:
        break;
    }
    const bool rehearsal = c.isRehearsal();
    // It may have begun since. That it is not over is taken from the guest who stands here.
    if (!rehearsal && e.scanFrom && at < *e.scanFrom && c.state.time == TimeTrust::NotBefore)
        return verdict(Reason::Fault, Phrase::ClockFault);
    if (!rehearsal && e.scanFrom && at < *e.scanFrom)
        return verdict(Reason::EventNotOpen, Phrase::ScanningOpensAt, {*e.scanFrom});
    if (!rehearsal && e.scanUntil && at > *e.scanUntil)
        return verdict(Reason::EventNotOpen, Phrase::ScanningEndedAt, {*e.scanUntil});
    const Gate *gate = c.rulebook.gate(c.scan.gate.view());
    if (gate && gate->state == GateState::Closed)
        return verdict(Reason::GateClosed, Phrase::GateIsClosed, {nameOf(gate), nameOf(otherGate(c))});
    return {};
}

namespace {

/// The gate to send the guest to: one of the ticket's that lets in here, or else the first of them.
std::string_view gateToSendTo(const Case &c, const std::vector<GateId> &gates)
{
    for (const GateId &id : gates) {
        const Gate *gate = c.rulebook.gate(id.view());
        if (gate && letsIn(*gate, c.checkpoint.definition.id.view()))
            return gate->name;
    }
    const Gate *first = c.rulebook.gate(gates.front().view());
    return first ? std::string_view(first->name) : gates.front().view();
}

/// "Adult tickets are not taken here", and which are.
Verdict wrongType(const Case &c)
{
    const auto nameOfType = [&](std::string_view id) {
        const TicketType *type = c.rulebook.type(id);
        return type ? std::string_view(type->name) : id;
    };
    Facts facts{nameOfType(c.ticket().type.view())};
    const auto &taken = c.checkpoint.definition.types;
    for (std::size_t i = 0; taken && i < taken->size() && i + 1 < facts.size(); ++i)
        facts[i + 1] = nameOfType((*taken)[i].view());
    return verdict(Reason::WrongType, Phrase::TypeNotTakenHere, facts);
}

Fact startOf(const Case &c, const DateId &id)
{
    const EventDate *date = c.rulebook.date(id.view());
    if (date && (date->startsAt || date->doorsAt))
        return date->startsAt ? *date->startsAt : *date->doorsAt;
    return id.view();
}

} // namespace

Check place(const Case &c)
{
    const Checkpoint &checkpoint = c.checkpoint.definition;
    const Ticket &ticket = c.ticket();
    if (!c.checkpoint.takes(ticket.type))
        return wrongType(c);
    if (checkpoint.date && ticket.date && *ticket.date != *checkpoint.date)
        return verdict(Reason::WrongDate, Phrase::ForAnotherDate, {startOf(c, *ticket.date)});
    if (checkpoint.zone && ticket.zones &&
        std::find(ticket.zones->begin(), ticket.zones->end(), *checkpoint.zone) == ticket.zones->end())
        return verdict(Reason::WrongZone, Phrase::ZoneNotIncluded, {checkpoint.zone->view()});
    const auto *gates = c.rulebook.gatesOf(ticket);
    if (c.isEntry() && gates && !gates->empty() && !c.scan.gate.empty() &&
        std::find(gates->begin(), gates->end(), c.scan.gate) == gates->end())
        return verdict(Reason::WrongGate, Phrase::GoToGate, {gateToSendTo(c, *gates)});
    return {};
}

namespace {

Verdict zoneFull(const Case &c, std::uint32_t limit)
{
    const Checkpoint &checkpoint = c.checkpoint.definition;
    const std::string_view name = checkpoint.zone ? checkpoint.zone->view() : std::string_view(checkpoint.name);
    if (limit == 0)
        return verdict(Reason::ZoneFull, Phrase::ZoneTakesNobody, {name});
    if (c.state.insideHere >= limit)
        return verdict(Reason::ZoneFull, Phrase::ZoneIsFull, {name});
    return verdict(Reason::ZoneFull, Phrase::ZoneNearlyFull, {std::int64_t{limit - c.state.insideHere}, name});
}

Verdict gateFull(const Case &c, const Gate &gate)
{
    const Fact other = nameOf(otherGate(c));
    if (c.state.throughGate >= *gate.capacity)
        return verdict(Reason::GateFull, Phrase::GateIsFull, {nameOf(&gate), other});
    return verdict(Reason::GateFull, Phrase::GateNearlyFull,
                   {std::int64_t{*gate.capacity - c.state.throughGate}, nameOf(&gate), other});
}

} // namespace

Check room(const Case &c)
{
    const auto &limit = c.checkpoint.definition.capacity;
    if (limit && c.state.insideHere + c.scan.count > *limit)
        return zoneFull(c, *limit);
    const Gate *gate = c.rulebook.gate(c.scan.gate.view());
    if (gate && gate->capacity && gate->capacityMode == CapacityMode::Stop &&
        c.state.throughGate + c.scan.count > *gate->capacity)
        return gateFull(c, *gate);
    return {};
}

} // namespace voelgoed::admission
