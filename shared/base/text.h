#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace voelgoed::base {

/// Whether the bytes are UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing above U+10FFFF.
bool isUtf8(std::string_view text);

/// What a text from outside may look like on a terminal or in a log: valid UTF-8 stays, except control characters,
/// escape sequences, zero-width and direction-changing characters, which become "\u{...}"; bytes that are not UTF-8
/// become "\x..". At most `maxBytes`, then "…". Never interpreted as anything.
std::string printable(std::string_view text, std::size_t maxBytes = 120);

/// Without blanks (space, tab) at both ends.
std::string_view trimmed(std::string_view text);

/// Its beginning, of at most so many bytes: what is UTF-8 stays UTF-8, for a letter that does not fit is left out
/// whole.
std::string_view cutTo(std::string_view text, std::size_t maxBytes);

/// As a shell takes it for one word: quoted where it has to be.
std::string shellWord(std::string_view text);

} // namespace voelgoed::base
