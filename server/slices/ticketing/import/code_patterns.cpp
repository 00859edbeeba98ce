#include "server/slices/ticketing/import/code_patterns.h"

#include <algorithm>
#include <map>

namespace voelgoed::ticketing::import {

namespace {

constexpr std::size_t kSpreadsheetDigits = 15;
constexpr std::size_t kShortNumber = 5; ///< shorter ones are counted from 1, more likely than not
constexpr std::size_t kShortCode = 4;

bool isNumber(std::string_view code)
{
    return std::all_of(code.begin(), code.end(), [](char c) { return c >= '0' && c <= '9'; });
}

struct Lengths
{
    std::map<std::size_t, std::size_t> codes; ///< by length
    std::size_t usual = 0;

    std::size_t count(std::size_t length) const
    {
        const auto found = codes.find(length);
        return found == codes.end() ? 0 : found->second;
    }
};

Lengths lengthsOf(std::span<const std::string_view> codes)
{
    Lengths lengths;
    for (const std::string_view code : codes)
        ++lengths.codes[code.size()];
    for (const auto &[length, count] : lengths.codes) {
        if (count >= lengths.count(lengths.usual))
            lengths.usual = length;
    }
    return lengths;
}

std::vector<Pattern> shorterThan(std::span<const std::string_view> codes, std::size_t length, FindingKind kind)
{
    std::vector<Pattern> found;
    for (std::size_t i = 0; i < codes.size(); ++i) {
        if (codes[i].size() < length)
            found.push_back({.index = i, .kind = kind});
    }
    return found;
}

std::vector<Pattern> lostZeros(std::span<const std::string_view> codes, const Lengths &lengths)
{
    const std::size_t usual = lengths.usual;
    const std::size_t shorter = usual >= kShortNumber ? lengths.count(usual - 1) + lengths.count(usual - 2) : 0;
    const bool others = lengths.count(usual) + shorter != codes.size();
    const bool zeros = std::any_of(codes.begin(), codes.end(), [](std::string_view code) { return code[0] == '0'; });
    if (shorter == 0 || others || zeros || shorter * 2 > lengths.count(usual))
        return {};
    return shorterThan(codes, usual, FindingKind::LostZeros);
}

std::vector<Pattern> lostSign(std::span<const std::string_view> codes, const Lengths &lengths)
{
    const std::size_t usual = lengths.usual;
    const std::size_t shorter = usual >= kShortCode ? lengths.count(usual - 1) : 0;
    const bool others = lengths.count(usual) + shorter != codes.size();
    const bool alike = std::all_of(codes.begin(), codes.end(), [&](std::string_view c) { return c[0] == codes[0][0]; });
    if (shorter == 0 || others || alike || shorter * 10 > codes.size())
        return {};
    return shorterThan(codes, usual, FindingKind::LostSign);
}

std::vector<Pattern> lostDigits(std::span<const std::string_view> codes)
{
    constexpr std::size_t kBeyondChance = 3;
    std::vector<Pattern> found;
    std::size_t zeros = 0;
    for (std::size_t i = 0; i < codes.size(); ++i) {
        if (codes[i].size() <= kSpreadsheetDigits || !isNumber(codes[i]))
            continue;
        const std::string_view behind = codes[i].substr(kSpreadsheetDigits);
        if (behind.find_first_not_of('0') != std::string_view::npos)
            return {};
        zeros += behind.size();
        found.push_back({.index = i, .kind = FindingKind::LostDigits});
    }
    return zeros >= kBeyondChance ? found : std::vector<Pattern>();
}

} // namespace

std::vector<Pattern> patternsOf(std::span<const std::string_view> codes)
{
    if (codes.empty())
        return {};
    std::vector<Pattern> found = lostDigits(codes);
    const Lengths lengths = lengthsOf(codes);
    const auto more =
        std::all_of(codes.begin(), codes.end(), isNumber) ? lostZeros(codes, lengths) : lostSign(codes, lengths);
    found.insert(found.end(), more.begin(), more.end());
    return found;
}

} // namespace voelgoed::ticketing::import
