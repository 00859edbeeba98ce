#pragma once

#include <variant>

namespace voelgoed::ticket {

/// Why a text does not spell any bytes.
enum class SpellingProblem {
    Length,    ///< no byte string has a spelling of this length
    Character, ///< a character that is not in the alphabet
    Range,     ///< digits whose number is too large for the bytes they stand for
};

/// The bytes that a text spells. Each byte string has exactly one spelling, so spelling it again gives the text back.
template <class T>
using Spelled = std::variant<T, SpellingProblem>;

} // namespace voelgoed::ticket
