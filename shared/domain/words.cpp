#include "shared/domain/words.h"

#include <array>

namespace voelgoed::domain {

namespace {

// Each in the order of its enumeration.
constexpr std::array<std::string_view, 7> kStatuses{"draft",     "published", "live",    "ended",
                                                    "cancelled", "postponed", "archived"};
constexpr std::array<std::string_view, 5> kTicketStates{"valid", "pending", "unapproved", "cancelled", "revoked"};
constexpr std::array<std::string_view, 3> kReentries{"never", "after_exit", "always"};
constexpr std::array<std::string_view, 2> kGateStates{"open", "closed"};
constexpr std::array<std::string_view, 2> kCapacityModes{"warn", "stop"};
constexpr std::array<std::string_view, 2> kDirections{"entry", "exit"};
constexpr std::array<std::string_view, 10> kQuestionKinds{"number",          "string", "text", "boolean",  "choice",
                                                          "multiple_choice", "date",   "time", "datetime", "email"};
constexpr std::array<std::string_view, 3> kUnlistedPolicies{"admit", "admit_and_flag", "hold"};

static_assert(static_cast<std::size_t>(EventStatus::Archived) + 1 == kStatuses.size());
static_assert(static_cast<std::size_t>(TicketState::Revoked) + 1 == kTicketStates.size());
static_assert(static_cast<std::size_t>(Reentry::Always) + 1 == kReentries.size());
static_assert(static_cast<std::size_t>(GateState::Closed) + 1 == kGateStates.size());
static_assert(static_cast<std::size_t>(CapacityMode::Stop) + 1 == kCapacityModes.size());
static_assert(static_cast<std::size_t>(Direction::Exit) + 1 == kDirections.size());
static_assert(static_cast<std::size_t>(QuestionKind::Email) + 1 == kQuestionKinds.size());
static_assert(static_cast<std::size_t>(UnlistedPolicy::Hold) + 1 == kUnlistedPolicies.size());

} // namespace

template <>
std::span<const std::string_view> wordsOf<EventStatus>()
{
    return kStatuses;
}

template <>
std::span<const std::string_view> wordsOf<TicketState>()
{
    return kTicketStates;
}

template <>
std::span<const std::string_view> wordsOf<Reentry>()
{
    return kReentries;
}

template <>
std::span<const std::string_view> wordsOf<GateState>()
{
    return kGateStates;
}

template <>
std::span<const std::string_view> wordsOf<CapacityMode>()
{
    return kCapacityModes;
}

template <>
std::span<const std::string_view> wordsOf<Direction>()
{
    return kDirections;
}

template <>
std::span<const std::string_view> wordsOf<QuestionKind>()
{
    return kQuestionKinds;
}

template <>
std::span<const std::string_view> wordsOf<UnlistedPolicy>()
{
    return kUnlistedPolicies;
}

} // namespace voelgoed::domain
