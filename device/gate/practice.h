#pragma once

#include "shared/base/instant.h"
#include "shared/base/random.h"
#include "shared/base/result.h"

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>

namespace voelgoed::gate {

struct PracticeOptions
{
    std::string folder;
    std::uint32_t tickets = 24;   ///< signed ones
    std::uint32_t foreign = 3000; ///< of another system
    std::uint32_t draw = 200;     ///< at most so many are drawn as PNG and PDF
    std::uint32_t codes = 10'000; ///< at most so many signed codes are written out as text
    base::Instant opens;
    base::Instant madeAt; ///< what the bundle says of itself: never later than it was
};

/// Makes an event to practise on:
///
///     practice.bundle   the signed bundle, for `load`
///     practice.key      the keys of the event, for `load --trust` and for opening what gates sealed
///     tickets/*.png     signed tickets, drawn; tickets.pdf the same, a page each
///     tickets.csv       the signed tickets' codes as text: ordinal, type, code, typed fallback
///     guests.csv        the guest list of another ticketing system
///
/// The same random numbers and the same two times give the same files.
base::Result<void> practice(const PracticeOptions &options, base::Random &random, std::ostream &progress);

} // namespace voelgoed::gate
