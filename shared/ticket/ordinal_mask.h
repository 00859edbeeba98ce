#pragma once

#include "shared/domain/ids.h"

#include <cstdint>
#include <vector>

namespace voelgoed::ticket {

/// What names an event to everybody who handles its signed codes.
struct EventIdentity
{
    domain::Uuid organization{};
    domain::Uuid event{};
    std::uint32_t shortId = 0; ///< unique in the deployment; 0 names no event

    friend bool operator==(const EventIdentity &, const EventIdentity &) = default;
};

/// Hides ordinals in signed codes, so that a code shows neither how many were sold nor who bought together. Not a
/// secret from gates: whoever has the event's identity can take the mask off.
///
/// A Feistel network of four rounds on the two 12-bit halves of an ordinal. The key is HMAC-SHA256 over organization,
/// event and short id (u32, big endian) under the key "GATE-T1 ordinals"; F(round, x) is the lowest 12 bits of the
/// big-endian u16 number x mod 16 in HMAC-SHA256(key, round (u8) ‖ x / 16 (u8)). All values are worked out once (32
/// KiB, about a quarter of a millisecond).
class OrdinalMask
{
public:
    explicit OrdinalMask(const EventIdentity &identity);

    /// Any number below 2^24 to another one, each to a different one.
    std::uint32_t masked(domain::Ordinal ordinal) const;
    domain::Ordinal unmasked(std::uint32_t masked) const;

private:
    std::vector<std::uint16_t> m_rounds;
};

} // namespace voelgoed::ticket
