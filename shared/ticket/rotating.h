#pragma once

#include "shared/domain/scan.h"
#include "shared/ticket/t1.h"

#include <cstdint>
#include <optional>
#include <variant>

/// The part of a code that changes every 15 to 30 seconds, so that a screenshot is worth nothing: what a wallet's
/// rotating barcode can show, and what a gate can verify offline.
///
/// Password: TOTP with HMAC-SHA1 and eight digits (RFC 6238) for step = Unix time / period, rounded down, with the time
/// that the code itself shows. Secret: the first 20 bytes of HMAC-SHA256(event's rotation key, ordinal as u24 big
/// endian ‖ generation as u8).
namespace voelgoed::ticket {

inline constexpr std::chrono::seconds kRotatingTolerance{90};

/// What is known at the gate about the moment of the scan.
struct RotatingMoment
{
    base::Instant now;                                 ///< corrected time
    domain::TimeTrust trust = domain::TimeTrust::Full; ///< other than Full: it is `now` or later
    std::optional<std::uint64_t> lastStep{};           ///< of the newest part accepted for this ordinal
};

/// A part that was accepted. Its step is to be remembered for the ordinal, once the admission is durable.
struct RotatingAccepted
{
    std::uint64_t step = 0;

    friend bool operator==(const RotatingAccepted &, const RotatingAccepted &) = default;
};

/// No rotating part was asked for, and none was shown.
struct RotatingNotNeeded
{
    friend bool operator==(const RotatingNotNeeded &, const RotatingNotNeeded &) = default;
};

/// A code and what verifyT1() made of it.
struct VerifiedT1
{
    const T1Code &code;
    const T1Claims &claims;
};

/// A part is checked wherever there is one, also where the claims do not ask for it.
std::variant<RotatingAccepted, RotatingNotNeeded, T1Problem>
checkRotating(const VerifiedT1 &verified, const KeyRing &ring, const RotatingMoment &moment);

/// The part that a wallet would show at that moment (1970 to 2286). Nothing when the event has no rotation key.
std::optional<RotatingPart> rotatingPartAt(const T1Claims &claims, const KeyRing &ring, base::Instant at);

/// RFC 6238 with SHA-1 and eight digits.
std::uint32_t totp8(base::ByteView secret, std::uint64_t step);

} // namespace voelgoed::ticket
