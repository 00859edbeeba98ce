#include "shared/base/text.h"

#include <algorithm>

#include <cstdint>
#include <cstdio>

namespace voelgoed::base {

namespace {

struct CodePoint
{
    std::uint32_t value = 0;
    std::size_t length = 0; ///< 0: the bytes are not UTF-8
};

/// RFC 3629, section 4: the ranges of well-formed sequences.
CodePoint codePointAt(std::string_view text, std::size_t at)
{
    const auto byte = [&](std::size_t i) -> std::uint32_t {
        return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0;
    };
    const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
    const std::uint32_t first = byte(0);
    if (first < 0x80)
        return {first, 1};
    if (first >= 0xC2 && first <= 0xDF && tail(1))
        return {(first & 0x1FU) << 6 | (byte(1) & 0x3FU), 2};
    if (first >= 0xE0 && first <= 0xEF && tail(1) && tail(2)) {
        const std::uint32_t value = (first & 0x0FU) << 12 | (byte(1) & 0x3FU) << 6 | (byte(2) & 0x3FU);
        const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
        return value >= 0x800 && !surrogate ? CodePoint{value, 3} : CodePoint{};
    }
    if (first >= 0xF0 && first <= 0xF4 && tail(1) && tail(2) && tail(3)) {
        const std::uint32_t value =
            (first & 0x07U) << 18 | (byte(1) & 0x3FU) << 12 | (byte(2) & 0x3FU) << 6 | (byte(3) & 0x3FU);
        return value >= 0x10000 && value <= 0x10FFFF ? CodePoint{value, 4} : CodePoint{};
    }
    return {};
}

bool changesAppearance(std::uint32_t value)
{
    return value < 0x20 || (value >= 0x7F && value <= 0x9F) || value == 0xAD || value == 0x61C ||
           (value >= 0x200B && value <= 0x200F) || (value >= 0x2028 && value <= 0x202E) ||
           (value >= 0x2060 && value <= 0x206F) || value == 0xFEFF || (value >= 0xFFF0 && value <= 0xFFFB) ||
           (value >= 0xE0000 && value <= 0xE0FFF);
}

} // namespace

bool isUtf8(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = codePointAt(text, at);
        if (point.length == 0)
            return false;
        at += point.length;
    }
    return true;
}

std::string printable(std::string_view text, std::size_t maxBytes)
{
    std::string result;
    char escape[16];
    for (std::size_t at = 0; at < text.size();) {
        if (result.size() >= maxBytes)
            return result + "…";
        const CodePoint point = codePointAt(text, at);
        if (point.length == 0) {
            std::snprintf(escape, sizeof escape, "\\x%02x", static_cast<unsigned char>(text[at]));
            result += escape;
            ++at;
            continue;
        }
        if (changesAppearance(point.value)) {
            std::snprintf(escape, sizeof escape, "\\u{%x}", point.value);
            result += escape;
        } else {
            result.append(text.substr(at, point.length));
        }
        at += point.length;
    }
    return result;
}

std::string_view trimmed(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string_view cutTo(std::string_view text, std::size_t maxBytes)
{
    if (text.size() <= maxBytes)
        return text;
    std::size_t end = maxBytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        --end;
    return text.substr(0, end);
}

std::string shellWord(std::string_view text)
{
    const auto isPlain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("_-./:,=+@%").find(c) != std::string_view::npos;
    };
    if (!text.empty() && std::all_of(text.begin(), text.end(), isPlain))
        return std::string(text);
    std::string word = "'";
    for (const char c : text)
        word += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return word + "'";
}

} // namespace voelgoed::base
