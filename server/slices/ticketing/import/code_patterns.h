#pragma once

#include "server/slices/ticketing/import/finding.h"

#include <span>
#include <string_view>

namespace voelgoed::ticketing::import {

/// What a code shows beside all the others.
struct Pattern
{
    std::size_t index = 0; ///< of the code
    FindingKind kind = FindingKind::LostZeros;

    friend bool operator==(const Pattern &, const Pattern &) = default;
};

/// LostZeros: all codes are numbers, none begins with 0, and some are one or two digits shorter than most.
/// LostSign: nearly all codes have one length, the others are one shorter, and they have no beginning in common.
/// LostDigits: all numbers of more than fifteen digits have zeros behind the fifteenth.
std::vector<Pattern> patternsOf(std::span<const std::string_view> codes);

} // namespace voelgoed::ticketing::import
