#pragma once

#include "shared/base/instant.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace voelgoed::domain {

enum class Outcome { Admit, Ask, Refuse, Undecided };

/// Why. Each reason belongs to exactly one outcome (outcomeOf). The words are those of the admission specification,
/// section 2, on the wire, in the database and in logs.
enum class Reason {
    // admit
    Ok,
    OkReentry,
    OkGroup,
    OkExit,
    OkRepeat,
    OkOverride,
    // ask
    Pending,
    Questions,
    // refuse
    Unknown,
    Forged,
    WrongEvent,
    StaleCode,
    Superseded,
    Revoked,
    Ambiguous,
    Cancelled,
    Blocked,
    Unapproved,
    EventCancelled,
    EventNotOpen,
    GateClosed,
    NotYetValid,
    Expired,
    WrongType,
    WrongDate,
    WrongZone,
    WrongGate,
    Unpaid,
    Rules,
    AlreadyUsed,
    NoEntriesLeft,
    ZoneFull,
    GateFull,
    // undecided
    Fault,
    StaleList,
    Unconfirmed,
};

Outcome outcomeOf(Reason reason);
std::string_view word(Outcome outcome);
std::string_view word(Reason reason);

/// Nothing for a word that this build does not know: a newer peer's. Such a verdict is shown as a refusal with the
/// explanation that came with it.
std::optional<Reason> reasonFromWord(std::string_view word);
std::optional<Outcome> outcomeFromWord(std::string_view word);

/// A thing that a sentence for the guest names. Texts borrow from what was decided on.
using Fact = std::variant<std::monostate, base::Instant, std::int64_t, std::string_view>;

/// Which sentence explains the verdict. The facts it takes, in order, are named behind each, in brackets those that may
/// be absent (std::monostate); admission/wording.h has the English, translations replace it.
enum class Phrase {
    None,
    WelcomeIn,          ///< -
    WelcomeBack,        ///< -
    GroupRemaining,     ///< persons still to come
    GoodBye,            ///< -
    AlreadyRecorded,    ///< when
    OverrideAllowed,    ///< by whom
    OverrideAllowedOut, ///< by whom
    ConfirmPayment,     ///< -
    AnswerQuestions,    ///< the first one's text [how many more]
    NoSuchTicket,       ///< -
    SignatureFails,     ///< -
    OtherEvent,         ///< -
    CodeTooOld,         ///< -
    NewerTicketExists,  ///< -
    CodeWithdrawn,      ///< -
    SeveralTickets,     ///< -
    TicketCancelled,    ///< -
    TicketBlocked,      ///< -
    AwaitingApproval,   ///< -
    EventIsCancelled,   ///< -
    EventNotOpen,       ///< -
    ScanningOpensAt,    ///< when
    ScanningEndedAt,    ///< when
    EventPostponed,     ///< -
    GateIsClosed,       ///< gate's name [another one's, that is open]
    ValidFrom,          ///< when
    ValidUntil,         ///< when
    TypeNotTakenHere,   ///< type's name [up to three that are taken]
    ForAnotherDate,     ///< when that date starts, or its id
    ZoneNotIncluded,    ///< zone
    GoToGate,           ///< gate's name [when]
    NotPaid,            ///< -
    RulesForbid,        ///< -
    RulesForbidAlways,  ///< -
    RulesUnclear,       ///< -
    WaitMinutes,        ///< minutes
    ComeBackAt,         ///< when
    CameTooLate,        ///< the latest moment
    TooManyEntries,     ///< how many entries there were
    TooManyDays,        ///< on how many days there were entries
    AnotherTypeNeeded,  ///< up to three that would do [when]: the fourth
    TypeAndGateNeeded,  ///< type, gate's name [when]
    LeaveFirst,         ///< [when] [another gate's name]
    EnteredAt,          ///< when, gate's name
    EnteredAtTime,      ///< when
    NoneLeft,           ///< persons left of the ticket's allowance [when the last ones entered, gate's name]
    ZoneIsFull,         ///< its name
    ZoneNearlyFull,     ///< how many more fit, its name
    ZoneTakesNobody,    ///< its name
    GateIsFull,         ///< gate's name [another one's, that is open]
    GateNearlyFull,     ///< how many more fit, gate's name [another one's, that is open]
    StorageFault,       ///< -
    ClockFault,         ///< -
    ListTooOld,         ///< minutes since the list was fresh
    NotConfirmed,       ///< -
    PlaceUnknown,       ///< -
    WaitToType,         ///< -
    DeviceLocked,       ///< -
};

using Facts = std::array<Fact, 4>;

struct Explanation
{
    Phrase phrase = Phrase::None;
    Facts facts{};

    friend bool operator==(const Explanation &, const Explanation &) = default;
};

/// The answer to a scan. A value without memory of its own: the texts in `explanation` borrow from the rulebook, the
/// ticket, the state and the scan that were decided on, and must be made into sentences before those go away.
struct Verdict
{
    static constexpr std::size_t kNoCandidate = SIZE_MAX;

    Reason reason = Reason::Fault;
    Explanation explanation;
    std::size_t candidate = kNoCandidate; ///< which of the candidates was judged
    std::uint32_t remaining = 0;          ///< with OkGroup: persons still to come; with NoEntriesLeft: persons left
    std::uint64_t questions = 0;          ///< with Questions: bit i asks for the rulebook's question i
    std::optional<Reason> overridden;     ///< with OkOverride: what the answer would have been
    bool flagged = false;                 ///< admitted without being on the list, and the policy wants to be told

    [[nodiscard]] Outcome outcome() const { return outcomeOf(reason); }
    [[nodiscard]] bool admits() const { return outcome() == Outcome::Admit; }

    friend bool operator==(const Verdict &, const Verdict &) = default;
};

} // namespace voelgoed::domain
