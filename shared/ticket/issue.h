#pragma once

#include "shared/base/crypto/ed25519.h"
#include "shared/ticket/t1.h"

namespace voelgoed::ticket {

/// Signs what the claims say. Invalid when the ordinal is 0 or above 2^24 - 1, when the ring has no live key in the
/// claims' slot, when that key is not the signing key's public half, or when a rotating code is asked of an event that
/// has no rotation key: such a code would be refused at every gate.
base::Result<T1Code> issueT1(const T1Claims &claims, const KeyRing &ring, const base::SigningKey &key);

/// The generation after this one. Conflict at 255: a generation never begins again at 0, because gates would then take
/// the oldest code for the newest. The ticket needs a new ordinal instead.
base::Result<std::uint8_t> nextGeneration(std::uint8_t generation);

} // namespace voelgoed::ticket
