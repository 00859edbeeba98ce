#include "shared/domain/verdict.h"

#include "shared/base/ensure.h"

namespace voelgoed::domain {

namespace {

struct ReasonRow
{
    Reason reason;
    Outcome outcome;
    std::string_view word;
};

// In the order of the enumeration, so that a reason finds its row by number.
constexpr std::array kReasons{
    ReasonRow{Reason::Ok, Outcome::Admit, "ok"},
    ReasonRow{Reason::OkReentry, Outcome::Admit, "ok_reentry"},
    ReasonRow{Reason::OkGroup, Outcome::Admit, "ok_group"},
    ReasonRow{Reason::OkExit, Outcome::Admit, "ok_exit"},
    ReasonRow{Reason::OkRepeat, Outcome::Admit, "ok_repeat"},
    ReasonRow{Reason::OkOverride, Outcome::Admit, "ok_override"},
    ReasonRow{Reason::Pending, Outcome::Ask, "pending"},
    ReasonRow{Reason::Questions, Outcome::Ask, "questions"},
    ReasonRow{Reason::Unknown, Outcome::Refuse, "unknown"},
    ReasonRow{Reason::Forged, Outcome::Refuse, "forged"},
    ReasonRow{Reason::WrongEvent, Outcome::Refuse, "wrong_event"},
    ReasonRow{Reason::StaleCode, Outcome::Refuse, "stale_code"},
    ReasonRow{Reason::Superseded, Outcome::Refuse, "superseded"},
    ReasonRow{Reason::Revoked, Outcome::Refuse, "revoked"},
    ReasonRow{Reason::Ambiguous, Outcome::Refuse, "ambiguous"},
    ReasonRow{Reason::Cancelled, Outcome::Refuse, "cancelled"},
    ReasonRow{Reason::Blocked, Outcome::Refuse, "blocked"},
    ReasonRow{Reason::Unapproved, Outcome::Refuse, "unapproved"},
    ReasonRow{Reason::EventCancelled, Outcome::Refuse, "event_cancelled"},
    ReasonRow{Reason::EventNotOpen, Outcome::Refuse, "event_not_open"},
    ReasonRow{Reason::GateClosed, Outcome::Refuse, "gate_closed"},
    ReasonRow{Reason::NotYetValid, Outcome::Refuse, "not_yet_valid"},
    ReasonRow{Reason::Expired, Outcome::Refuse, "expired"},
    ReasonRow{Reason::WrongType, Outcome::Refuse, "wrong_type"},
    ReasonRow{Reason::WrongDate, Outcome::Refuse, "wrong_date"},
    ReasonRow{Reason::WrongZone, Outcome::Refuse, "wrong_zone"},
    ReasonRow{Reason::WrongGate, Outcome::Refuse, "wrong_gate"},
    ReasonRow{Reason::Unpaid, Outcome::Refuse, "unpaid"},
    ReasonRow{Reason::Rules, Outcome::Refuse, "rules"},
    ReasonRow{Reason::AlreadyUsed, Outcome::Refuse, "already_used"},
    ReasonRow{Reason::NoEntriesLeft, Outcome::Refuse, "no_entries_left"},
    ReasonRow{Reason::ZoneFull, Outcome::Refuse, "zone_full"},
    ReasonRow{Reason::GateFull, Outcome::Refuse, "gate_full"},
    ReasonRow{Reason::Fault, Outcome::Undecided, "fault"},
    ReasonRow{Reason::StaleList, Outcome::Undecided, "stale_list"},
    ReasonRow{Reason::Unconfirmed, Outcome::Undecided, "unconfirmed"},
};

constexpr bool rowsAreInOrder()
{
    for (std::size_t i = 0; i < kReasons.size(); ++i) {
        if (kReasons[i].reason != static_cast<Reason>(i))
            return false;
    }
    return true;
}
static_assert(rowsAreInOrder());

constexpr std::array<std::string_view, 4> kOutcomes{"admit", "ask", "refuse", "undecided"};

const ReasonRow &rowOf(Reason reason)
{
    const auto index = static_cast<std::size_t>(reason);
    base::ensure(index < kReasons.size(), "a reason outside its enumeration");
    return kReasons[index];
}

} // namespace

Outcome outcomeOf(Reason reason)
{
    return rowOf(reason).outcome;
}

std::string_view word(Outcome outcome)
{
    return kOutcomes[static_cast<std::size_t>(outcome)];
}

std::string_view word(Reason reason)
{
    return rowOf(reason).word;
}

std::optional<Reason> reasonFromWord(std::string_view text)
{
    for (const ReasonRow &row : kReasons) {
        if (row.word == text)
            return row.reason;
    }
    return std::nullopt;
}

std::optional<Outcome> outcomeFromWord(std::string_view text)
{
    for (std::size_t i = 0; i < kOutcomes.size(); ++i) {
        if (kOutcomes[i] == text)
            return static_cast<Outcome>(i);
    }
    return std::nullopt;
}

} // namespace voelgoed::domain
