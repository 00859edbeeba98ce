#include "shared/domain/words.h"

#include <array>
#include <string>

namespace voelgoed::domain {

namespace {

/// Each choice's words in the order of its enumeration.
template <class Choice>
struct Words;

template <>
struct Words<EventStatus>
{
    static constexpr std::array<std::string_view, 7> kAll{"draft",     "published", "live",    "ended",
                                                          "cancelled", "postponed", "archived"};
    static constexpr std::string_view kList = "draft, published, live, ended, cancelled, postponed, archived";
};
template <>
struct Words<TicketState>
{
    static constexpr std::array<std::string_view, 5> kAll{"valid", "pending", "unapproved", "cancelled", "revoked"};
    static constexpr std::string_view kList = "valid, pending, unapproved, cancelled, revoked";
};
template <>
struct Words<GateState>
{
    static constexpr std::array<std::string_view, 2> kAll{"open", "closed"};
    static constexpr std::string_view kList = "open, closed";
};
template <>
struct Words<CapacityMode>
{
    static constexpr std::array<std::string_view, 2> kAll{"warn", "stop"};
    static constexpr std::string_view kList = "warn, stop";
};
template <>
struct Words<Reentry>
{
    static constexpr std::array<std::string_view, 3> kAll{"never", "after_exit", "always"};
    static constexpr std::string_view kList = "never, after_exit, always";
};
template <>
struct Words<Direction>
{
    static constexpr std::array<std::string_view, 2> kAll{"entry", "exit"};
    static constexpr std::string_view kList = "entry, exit";
};
template <>
struct Words<QuestionKind>
{
    static constexpr std::array<std::string_view, 10> kAll{"number", "string",          "text", "boolean", "choice",
                                                           "multiple_choice", "date", "time", "datetime", "email"};
    static constexpr std::string_view kList =
        "number, string, text, boolean, choice, multiple_choice, date, time, datetime, email";
};
template <>
struct Words<UnlistedPolicy>
{
    static constexpr std::array<std::string_view, 3> kAll{"admit", "admit_and_flag", "hold"};
    static constexpr std::string_view kList = "admit, admit_and_flag, hold";
};

template <class Choice>
std::string_view wordOf(Choice choice)
{
    return Words<Choice>::kAll[static_cast<std::size_t>(choice)];
}

} // namespace

std::string_view word(EventStatus status)
{
    return wordOf(status);
}
std::string_view word(TicketState state)
{
    return wordOf(state);
}
std::string_view word(GateState state)
{
    return wordOf(state);
}
std::string_view word(CapacityMode mode)
{
    return wordOf(mode);
}
std::string_view word(Reentry reentry)
{
    return wordOf(reentry);
}
std::string_view word(Direction direction)
{
    return wordOf(direction);
}
std::string_view word(QuestionKind kind)
{
    return wordOf(kind);
}
std::string_view word(UnlistedPolicy policy)
{
    return wordOf(policy);
}

template <class Choice>
std::optional<Choice> fromWord(std::string_view text)
{
    const auto &all = Words<Choice>::kAll;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i] == text)
            return static_cast<Choice>(i);
    }
    return std::nullopt;
}

template <class Choice>
std::string_view allWords()
{
    return Words<Choice>::kList;
}

template std::optional<EventStatus> fromWord<EventStatus>(std::string_view);
template std::optional<TicketState> fromWord<TicketState>(std::string_view);
template std::optional<GateState> fromWord<GateState>(std::string_view);
template std::optional<CapacityMode> fromWord<CapacityMode>(std::string_view);
template std::optional<Reentry> fromWord<Reentry>(std::string_view);
template std::optional<Direction> fromWord<Direction>(std::string_view);
template std::optional<QuestionKind> fromWord<QuestionKind>(std::string_view);
template std::optional<UnlistedPolicy> fromWord<UnlistedPolicy>(std::string_view);
template std::string_view allWords<EventStatus>();
template std::string_view allWords<TicketState>();
template std::string_view allWords<GateState>();
template std::string_view allWords<CapacityMode>();
template std::string_view allWords<Reentry>();
template std::string_view allWords<Direction>();
template std::string_view allWords<QuestionKind>();
template std::string_view allWords<UnlistedPolicy>();

} // namespace voelgoed::domain
