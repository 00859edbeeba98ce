#pragma once

#include "shared/domain/event.h"
#include "shared/domain/scan.h"
#include "shared/domain/ticket.h"

#include <optional>
#include <string_view>

/// The words of the closed choices, as the admission specification writes them. Reason and outcome have theirs in
/// verdict.h.
namespace voelgoed::domain {

std::string_view word(EventStatus status);
std::string_view word(TicketState state);
std::string_view word(GateState state);
std::string_view word(CapacityMode mode);
std::string_view word(Reentry reentry);
std::string_view word(Direction direction);
std::string_view word(QuestionKind kind);
std::string_view word(UnlistedPolicy policy);

/// Nothing when the word is none of the choice's. Defined for each of the above.
template <class Choice>
std::optional<Choice> fromWord(std::string_view word);

/// The choice's words, separated by commas: for messages.
template <class Choice>
std::string_view allWords();

} // namespace voelgoed::domain
