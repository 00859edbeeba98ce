#include "shared/ticket/issue.h"

#include <algorithm>

namespace voelgoed::ticket {

base::Result<T1Code> issueT1(const T1Claims &claims, const KeyRing &ring, const base::SigningKey &key)
{
    if (claims.ordinal.value == 0 || claims.ordinal.value > domain::kOrdinalMax)
        return base::invalid("issue: ordinal " + std::to_string(claims.ordinal.value));
    const KeySlot *slot = ring.slot(claims.keySlot);
    if (slot == nullptr || slot->retired)
        return base::invalid("issue: no live key in slot " + std::to_string(claims.keySlot));
    if (slot->key.raw() != key.publicKey())
        return base::invalid("issue: slot " + std::to_string(claims.keySlot) + " holds another key");
    if (claims.rotating && !ring.parts().rotation)
        return base::invalid("issue: a rotating code for an event without a rotation key");

    T1Code code;
    const auto claimed = encodeClaims(claims, ring);
    const base::Signature signature = key.sign(signedText(claimed, ring.identity()));
    std::copy(claimed.begin(), claimed.end(), code.bytes.begin());
    std::copy(signature.begin(), signature.end(), code.bytes.begin() + kT1Claimed);
    return code;
}

base::Result<std::uint8_t> nextGeneration(std::uint8_t generation)
{
    if (generation == UINT8_MAX)
        return base::Error{base::ErrorCode::Conflict, "issue: generation 255 is the last",
                           "This ticket was reissued 255 times. Cancel it and issue a new one."};
    return static_cast<std::uint8_t>(generation + 1);
}

} // namespace voelgoed::ticket
