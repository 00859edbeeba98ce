#pragma once

#include "shared/ticket/rotating.h"

#include <functional>

namespace voelgoed::ticket {

/// A signed code that holds, its rotating part included.
struct CheckedCode
{
    T1Claims claims;
    std::uint64_t rotatingStep = 0; ///< to be remembered once the admission is durable; 0: no rotating part

    friend bool operator==(const CheckedCode &, const CheckedCode &) = default;
};

/// The newest rotating step that was accepted for an ordinal; 0: none.
using LastStep = std::function<std::uint64_t(domain::Ordinal)>;

/// The gate's corrected time, and how far it is known.
struct GateTime
{
    base::Instant now;
    domain::TimeTrust trust = domain::TimeTrust::Full;
};

/// verifyT1() and checkRotating(), one after the other.
std::variant<CheckedCode, T1Problem> checkCode(const T1Code &code, const KeyRing &ring, const GateTime &time,
                                               const LastStep &lastStep);

} // namespace voelgoed::ticket
