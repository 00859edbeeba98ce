#include "server/slices/ticketing/import/utf8.h"

#include <cstring>

namespace voelgoed::ticketing::import {

CodePoint codePointAt(std::string_view text, std::size_t at)
{
    const auto byte = [&](std::size_t i) -> std::uint32_t {
        return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0;
    };
    const auto bits = [&](std::size_t i) { return byte(i) & 0x3FU; };
    const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
    const std::uint32_t first = byte(0);
    if (first < 0x80)
        return {first, at < text.size() ? std::size_t{1} : std::size_t{0}};
    if (first < 0xE0 && first >= 0xC2 && follows(1))
        return {(first & 0x1FU) << 6 | bits(1), 2};
    if (first >= 0xE0 && first < 0xF0 && follows(1) && follows(2)) {
        const std::uint32_t value = (first & 0x0FU) << 12 | bits(1) << 6 | bits(2);
        if (value >= 0x800 && (value < 0xD800 || value > 0xDFFF))
            return {value, 3};
    }
    if (first >= 0xF0 && first < 0xF5 && follows(1) && follows(2) && follows(3)) {
        const std::uint32_t value = (first & 0x07U) << 18 | bits(1) << 12 | bits(2) << 6 | bits(3);
        if (value >= 0x10000 && value <= 0x10FFFF)
            return {value, 4};
    }
    return {};
}

void appendUtf8(std::string &text, std::uint32_t value)
{
    const auto tail = [&](unsigned shift) { text += static_cast<char>(0x80U | ((value >> shift) & 0x3FU)); };
    if (value < 0x80) {
        text += static_cast<char>(value);
    } else if (value < 0x800) {
        text += static_cast<char>(0xC0U | value >> 6);
        tail(0);
    } else if (value < 0x10000) {
        text += static_cast<char>(0xE0U | value >> 12);
        tail(6);
        tail(0);
    } else {
        text += static_cast<char>(0xF0U | value >> 18);
        tail(12);
        tail(6);
        tail(0);
    }
}

std::size_t endOfAscii(std::string_view text, std::size_t at)
{
    constexpr std::uint64_t kHigh = 0x8080808080808080U;
    constexpr std::uint64_t kOnes = 0x0101010101010101U;
    while (at + sizeof(std::uint64_t) <= text.size()) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + at, sizeof word);
        // Subtracting one borrows from a byte only where it was zero; bytes above 0x7F end the run as well.
        if (((word | (word - kOnes)) & kHigh) != 0)
            break;
        at += sizeof word;
    }
    while (at < text.size() && text[at] > 0)
        ++at;
    return at;
}

} // namespace voelgoed::ticketing::import
