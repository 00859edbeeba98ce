#include "shared/admission/decide.h"

#include "shared/admission/questions.h"

#include <algorithm>
#include <bit>

namespace voelgoed::admission {

using namespace domain;

namespace {

using Fact3 = std::array<Fact, 2>;

Verdict verdict(Reason reason, Phrase phrase, Fact3 facts = {})
{
    return {.reason = reason, .explanation = {.phrase = phrase, .facts = facts}};
}

/// What all checks look at. A check returns a verdict when it applies.
struct Case
{
    const Rulebook &rulebook;
    const State &state;
    const Scan &scan;
    const CompiledCheckpoint &checkpoint;
    const Candidate *candidate = nullptr;
    std::span<const Passage> history;

    const Ticket &ticket() const { return candidate->ticket; }
    bool isEntry() const { return scan.direction == Direction::Entry; }
    std::string_view gateName() const
    {
        const Gate *gate = rulebook.gate(scan.gate.view());
        return gate ? std::string_view(gate->name) : scan.gate.view();
    }
};

using Check = std::optional<Verdict>;

// 0. storage, clock, age of the list
Check trust(const Rulebook &rulebook, const State &state)
{
    if (!state.storageTrusted)
        return verdict(Reason::Fault, Phrase::StorageFault);
    if (!state.clockTrusted)
        return verdict(Reason::Fault, Phrase::ClockFault);
    const auto &limit = rulebook.definition().policy.listAgeMax;
    if (limit && state.listAge && *state.listAge > *limit) {
        const auto minutes = std::chrono::floor<std::chrono::minutes>(*state.listAge).count();
        return verdict(Reason::StaleList, Phrase::ListTooOld, {std::int64_t{minutes}});
    }
    return {};
}

// 1. the very scan was recorded already
Check repeated(const State &state, const Scan &scan)
{
    if (scan.nonce.empty() || scan.device.empty())
        return {};
    for (const auto &history : state.histories) {
        for (const Passage &passage : history) {
            if (passage.nonce == scan.nonce && passage.device == scan.device.view() &&
                passage.direction == scan.direction)
                return verdict(Reason::OkRepeat, Phrase::AlreadyRecorded, {passage.at});
        }
    }
    return {};
}

// 2. the code leads nowhere
Verdict nowhere(Reason problem)
{
    switch (problem) {
    case Reason::Forged:
        return verdict(problem, Phrase::SignatureFails);
    case Reason::WrongEvent:
        return verdict(problem, Phrase::OtherEvent);
    case Reason::StaleCode:
        return verdict(problem, Phrase::CodeTooOld);
    default:
        return verdict(Reason::Unknown, Phrase::NoSuchTicket);
    }
}

// 3. an older code of the ticket, or one that was withdrawn
Check withdrawn(const Candidate &presented)
{
    if (presented.presentedGeneration < presented.ticket.generation)
        return verdict(Reason::Superseded, Phrase::NewerTicketExists);
    if (presented.codeWithdrawn || presented.ticket.state == TicketState::Revoked)
        return verdict(Reason::Revoked, Phrase::CodeWithdrawn);
    return {};
}

bool isValidAt(const Ticket &ticket, base::Instant at)
{
    return !(ticket.validFrom && at < *ticket.validFrom) && !(ticket.validUntil && at > *ticket.validUntil);
}

struct Choice
{
    std::size_t candidate = 0;
    bool ambiguous = false;
};

// 4. the ticket itself, or the one of its add-ons that is meant here
Choice choose(const CompiledCheckpoint &checkpoint, const Candidates &candidates, base::Instant at)
{
    if (!checkpoint.definition.matchAddons)
        return {};
    std::size_t taken = 0, firstTaken = 0, valid = 0, firstValid = 0;
    for (std::size_t i = 0; i < candidates.tickets.size(); ++i) {
        const Ticket &ticket = candidates.tickets[i].ticket;
        if (!checkpoint.takes(ticket.type))
            continue;
        if (taken++ == 0)
            firstTaken = i;
        if (isValidAt(ticket, at) && valid++ == 0)
            firstValid = i;
    }
    if (taken <= 1 || valid == 0)
        return {.candidate = firstTaken};
    return {.candidate = firstValid, .ambiguous = valid > 1};
}

// 5-7. the ticket's own state
Check ownState(const Ticket &ticket)
{
    if (ticket.state == TicketState::Cancelled)
        return verdict(Reason::Cancelled, Phrase::TicketCancelled);
    if (ticket.blocked)
        return verdict(Reason::Blocked, Phrase::TicketBlocked);
    if (ticket.state == TicketState::Unapproved)
        return verdict(Reason::Unapproved, Phrase::AwaitingApproval);
    return {};
}

// 8. the event and the gate
Check event(const Case &c)
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
    if (!rehearsal && e.scanFrom && at < *e.scanFrom)
        return verdict(Reason::EventNotOpen, Phrase::ScanningOpensAt, {*e.scanFrom});
    if (!rehearsal && e.scanUntil && at > *e.scanUntil)
        return verdict(Reason::EventNotOpen, Phrase::ScanningEndedAt, {*e.scanUntil});
    const Gate *gate = c.rulebook.gate(c.scan.gate.view());
    if (gate && gate->state == GateState::Closed)
        return verdict(Reason::GateClosed, Phrase::GateIsClosed, {std::string_view(gate->name)});
    return {};
}

// 9. the ticket's window
Check window(const Case &c)
{
    if (c.ticket().validFrom && c.scan.at < *c.ticket().validFrom)
        return verdict(Reason::NotYetValid, Phrase::ValidFrom, {*c.ticket().validFrom});
    if (c.ticket().validUntil && c.scan.at > *c.ticket().validUntil)
        return verdict(Reason::Expired, Phrase::ValidUntil, {*c.ticket().validUntil});
    return {};
}

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

// 10. type, date, zone, gate
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

// 11. payment
Check payment(const Case &c)
{
    if (c.ticket().state != TicketState::Pending || c.ticket().pendingOk)
        return {};
    if (!c.checkpoint.definition.acceptPending)
        return verdict(Reason::Unpaid, Phrase::NotPaid);
    if (!c.scan.confirmPending)
        return verdict(Reason::Pending, Phrase::ConfirmPayment);
    return {};
}

// 12. the checkpoint's rules
Check rules(const Case &c)
{
    if (c.checkpoint.rules.empty())
        return {};
    const RuleFacts facts = ruleFacts(c.rulebook, c.checkpoint, c.ticket(), {c.scan, c.history});
    if (c.checkpoint.rules.evaluate(facts) == RuleAnswer::True)
        return {};
    return Verdict{.reason = Reason::Rules, .explanation = c.checkpoint.rules.explain(facts)};
}

// 13. questions for the door
Check questions(const Case &c)
{
    const std::uint64_t open = openQuestions(c.rulebook.definition().questions, c.ticket(), c.scan.answers);
    if (open == 0)
        return {};
    Verdict asked = verdict(Reason::Questions, Phrase::AnswerQuestions, {std::int64_t{std::popcount(open)}});
    asked.questions = open;
    return asked;
}

Verdict used(const Case &c, std::uint32_t admits, std::uint32_t left)
{
    const auto newest = std::find_if(c.history.rbegin(), c.history.rend(),
                                     [](const Passage &passage) { return passage.direction == Direction::Entry; });
    Verdict result =
        verdict(admits == 1 ? Reason::AlreadyUsed : Reason::NoEntriesLeft, Phrase::NoneLeft, {std::int64_t{left}});
    result.remaining = left;
    if (newest == c.history.rend() || (admits != 1 && left > 0))
        return result;
    const Gate *gate = c.rulebook.gate(newest->gate);
    const std::string_view name = gate ? std::string_view(gate->name) : newest->gate;
    result.explanation = name.empty() ? Explanation{.phrase = Phrase::EnteredAtTime, .facts = {newest->at}}
                                      : Explanation{.phrase = Phrase::EnteredAt, .facts = {newest->at, name}};
    return result;
}

// 14. the ticket's allowance
Check allowance(const Case &c)
{
    const std::uint32_t admits = c.rulebook.admitsOf(c.ticket());
    const auto spent = spentOf(c.history, c.rulebook.allowanceOf(c.checkpoint, admits), c.scan.at);
    if (!spent || *spent + c.scan.count <= admits)
        return {};
    return used(c, admits, *spent >= admits ? 0 : admits - *spent);
}

// 15. room
Check capacity(const Case &c)
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

// 16. otherwise
Verdict welcome(const Case &c)
{
    if (!c.isEntry())
        return verdict(Reason::OkExit, Phrase::GoodBye);
    const std::uint32_t admits = c.rulebook.admitsOf(c.ticket());
    const std::uint32_t after = admittedOf(c.history) + c.scan.count;
    if (after > admits)
        return verdict(Reason::OkReentry, Phrase::WelcomeBack);
    if (after == admits)
        return verdict(Reason::Ok, Phrase::WelcomeIn);
    Verdict group = verdict(Reason::OkGroup, Phrase::GroupRemaining, {std::int64_t{admits - after}});
    group.remaining = admits - after;
    return group;
}

/// The first of the checks 5 to 15 that applies.
Check refusal(const Case &c)
{
    if (auto found = ownState(c.ticket()))
        return found;
    if (c.isEntry()) {
        if (auto found = event(c))
            return found;
        if (auto found = window(c))
            return found;
    }
    if (auto found = place(c))
        return found;
    if (auto found = payment(c))
        return found;
    if (!c.isEntry())
        return {};
    for (const auto check : {rules, questions, allowance, capacity}) {
        if (auto found = check(c))
            return found;
    }
    return {};
}

Verdict overridden(const Verdict &refused, const Scan &scan)
{
    Verdict result = verdict(Reason::OkOverride, Phrase::OverrideAllowed, {scan.override->by.view()});
    result.overridden = refused.reason;
    return result;
}

} // namespace

RuleFacts ruleFacts(const Rulebook &rulebook, const CompiledCheckpoint &checkpoint, const Ticket &ticket,
                    const Presented &presented)
{
    const DateTimes times = rulebook.timesOf(ticket);
    return {.now = presented.scan.at,
            .zone = rulebook.zone(),
            .product = ticket.type.view(),
            .variation = ticket.variant.view(),
            .gate = presented.scan.gate.view(),
            .history = presented.history,
            .dateFrom = times.from,
            .dateTo = times.to,
            .dateAdmission = times.admission,
            .closed = rulebook.allowanceOf(checkpoint, 1).closing.lastBefore(presented.scan.at)};
}

Verdict decide(const Rulebook &rulebook, const Candidates &candidates, const State &state, const Scan &scan) noexcept
{
    if (auto untrusted = trust(rulebook, state))
        return *untrusted;
    const CompiledCheckpoint *checkpoint = rulebook.checkpoint(scan.checkpoint.view());
    if (!checkpoint || state.histories.size() != candidates.tickets.size())
        return verdict(Reason::Fault, Phrase::PlaceUnknown);
    if (auto repeat = repeated(state, scan)) {
        repeat->candidate = candidates.tickets.empty() ? Verdict::kNoCandidate : 0;
        return *repeat;
    }
    if (candidates.tickets.empty())
        return nowhere(candidates.problem);

    const auto about = [](Verdict result, std::size_t candidate) {
        result.candidate = candidate;
        return result;
    };
    Check refused = withdrawn(candidates.tickets.front());
    const Choice choice = choose(*checkpoint, candidates, scan.at);
    if (refused)
        return about(scan.override ? overridden(*refused, scan) : *refused, 0);
    if (choice.ambiguous)
        return about(verdict(Reason::Ambiguous, Phrase::SeveralTickets), 0);

    const Candidate &candidate = candidates.tickets[choice.candidate];
    const Case c{rulebook, state, scan, *checkpoint, &candidate, state.histories[choice.candidate]};
    refused = refusal(c);
    if (refused)
        return about(scan.override ? overridden(*refused, scan) : *refused, choice.candidate);
    Verdict result = welcome(c);
    if (!candidate.listed && c.isEntry()) {
        switch (rulebook.definition().policy.unlisted) {
        case UnlistedPolicy::Admit:
            break;
        case UnlistedPolicy::AdmitAndFlag:
            result.flagged = true;
            break;
        case UnlistedPolicy::Hold:
            result = verdict(Reason::Unconfirmed, Phrase::NotConfirmed);
            break;
        }
    }
    return about(result, choice.candidate);
}

} // namespace voelgoed::admission
