#pragma once

#include "shared/base/crypto/ed25519.h"
#include "shared/base/instant.h"
#include "shared/ticket/ordinal_mask.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace voelgoed::ticket {

/// The two bits in a code that name how it is signed.
enum class SignatureAlgorithm : std::uint8_t { Ed25519 = 0 };

/// A key. The slot pins the algorithm: a code that names another one is forged, whatever its signature. A retired key
/// signs no more, and tells codes that it once signed, all of them revoked, from forged ones.
struct KeySlot
{
    std::uint8_t slot = 0;
    SignatureAlgorithm algorithm = SignatureAlgorithm::Ed25519;
    base::VerifyingKey key;
    bool retired = false;
};

using RotationKey = std::array<std::byte, 32>;

/// What a gate must know of an event to judge its signed codes. Reaches devices inside the signed bundle.
struct KeyRingParts
{
    EventIdentity identity;
    base::Instant epoch;                 ///< the hours in codes count from here
    std::optional<base::Instant> endsAt; ///< absent: codes "to the end of the event" have no end
    std::vector<KeySlot> keys;           ///< usually two live ones: the one that signs and the one before or after it
    std::optional<RotationKey> rotation; ///< absent: the event has no rotating codes
    std::chrono::seconds rotationPeriod{30};
};

/// The same, checked and prepared. Unchanging, so any number of threads may use one.
class KeyRing
{
public:
    static constexpr std::size_t kSlotsMax = 16;
    static constexpr std::chrono::seconds kPeriodMin{15};
    static constexpr std::chrono::seconds kPeriodMax{30};

    /// Invalid without an event's short id, with two keys in one slot, more than kSlotsMax slots, a period outside its
    /// bounds, or an epoch or end outside kEarliest…kLatest. A ring without slots is allowed: it knows the event, and
    /// every key was retired.
    static base::Result<KeyRing> make(KeyRingParts parts);

    const KeyRingParts &parts() const { return m_parts; }
    const EventIdentity &identity() const { return m_parts.identity; }
    const OrdinalMask &mask() const { return m_mask; }
    /// Null when there is no key in the slot.
    const KeySlot *slot(std::uint8_t number) const;

private:
    explicit KeyRing(KeyRingParts parts) : m_parts(std::move(parts)), m_mask(m_parts.identity) {}

    KeyRingParts m_parts;
    OrdinalMask m_mask;
};

} // namespace voelgoed::ticket
