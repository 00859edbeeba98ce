#pragma once

#include "shared/domain/verdict.h"

#include <cstdint>
#include <string_view>

namespace voelgoed::ticket {

/// Why something that was read is no good T1 code.
enum class T1Problem : std::uint8_t {
    // No T1 code at all: it may still be a foreign one.
    NotT1,            ///< another beginning or length
    IllegalCharacter, ///< right beginning and length, and a character that no T1 code has
    OutOfRange,       ///< a triple above 65,535, or decimal digits above 2^640 - 1
                      // A T1 code that nobody who holds the event's key made.
    OtherVersion,
    UnknownFlags,
    UnknownAlgorithm, ///< or another one than the slot's
    UnknownSlot,
    BadSignature,
    NoOrdinal, ///< ordinal 0
               // A good code, perhaps, for somewhere else.
    OtherEvent,
    // Signed with a key that was withdrawn, and all its codes with it.
    RetiredKey,
    // Good, but its rotating part is not.
    RotatingMissing,
    RotatingUnexpected, ///< there is one, and the event has no key to check it with
    RotatingOutside,    ///< more than 90 s from the gate's time
    RotatingWrong,
    RotatingUsed,      ///< not newer than the last one that was accepted
    RotatingUncertain, ///< the gate does not know the time well enough to tell
};

/// The word of the admission specification: unknown, forged, wrong_event, revoked or stale_code.
domain::Reason reasonOf(T1Problem problem);

/// For logs and `why`: "signature fails".
std::string_view describe(T1Problem problem);

} // namespace voelgoed::ticket
