#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace voelgoed::ticketing::import {

/// A character and how many bytes spell it; length 0: the bytes are not UTF-8 (RFC 3629).
struct CodePoint
{
    std::uint32_t value = 0;
    std::size_t length = 0;
};

CodePoint codePointAt(std::string_view text, std::size_t at);
void appendUtf8(std::string &text, std::uint32_t value);

/// The first byte at or after `at` that is a NUL or above 0x7F; the text's size if there is none. Eight bytes a step.
std::size_t endOfAscii(std::string_view text, std::size_t at);

} // namespace voelgoed::ticketing::import
