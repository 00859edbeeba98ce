#include "shared/admission/wording.h"

#include "shared/base/text.h"

#include <array>
#include <cstdio>

namespace voelgoed::admission {

using domain::Phrase;

namespace {

constexpr std::size_t kTextMax = 60; ///< bytes of a text from outside

constexpr std::array<std::string_view, 7> kWeekdays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                    "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> kMonths{"January", "February", "March",     "April",   "May",      "June",
                                                   "July",    "August",   "September", "October", "November", "December"};

class FactText
{
public:
    FactText(const domain::ZoneTable &zone, base::Instant now) : m_zone(zone), m_now(now) {}

    std::string operator()(std::monostate) const { return {}; }
    std::string operator()(base::Instant at) const { return moment(at, m_zone, m_now); }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(std::string_view text) const { return base::printable(text, kTextMax); }

private:
    const domain::ZoneTable &m_zone;
    base::Instant m_now;
};

} // namespace

std::string_view englishTemplate(Phrase phrase)
{
    switch (phrase) {
    case Phrase::None: return "";
    case Phrase::WelcomeIn: return "Welcome";
    case Phrase::WelcomeBack: return "Welcome back";
    case Phrase::GroupRemaining: return "Welcome, %1 more to come on this ticket";
    case Phrase::GoodBye: return "Goodbye";
    case Phrase::AlreadyRecorded: return "Recorded %1 and shown once more";
    case Phrase::OverrideAllowed: return "Allowed by %1";
    case Phrase::ConfirmPayment: return "Not paid yet: take the payment, then confirm it";
    case Phrase::AnswerQuestions: return "Questions to answer first: %1";
    case Phrase::NoSuchTicket: return "Not a ticket for this event";
    case Phrase::SignatureFails: return "Not a genuine ticket";
    case Phrase::OtherEvent: return "A ticket for another event";
    case Phrase::CodeTooOld: return "The code on the screen is too old: open the ticket again";
    case Phrase::NewerTicketExists: return "A newer version of this ticket was issued: show that one";
    case Phrase::CodeWithdrawn: return "This code was withdrawn";
    case Phrase::SeveralTickets: return "Several tickets fit here: show the one that is meant";
    case Phrase::TicketCancelled: return "This ticket was cancelled";
    case Phrase::TicketBlocked: return "This ticket is blocked";
    case Phrase::AwaitingApproval: return "This ticket has not been approved yet";
    case Phrase::EventIsCancelled: return "The event was cancelled";
    case Phrase::EventNotOpen: return "The event is not open for entry";
    case Phrase::ScanningOpensAt: return "Entry opens %1";
    case Phrase::ScanningEndedAt: return "Entry ended %1";
    case Phrase::EventPostponed: return "The event was postponed";
    case Phrase::GateIsClosed: return "%1 is closed";
    case Phrase::ValidFrom: return "Valid from %1";
    case Phrase::ValidUntil: return "Was valid until %1";
    case Phrase::TypeNotTakenHere: return "%1 tickets are not taken here";
    case Phrase::ForAnotherDate: return "This ticket is for %1";
    case Phrase::ForAnotherDateUnknown: return "This ticket is for another date";
    case Phrase::ZoneNotIncluded: return "This ticket does not include %1";
    case Phrase::GoToGate: return "Go to %1";
    case Phrase::NotPaid: return "This ticket has not been paid";
    case Phrase::RulesForbid: return "The rules of this entrance do not allow it";
    case Phrase::WaitMinutes: return "Come back in %1 min";
    case Phrase::ComeBackAt: return "Come back after %1";
    case Phrase::CameTooLate: return "Entry was possible until %1";
    case Phrase::ComeOnAnotherDay: return "Not possible today: come on another day";
    case Phrase::TooManyEntries: return "Entered too often already: %1 times";
    case Phrase::AnotherTypeNeeded: return "Another type of ticket is needed here";
    case Phrase::LeaveFirst: return "Still inside: has to leave first";
    case Phrase::AnotherGateNeeded: return "Not at this gate";
    case Phrase::EnteredAt: return "Entered %1 at %2";
    case Phrase::EnteredAtTime: return "Entered %1";
    case Phrase::NoneLeft: return "Persons left on this ticket: %1";
    case Phrase::ZoneIsFull: return "Full: %1 are inside";
    case Phrase::GateIsFull: return "%1 has reached its limit of %2";
    case Phrase::StorageFault: return "This device cannot save: send the guest to another gate, and call a technician";
    case Phrase::ClockFault: return "This device does not know the time: set its clock";
    case Phrase::ListTooOld: return "The list is %1 min old: connect this device";
    case Phrase::NotConfirmed: return "Not on the list yet: check with a supervisor";
    case Phrase::PlaceUnknown: return "This device is not set up for this entrance";
    }
    return "";
}

std::string moment(base::Instant at, const domain::ZoneTable &zone, base::Instant now)
{
    using namespace std::chrono;
    const auto local = zone.toLocal(at);
    const auto day = floor<days>(local);
    const hh_mm_ss time(local - day);
    char clock[8];
    std::snprintf(clock, sizeof clock, "%02d:%02d", static_cast<int>(time.hours().count()),
                  static_cast<int>(time.minutes().count()));
    const auto today = zone.dayOf(now);
    if (day == today)
        return clock;
    const auto apart = abs(day - today);
    if (apart <= days(6))
        return std::string(kWeekdays[weekday(day).c_encoding()]) + " " + clock;
    const year_month_day date(day);
    std::string text = std::to_string(static_cast<unsigned>(date.day())) + " " +
                       std::string(kMonths[static_cast<unsigned>(date.month()) - 1]);
    if (date.year() != year_month_day(today).year())
        text += " " + std::to_string(static_cast<int>(date.year()));
    return text + " " + clock;
}

std::string sentence(const domain::Explanation &explanation, const domain::ZoneTable &zone, base::Instant now)
{
    return sentence(explanation, zone, now, [](Phrase phrase) { return std::string(englishTemplate(phrase)); });
}

std::string sentence(const domain::Explanation &explanation, const domain::ZoneTable &zone, base::Instant now,
                     const Templates &templates)
{
    const std::string pattern = templates(explanation.phrase);
    const FactText text(zone, now);
    std::string result;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const bool placed = pattern[i] == '%' && i + 1 < pattern.size() &&
                            (pattern[i + 1] == '1' || pattern[i + 1] == '2');
        if (!placed) {
            result += pattern[i];
            continue;
        }
        result += std::visit(text, explanation.facts[static_cast<std::size_t>(pattern[i + 1] - '1')]);
        ++i;
    }
    return result;
}

} // namespace voelgoed::admission
