#include "shared/admission/checks.h"

#include "shared/admission/questions.h"

#include <algorithm>
#include <bit>

namespace voelgoed::admission {

using namespace domain;

Check withdrawn(const Candidate &presented)
{
    if (presented.presentedGeneration < presented.ticket.generation)
        return verdict(Reason::Superseded, Phrase::NewerTicketExists);
    if (presented.codeWithdrawn || presented.ticket.state == TicketState::Revoked)
        return verdict(Reason::Revoked, Phrase::CodeWithdrawn);
    return {};
}

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

Check window(const Case &c)
{
    if (c.state.time == TimeTrust::NotBefore && !isWindowSure(c.ticket(), c.scan.at))
        return verdict(Reason::Fault, Phrase::ClockFault);
    if (c.ticket().validFrom && c.scan.at < *c.ticket().validFrom)
        return verdict(Reason::NotYetValid, Phrase::ValidFrom, {*c.ticket().validFrom});
    if (c.ticket().validUntil && c.scan.at > *c.ticket().validUntil)
        return verdict(Reason::Expired, Phrase::ValidUntil, {*c.ticket().validUntil});
    return {};
}

bool isValidAt(const Ticket &ticket, base::Instant at)
{
    return !(ticket.validFrom && at < *ticket.validFrom) && !(ticket.validUntil && at > *ticket.validUntil);
}

bool isWindowSure(const Ticket &ticket, base::Instant at)
{
    const bool over = ticket.validUntil && at > *ticket.validUntil;
    return over || (!ticket.validUntil && !(ticket.validFrom && at < *ticket.validFrom));
}

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

namespace {

/// Whoever passed, since.
bool mayBeBookedOut(const Case &c)
{
    return !c.history.empty() && !c.checkpoint.closingTimes.empty();
}

/// What the guest could do besides waiting, as far as the other checks allow.
RuleAlternatives alternatives(const Case &c)
{
    const EventDefinition &event = c.rulebook.definition();
    const auto untilHere = c.isRehearsal() ? std::optional<base::Instant>() : event.event.scanUntil;
    const auto &until = c.ticket().validUntil;
    return {.types = event.types,
            .typesTaken = c.checkpoint.allTypes ? nullptr : &c.checkpoint.types,
            .gates = event.gates,
            .gatesAllowed = c.rulebook.gatesOf(c.ticket()),
            .checkpoint = c.checkpoint.definition.id.view(),
            .until = untilHere && until ? std::min(*untilHere, *until)
                     : untilHere        ? untilHere
                                        : until,
            .eventUntil = untilHere};
}

} // namespace

Check rules(const Case &c)
{
    if (c.checkpoint.rules.empty())
        return {};
    if (c.state.time == TimeTrust::NotBefore && (c.checkpoint.rules.askTheTime() || mayBeBookedOut(c)))
        return verdict(Reason::Fault, Phrase::ClockFault);
    const RuleFacts facts = ruleFacts(c.rulebook, c.checkpoint, c.ticket(), {c.scan, c.history});
    if (c.checkpoint.rules.evaluate(facts) == RuleAnswer::True)
        return {};
    return Verdict{.reason = Reason::Rules, .explanation = c.checkpoint.rules.explain(facts, alternatives(c))};
}

Check questions(const Case &c)
{
    const std::uint64_t open = openQuestions(c.rulebook.definition().questions, c.ticket(), c.scan.answers);
    if (open == 0)
        return {};
    const int more = std::popcount(open) - 1;
    const Question &first = c.rulebook.definition().questions[static_cast<std::size_t>(std::countr_zero(open))];
    Verdict asked = verdict(Reason::Questions, Phrase::AnswerQuestions,
                            {std::string_view(first.text), more > 0 ? Fact(std::int64_t{more}) : Fact()});
    asked.questions = open;
    return asked;
}

namespace {

/// The answer to somebody whose ticket allows no more, or fewer than want to come in.
Verdict used(const Case &c, std::uint32_t admits, std::uint32_t left)
{
    const auto newest = std::find_if(c.history.rbegin(), c.history.rend(),
                                     [](const Passage &passage) { return passage.direction == Direction::Entry; });
    Verdict result =
        verdict(admits == 1 ? Reason::AlreadyUsed : Reason::NoEntriesLeft, Phrase::NoneLeft, {std::int64_t{left}});
    result.remaining = left;
    if (newest == c.history.rend())
        return result;
    const Gate *gate = c.rulebook.gate(newest->gate);
    const std::string_view name = gate ? std::string_view(gate->name) : newest->gate;
    const Fact where = name.empty() ? Fact() : Fact(name);
    if (admits == 1)
        result.explanation = name.empty() ? Explanation{.phrase = Phrase::EnteredAtTime, .facts = {newest->at}}
                                          : Explanation{.phrase = Phrase::EnteredAt, .facts = {newest->at, where}};
    else
        result.explanation.facts = {std::int64_t{left}, newest->at, where};
    return result;
}

} // namespace

Check allowance(const Case &c)
{
    const std::uint32_t admits = c.rulebook.admitsOf(c.ticket());
    if (c.state.time == TimeTrust::NotBefore && mayBeBookedOut(c))
        return verdict(Reason::Fault, Phrase::ClockFault);
    const auto spent = spentOf(c.history, c.rulebook.allowanceOf(c.checkpoint, admits), c.scan.at);
    if (!spent || *spent + c.scan.count <= admits)
        return {};
    return used(c, admits, *spent >= admits ? 0 : admits - *spent);
}

} // namespace voelgoed::admission
