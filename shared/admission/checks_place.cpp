#include "shared/admission/checks.h"

#include <algorithm>

namespace voelgoed::admission {

using namespace domain;

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
    const bool rehearsal = c.scan.test && (e.status == EventStatus::Draft || e.status == EventStatus::Published);
    // It may have begun since. That it is not over is taken from the guest who stands here.
    if (!rehearsal && e.scanFrom && at < *e.scanFrom && c.state.time == TimeTrust::NotBefore)
        return verdict(Reason::Fault, Phrase::ClockFault);
    if (!rehearsal && e.scanFrom && at < *e.scanFrom)
        return verdict(Reason::EventNotOpen, Phrase::ScanningOpensAt, {*e.scanFrom});
    if (!rehearsal && e.scanUntil && at > *e.scanUntil)
        return verdict(Reason::EventNotOpen, Phrase::ScanningEndedAt, {*e.scanUntil});
    const Gate *gate = c.rulebook.gate(c.scan.gate.view());
    if (gate && gate->state == GateState::Closed)
        return verdict(Reason::GateClosed, Phrase::GateIsClosed, {std::string_view(gate->name)});
    return {};
}

namespace {

/// The gate to send the guest to: one that is open and serves this checkpoint and direction, if there is one.
std::string_view gateToSendTo(const Case &c, const std::vector<GateId> &gates)
{
    const Gate *fallback = nullptr;
    for (const GateId &id : gates) {
        const Gate *gate = c.rulebook.gate(id.view());
        if (!gate)
            continue;
        if (!fallback)
            fallback = gate;
        const auto &served = gate->checkpoints;
        const bool here =
            served.empty() || std::find(served.begin(), served.end(), c.checkpoint.definition.id) != served.end();
        if (gate->state == GateState::Open && gate->servesEntry && here)
            return gate->name;
    }
    return fallback ? std::string_view(fallback->name) : std::string_view();
}

} // namespace

Check place(const Case &c)
{
    const Checkpoint &checkpoint = c.checkpoint.definition;
    const Ticket &ticket = c.ticket();
    if (!c.checkpoint.takes(ticket.type)) {
        const TicketType *type = c.rulebook.type(ticket.type.view());
        return verdict(Reason::WrongType, Phrase::TypeNotTakenHere,
                       {type ? std::string_view(type->name) : ticket.type.view()});
    }
    if (checkpoint.date && ticket.date && *ticket.date != *checkpoint.date) {
        const EventDate *date = c.rulebook.date(ticket.date->view());
        if (date && date->startsAt)
            return verdict(Reason::WrongDate, Phrase::ForAnotherDate, {*date->startsAt});
        return verdict(Reason::WrongDate, Phrase::ForAnotherDateUnknown);
    }
    if (checkpoint.zone && ticket.zones &&
        std::find(ticket.zones->begin(), ticket.zones->end(), *checkpoint.zone) == ticket.zones->end())
        return verdict(Reason::WrongZone, Phrase::ZoneNotIncluded, {checkpoint.zone->view()});
    const auto *gates = c.rulebook.gatesOf(ticket);
    if (c.isEntry() && gates && !c.scan.gate.empty() &&
        std::find(gates->begin(), gates->end(), c.scan.gate) == gates->end()) {
        const std::string_view other = gateToSendTo(c, *gates);
        return other.empty() ? verdict(Reason::WrongGate, Phrase::AnotherGateNeeded)
                             : verdict(Reason::WrongGate, Phrase::GoToGate, {other});
    }
    return {};
}

Check room(const Case &c)
{
    const auto &limit = c.checkpoint.definition.capacity;
    if (limit && c.state.insideHere + c.scan.count > *limit)
        return verdict(Reason::ZoneFull, Phrase::ZoneIsFull, {std::int64_t{*limit}});
    const Gate *gate = c.rulebook.gate(c.scan.gate.view());
    if (gate && gate->capacity && gate->capacityMode == CapacityMode::Stop &&
        c.state.throughGate + c.scan.count > *gate->capacity)
        return verdict(Reason::GateFull, Phrase::GateIsFull,
                       {std::string_view(gate->name), std::int64_t{*gate->capacity}});
    return {};
}

} // namespace voelgoed::admission
