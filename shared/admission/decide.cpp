#include "shared/admission/decide.h"

#include "shared/admission/checks.h"

namespace voelgoed::admission {

using namespace domain;

namespace {

// 0. storage, clock, age of the list
Check trust(const Rulebook &rulebook, const State &state)
{
    if (!state.storageTrusted)
        return verdict(Reason::Fault, Phrase::StorageFault);
    if (state.time == TimeTrust::None)
        return verdict(Reason::Fault, Phrase::ClockFault);
    const auto &limit = rulebook.definition().policy.listAgeMax;
    // Under a clock that only knows what has passed the list is as old as that, or older.
    if (limit && state.listAge && *state.listAge <= *limit && state.time == TimeTrust::NotBefore)
        return verdict(Reason::Fault, Phrase::ClockFault);
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
    for (std::size_t i = 0; i < state.histories.size(); ++i) {
        for (const Passage &passage : state.histories[i]) {
            if (passage.nonce != scan.nonce || passage.device != scan.device.view() ||
                passage.direction != scan.direction)
                continue;
            Verdict repeat = verdict(Reason::OkRepeat, Phrase::AlreadyRecorded, {passage.at});
            repeat.candidate = i;
            return repeat;
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
    case Reason::Revoked:
        return verdict(problem, Phrase::CodeWithdrawn);
    case Reason::Fault:
        return verdict(problem, Phrase::ClockFault);
    default:
        return verdict(Reason::Unknown, Phrase::NoSuchTicket);
    }
}

struct Choice
{
    std::size_t candidate = 0;
    bool ambiguous = false;
    bool uncertain = false; ///< it hangs on a time that is not known
};

// 4. the ticket itself, or the one of its add-ons that is meant here
Choice choose(const CompiledCheckpoint &checkpoint, const Candidates &candidates, const State &state, base::Instant at)
{
    if (!checkpoint.definition.matchAddons)
        return {};
    std::size_t taken = 0, firstTaken = 0, valid = 0, firstValid = 0;
    bool uncertain = false;
    for (std::size_t i = 0; i < candidates.tickets.size(); ++i) {
        const Ticket &ticket = candidates.tickets[i].ticket;
        if (!checkpoint.takes(ticket.type))
            continue;
        if (taken++ == 0)
            firstTaken = i;
        uncertain = uncertain || (state.time == TimeTrust::NotBefore && !isWindowSure(ticket, at));
        if (isValidAt(ticket, at) && valid++ == 0)
            firstValid = i;
    }
    if (taken <= 1)
        return {.candidate = firstTaken};
    if (valid == 0)
        return {.candidate = firstTaken, .uncertain = uncertain};
    return {.candidate = firstValid, .ambiguous = valid > 1, .uncertain = uncertain};
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
        if (auto found = eventOpen(c))
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
    for (const auto check : {rules, questions, allowance, room}) {
        if (auto found = check(c))
            return found;
    }
    return {};
}

Verdict overridden(const Verdict &refused, const Scan &scan)
{
    const bool out = scan.direction == Direction::Exit;
    Verdict result = verdict(Reason::OkOverride, out ? Phrase::OverrideAllowedOut : Phrase::OverrideAllowed,
                             {scan.override->by.view()});
    result.overridden = refused.reason;
    return result;
}

/// What the event's policy makes of letting in a ticket that is not on the list.
Verdict unlisted(const Case &c, Verdict result)
{
    if (!result.admits())
        return result;
    switch (c.rulebook.definition().policy.unlisted) {
    case UnlistedPolicy::Admit:
        break;
    case UnlistedPolicy::AdmitAndFlag:
        result.flagged = true;
        break;
    case UnlistedPolicy::Hold:
        // Behind all checks, and so beyond an override, too; one that was needed says that a supervisor has looked.
        if (result.reason != Reason::OkOverride)
            return verdict(Reason::Unconfirmed, Phrase::NotConfirmed);
        break;
    }
    return result;
}

Verdict judged(const Case &c, const Check &refused)
{
    // Nobody overrides what could not be judged.
    const bool overrides = c.scan.override && refused && refused->reason != Reason::Fault;
    Verdict result = !refused ? welcome(c) : overrides ? overridden(*refused, c.scan) : *refused;
    return c.candidate.listed || !c.isEntry() ? result : unlisted(c, result);
}

} // namespace

RuleFacts ruleFacts(const Rulebook &rulebook, const CompiledCheckpoint &checkpoint, const Ticket &ticket,
                    const Presented &presented)
{
    const DateTimes times = rulebook.timesOf(ticket);
    const Closing closing = rulebook.allowanceOf(checkpoint, 1).closing;
    return {.now = presented.scan.at,
            .zone = rulebook.zone(),
            .product = ticket.type.view(),
            .variation = ticket.variant.view(),
            .gate = presented.scan.gate.view(),
            .history = presented.history,
            .dateFrom = times.from,
            .dateTo = times.to,
            .dateAdmission = times.admission,
            .closed = closing.lastBefore(presented.scan.at),
            .closings = closing.times};
}

Verdict decide(const Rulebook &rulebook, const Candidates &candidates, const State &state, const Scan &scan) noexcept
{
    if (auto untrusted = trust(rulebook, state))
        return *untrusted;
    const CompiledCheckpoint *checkpoint = rulebook.checkpoint(scan.checkpoint.view());
    if (!checkpoint || state.histories.size() != candidates.tickets.size())
        return verdict(Reason::Fault, Phrase::PlaceUnknown);
    if (auto repeat = repeated(state, scan))
        return *repeat;
    if (candidates.tickets.empty())
        return nowhere(candidates.problem);

    const auto about = [](Verdict result, std::size_t candidate) {
        result.candidate = candidate;
        return result;
    };
    Check refused = withdrawn(candidates.tickets.front());
    if (refused && !scan.override)
        return about(*refused, 0);
    const Choice choice = choose(*checkpoint, candidates, state, scan.at);
    if (choice.uncertain && !refused)
        return about(verdict(Reason::Fault, Phrase::ClockFault), choice.candidate);
    if (choice.ambiguous && !refused)
        return about(verdict(Reason::Ambiguous, Phrase::SeveralTickets), 0);

    const Candidate &candidate = candidates.tickets[choice.candidate];
    const Case c{rulebook, state, scan, *checkpoint, candidate, state.histories[choice.candidate]};
    if (!refused)
        refused = withdrawn(candidate); // an add-on of its own right
    if (!refused)
        refused = refusal(c);
    return about(judged(c, refused), choice.candidate);
}

} // namespace voelgoed::admission
