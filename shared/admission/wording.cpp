#include "shared/admission/wording.h"

#include "shared/base/ensure.h"
#include "shared/base/text.h"

#include <cstdio>

namespace voelgoed::admission {

using namespace std::chrono;
using domain::Phrase;

namespace {

constexpr std::size_t kNameMax = 60;

struct Row
{
    Phrase phrase;
    std::string_view sentence;
};

// In the order of the enumeration, so that a phrase finds its row by number.
constexpr std::array kEnglish{
    Row{Phrase::None, ""},
    Row{Phrase::WelcomeIn, "Welcome"},
    Row{Phrase::WelcomeBack, "Welcome back"},
    Row{Phrase::GroupRemaining, "Welcome: %1 more still to come"},
    Row{Phrase::GoodBye, "Goodbye"},
    Row{Phrase::AlreadyRecorded, "This scan was recorded already, %1"},
    Row{Phrase::OverrideAllowed, "Allowed in by %1"},
    Row{Phrase::OverrideAllowedOut, "Allowed out by %1"},
    Row{Phrase::ConfirmPayment, "Not paid yet: take the payment, then confirm"},
    Row{Phrase::AnswerQuestions, "Answer first: %1[ (and %2 more)]"},
    Row{Phrase::NoSuchTicket, "No ticket has this code"},
    Row{Phrase::SignatureFails, "This code is not genuine"},
    Row{Phrase::OtherEvent, "This ticket is for another event"},
    Row{Phrase::CodeTooOld, "This code is out of date: show the ticket live, not a picture of it"},
    Row{Phrase::NewerTicketExists, "A newer ticket replaces this one: show the newest"},
    Row{Phrase::CodeWithdrawn, "This code was withdrawn"},
    Row{Phrase::SeveralTickets, "Several tickets fit here: scan the one to use"},
    Row{Phrase::TicketCancelled, "This ticket was cancelled"},
    Row{Phrase::TicketBlocked, "This ticket is blocked"},
    Row{Phrase::AwaitingApproval, "The order still awaits approval"},
    Row{Phrase::EventIsCancelled, "The event is cancelled"},
    Row{Phrase::EventNotOpen, "The event is not open"},
    Row{Phrase::ScanningOpensAt, "Entry opens %1"},
    Row{Phrase::ScanningEndedAt, "Entry closed %1"},
    Row{Phrase::EventPostponed, "The event is postponed, without a new date yet"},
    Row{Phrase::GateIsClosed, "%1 is closed[: go to %2]"},
    Row{Phrase::ValidFrom, "Valid from %1"},
    Row{Phrase::ValidUntil, "Was valid until %1"},
    Row{Phrase::TypeNotTakenHere, "%1 tickets are not taken here[, but %2][, %3][, %4]"},
    Row{Phrase::ForAnotherDate, "Ticket for another date: %1"},
    Row{Phrase::ZoneNotIncluded, "%1 is not included in this ticket"},
    Row{Phrase::GoToGate, "Go to %1[, entry from %2]"},
    Row{Phrase::NotPaid, "This ticket is not paid"},
    Row{Phrase::RulesForbid, "The rules of this entrance do not let this ticket in"},
    Row{Phrase::RulesForbidAlways, "The rules of this entrance do not let this ticket in, now or later"},
    Row{Phrase::RulesUnclear, "The rules of this entrance cannot be checked for this ticket: call a supervisor"},
    Row{Phrase::WaitMinutes, "Wait %1 min"},
    Row{Phrase::ComeBackAt, "Entry from %1"},
    Row{Phrase::CameTooLate, "Entry was until %1"},
    Row{Phrase::TooManyEntries, "No more entries with this ticket, so far: %1"},
    Row{Phrase::TooManyDays, "No more days with this ticket, so far: %1"},
    Row{Phrase::AnotherTypeNeeded, "Another kind of ticket is needed here: %1[ or %2][ or %3][, and entry from %4]"},
    Row{Phrase::TypeAndGateNeeded, "Another kind of ticket is needed, at another gate: %1, at %2[, and entry from %3]"},
    Row{Phrase::LeaveFirst, "Already inside: scan out first[, then go to %2][, and entry from %1]"},
    Row{Phrase::EnteredAt, "Entered %1 at %2"},
    Row{Phrase::EnteredAtTime, "Entered %1"},
    Row{Phrase::NoneLeft, "Persons left on this ticket: %1[; the last entered %2][ at %3]"},
    Row{Phrase::ZoneIsFull, "%1 is full: wait until somebody leaves"},
    Row{Phrase::ZoneNearlyFull, "Only %1 more fit into %2"},
    Row{Phrase::ZoneTakesNobody, "%1 takes nobody in"},
    Row{Phrase::GateIsFull, "%1 is full[: go to %2]"},
    Row{Phrase::GateNearlyFull, "Only %1 more may pass at %2[: go to %3]"},
    Row{Phrase::StorageFault, "This device cannot store scans: use another one and call a technician"},
    Row{Phrase::ClockFault, "This device does not know the time: use another one and call a technician"},
    Row{Phrase::ListTooOld, "The guest list is %1 min old: bring the device online, or call a supervisor"},
    Row{Phrase::NotConfirmed, "Signed, but not on the list: bring the device online, or call a supervisor"},
    Row{Phrase::PlaceUnknown, "This device is set to a place that the event does not have: call a technician"},
    Row{Phrase::WaitToType, "Too many wrong codes were typed: wait a minute, then type it again"},
    Row{Phrase::DeviceLocked, "This device is locked: use another one and call a supervisor"},
};

constexpr Wording kWording = [] {
    Wording wording{.sentences = {},
                    .weekdays = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"},
                    .months = {"January", "February", "March", "April", "May", "June", "July", "August", "September",
                               "October", "November", "December"}};
    for (std::size_t i = 0; i < kEnglish.size(); ++i)
        wording.sentences[i] = kEnglish[i].sentence;
    return wording;
}();

constexpr bool rowsAreInOrder()
{
    for (std::size_t i = 0; i < kEnglish.size(); ++i) {
        if (kEnglish[i].phrase != static_cast<Phrase>(i))
            return false;
    }
    return kEnglish.size() == kPhraseCount;
}
static_assert(rowsAreInOrder());

/// "10:00"; with seconds where the moment differs from now by nothing else.
std::string clockText(base::Milliseconds sinceMidnight, base::Milliseconds fromNow)
{
    const hh_mm_ss time(floor<seconds>(sinceMidnight));
    const bool near = fromNow > -minutes(1) && fromNow < minutes(1) && time.seconds().count() != 0;
    char text[16];
    const int length =
        near ? std::snprintf(text, sizeof text, "%02d:%02d:%02d", static_cast<int>(time.hours().count()),
                             static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()))
             : std::snprintf(text, sizeof text, "%02d:%02d", static_cast<int>(time.hours().count()),
                             static_cast<int>(time.minutes().count()));
    return {text, static_cast<std::size_t>(length)};
}

struct FactText
{
    const domain::ZoneTable &zone;
    base::Instant now;
    const Wording &wording;

    std::string operator()(std::monostate) const { return {}; }
    std::string operator()(base::Instant at) const { return momentText(at, zone, now, wording); }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(std::string_view name) const { return base::printable(name, kNameMax); }
};

} // namespace

const Wording &english()
{
    return kWording;
}

std::string momentText(base::Instant at, const domain::ZoneTable &zone, base::Instant now, const Wording &wording)
{
    const auto day = zone.dayOf(at);
    const auto today = zone.dayOf(now);
    const std::string time = clockText(zone.toLocal(at) - day, at - now);
    if (day == today)
        return time;
    if (day - today <= days(6) && today - day <= days(6))
        return std::string(wording.weekdays[weekday(day).iso_encoding() - 1]) + " " + time;
    const year_month_day date(day);
    std::string text = std::to_string(static_cast<unsigned>(date.day())) + " ";
    text += wording.months[static_cast<unsigned>(date.month()) - 1];
    if (date.year() != year_month_day(today).year())
        text += " " + std::to_string(static_cast<int>(date.year()));
    return text + " " + time;
}

std::string sentence(const domain::Explanation &explanation, const domain::ZoneTable &zone, base::Instant now,
                     const Wording &wording)
{
    const auto index = static_cast<std::size_t>(explanation.phrase);
    base::ensure(index < kPhraseCount, "a phrase outside its enumeration");
    const std::string_view pattern = wording.sentences[index];
    const FactText fact{zone, now, wording};
    std::string text;
    bool said = true; // what stands in these brackets, if any
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const auto named = i + 1 < pattern.size() ? static_cast<std::size_t>(pattern[i + 1] - '1') : SIZE_MAX;
        if (pattern[i] == '[') {
            const std::size_t first = pattern.find('%', i);
            const auto asked =
                first + 1 < pattern.size() ? static_cast<std::size_t>(pattern[first + 1] - '1') : SIZE_MAX;
            said = asked < explanation.facts.size() && explanation.facts[asked] != domain::Fact();
        } else if (pattern[i] == ']') {
            said = true;
        } else if (pattern[i] == '%' && named < explanation.facts.size()) {
            if (said)
                text += std::visit(fact, explanation.facts[named]);
            ++i;
        } else if (said) {
            text += pattern[i];
        }
    }
    return text;
}

} // namespace voelgoed::admission
