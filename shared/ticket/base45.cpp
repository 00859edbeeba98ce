#include "shared/ticket/base45.h"

#include <array>
#include <cstdint>

namespace voelgoed::ticket {

namespace {

/// RFC 9285, table 1.
constexpr std::string_view kAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
constexpr std::uint32_t kBase = 45;

constexpr std::array<std::int8_t, 256> digitValues()
{
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    for (std::size_t i = 0; i < kAlphabet.size(); ++i)
        values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
    return values;
}

constexpr auto kDigitValues = digitValues();

/// The number that a group of two or three characters stands for, least digit first.
Spelled<std::uint32_t> numberOf(std::string_view group)
{
    std::uint32_t number = 0;
    for (std::size_t i = group.size(); i-- > 0;) {
        const int digit = kDigitValues[static_cast<unsigned char>(group[i])];
        if (digit < 0)
            return SpellingProblem::Character;
        number = number * kBase + static_cast<std::uint32_t>(digit);
    }
    const std::uint32_t most = group.size() == 3 ? 0xFFFF : 0xFF;
    if (number > most)
        return SpellingProblem::Range;
    return number;
}

} // namespace

std::string toBase45(base::ByteView bytes)
{
    std::string text;
    text.reserve(bytes.size() / 2 * 3 + 2);
    std::size_t at = 0;
    for (; at + 1 < bytes.size(); at += 2) {
        const std::uint32_t number = base::bigEndianAt<std::uint16_t>(bytes, at);
        text.push_back(kAlphabet[number % kBase]);
        text.push_back(kAlphabet[number / kBase % kBase]);
        text.push_back(kAlphabet[number / kBase / kBase]);
    }
    if (at < bytes.size()) {
        const auto number = std::to_integer<std::uint32_t>(bytes[at]);
        text.push_back(kAlphabet[number % kBase]);
        text.push_back(kAlphabet[number / kBase]);
    }
    return text;
}

Spelled<base::Bytes> fromBase45(std::string_view text)
{
    if (text.size() % 3 == 1)
        return SpellingProblem::Length;
    base::Bytes bytes;
    bytes.reserve(text.size() / 3 * 2 + 1);
    for (std::size_t at = 0; at < text.size(); at += 3) {
        const std::string_view group = text.substr(at, 3);
        const auto number = numberOf(group);
        if (const auto *problem = std::get_if<SpellingProblem>(&number))
            return *problem;
        const std::uint32_t value = *std::get_if<std::uint32_t>(&number);
        if (group.size() == 3)
            bytes.push_back(static_cast<std::byte>(value >> 8));
        bytes.push_back(static_cast<std::byte>(value));
    }
    return bytes;
}

} // namespace voelgoed::ticket
