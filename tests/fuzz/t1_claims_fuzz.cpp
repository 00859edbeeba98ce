#include "tests/fuzz/t1_target.h"

#include <algorithm>

namespace voelgoed::fuzz {

/// The input as claims that the event's own key signs, with a rotating part: what lies behind the signature is total
/// too.
void fuzzOne(base::ByteView input)
{
    static const ticket::KeyRing ring = ticket::sample::ring();
    std::array<std::byte, ticket::kT1Claimed> claimed = ticket::encodeClaims(ticket::sample::goldenClaims(), ring);
    std::copy_n(input.begin(), std::min(input.size(), claimed.size()), claimed.begin());
    ticket::T1Code code = ticket::sample::signedAnyway(claimed, ring);
    if (input.size() >= claimed.size() + 8) {
        code.rotating = {.unixSeconds = 1'796'470'000 + base::bigEndianAt<std::uint16_t>(input, claimed.size()),
                         .password = base::bigEndianAt<std::uint32_t>(input, claimed.size() + 2) % 100'000'000};
    }
    checkT1(ticket::printT1(code));
}

} // namespace voelgoed::fuzz
