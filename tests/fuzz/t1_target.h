#pragma once

#include "tests/fuzz/fuzz.h"
#include "tests/shared/ticket/sample_ring.h"

#include "shared/ticket/rotating.h"

#include <algorithm>

namespace voelgoed::fuzz {

/// What holds for every text: it is no T1 code for a named reason, or it is the one spelling of that code; and what
/// verifies says again, when encoded, exactly what was signed.
inline void checkT1(std::string_view text)
{
    static const ticket::KeyRing ring = ticket::sample::ring();
    const auto parsed = ticket::parseT1(text);
    if (const auto *problem = std::get_if<ticket::T1Problem>(&parsed)) {
        ensure(ticket::reasonOf(*problem) == domain::Reason::Unknown, "a problem that is not about the shape");
        return;
    }
    const auto &code = *std::get_if<ticket::T1Code>(&parsed);
    ensure(ticket::printT1(code) == text, "a second spelling");
    const auto verified = ticket::verifyT1(code, ring);
    const auto *claims = std::get_if<ticket::T1Claims>(&verified);
    if (claims == nullptr)
        return;
    ensure(claims->ordinal.value >= 1 && claims->ordinal.value <= domain::kOrdinalMax, "an ordinal out of range");
    const auto encoded = ticket::encodeClaims(*claims, ring);
    ensure(std::equal(encoded.begin(), encoded.end(), code.bytes.begin()), "claims that encode differently");
    const auto window = ticket::windowOf(*claims, ring);
    ensure(!window.from || (*window.from >= ring.parts().epoch && *window.from <= base::kLatest),
           "a window from nowhere");
    const auto now = base::instantFromMillis(1'796'472'000'000);
    const auto rotating = ticket::checkRotating({code, *claims}, ring, {.now = now});
    if (const auto *problem = std::get_if<ticket::T1Problem>(&rotating))
        ensure(ticket::reasonOf(*problem) == domain::Reason::StaleCode, "a rotating part that is not stale");
}

} // namespace voelgoed::fuzz
