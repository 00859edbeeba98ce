#pragma once

#include "shared/base/ensure.h"
#include "shared/domain/event.h"
#include "shared/domain/scan.h"
#include "shared/domain/ticket.h"

#include <optional>
#include <span>
#include <string_view>

/// The words of the admission specification, section 1, for choices: in scenario files, in exports and in logs. (Those
/// of outcomes and reasons are in verdict.h.)
namespace voelgoed::domain {

/// All words of a choice, in the order of its values.
template <class Choice>
std::span<const std::string_view> wordsOf();

template <>
std::span<const std::string_view> wordsOf<EventStatus>();
template <>
std::span<const std::string_view> wordsOf<TicketState>();
template <>
std::span<const std::string_view> wordsOf<Reentry>();
template <>
std::span<const std::string_view> wordsOf<GateState>();
template <>
std::span<const std::string_view> wordsOf<CapacityMode>();
template <>
std::span<const std::string_view> wordsOf<Direction>();
template <>
std::span<const std::string_view> wordsOf<QuestionKind>();
template <>
std::span<const std::string_view> wordsOf<UnlistedPolicy>();

/// "after_exit" for Reentry::AfterExit.
template <class Choice>
std::string_view wordFor(Choice choice)
{
    const auto words = wordsOf<Choice>();
    const auto index = static_cast<std::size_t>(choice);
    base::ensure(index < words.size(), "a choice outside its enumeration");
    return words[index];
}

/// Nothing for a word that is not of this choice.
template <class Choice>
std::optional<Choice> fromWord(std::string_view text)
{
    const auto words = wordsOf<Choice>();
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == text)
            return static_cast<Choice>(i);
    }
    return std::nullopt;
}

} // namespace voelgoed::domain
