#include "shared/ticket/decimal.h"

#include <algorithm>
#include <cstdint>

namespace voelgoed::ticket {

namespace {

/// The number in digits of 2^32, the greatest first.
using Limbs = std::array<std::uint32_t, kDecimalBytes / 4>;

constexpr std::size_t kChunk = 9; // decimal digits that fit 32 bits
constexpr std::uint32_t kChunkBase = 1'000'000'000;

} // namespace

std::string toDecimal(std::span<const std::byte, kDecimalBytes> bytes)
{
    Limbs limbs;
    for (std::size_t i = 0; i < limbs.size(); ++i)
        limbs[i] = base::bigEndianAt<std::uint32_t>(bytes, i * 4);

    std::string text(kDecimalDigits, '0');
    for (std::size_t end = text.size(); end > 0;) {
        std::uint64_t rest = 0;
        for (std::uint32_t &limb : limbs) {
            const std::uint64_t value = rest << 32 | limb;
            limb = static_cast<std::uint32_t>(value / kChunkBase);
            rest = value % kChunkBase;
        }
        const std::size_t start = end - std::min(end, kChunk);
        for (; end > start; rest /= 10)
            text[--end] = static_cast<char>('0' + rest % 10);
    }
    return text;
}

Spelled<std::array<std::byte, kDecimalBytes>> fromDecimal(std::string_view digits)
{
    if (digits.size() != kDecimalDigits)
        return SpellingProblem::Length;
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    if (!std::all_of(digits.begin(), digits.end(), isDigit))
        return SpellingProblem::Character;

    Limbs limbs{};
    for (std::size_t at = 0; at < digits.size(); at += kChunk) {
        std::uint64_t carry = 0;
        std::uint64_t factor = 1;
        for (const char c : digits.substr(at, kChunk)) {
            carry = carry * 10 + static_cast<std::uint64_t>(c - '0');
            factor *= 10;
        }
        for (std::size_t i = limbs.size(); i-- > 0;) {
            const std::uint64_t value = limbs[i] * factor + carry;
            limbs[i] = static_cast<std::uint32_t>(value);
            carry = value >> 32;
        }
        if (carry != 0)
            return SpellingProblem::Range;
    }
    std::array<std::byte, kDecimalBytes> bytes;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<std::byte>(limbs[i / 4] >> (24 - i % 4 * 8));
    return bytes;
}

} // namespace voelgoed::ticket
