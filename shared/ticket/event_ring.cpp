#include "shared/ticket/event_ring.h"

namespace voelgoed::ticket {

base::Result<KeyRing> ringOf(const domain::EventKeys &keys, std::optional<base::Instant> endsAt)
{
    KeyRingParts parts{.identity = {.organization = keys.organization, .event = keys.event, .shortId = keys.shortId},
                       .epoch = keys.hoursFrom,
                       .endsAt = endsAt,
                       .rotationPeriod = std::chrono::seconds(keys.rotationSeconds)};
    for (const domain::KeySlot &slot : keys.keySlots) {
        auto key = base::VerifyingKey::fromRaw(slot.publicKey);
        if (!key)
            return key.error().at("key slot " + std::to_string(slot.slot));
        switch (slot.algorithm) {
        case domain::SignatureAlgorithm::Ed25519:
            parts.keys.push_back({slot.slot, SignatureAlgorithm::Ed25519, std::move(*key), slot.retired});
            break;
        }
    }
    if (keys.rotationKey)
        parts.rotation = *keys.rotationKey;
    return KeyRing::make(std::move(parts));
}

domain::Ticket ticketOf(const T1Claims &claims, const domain::EventKeys &keys, const KeyRing &ring)
{
    const T1Window window = windowOf(claims, ring);
    domain::Ticket made{.ordinal = claims.ordinal, .generation = claims.generation};
    if (claims.typeIndex < keys.types.size())
        made.type = keys.types[claims.typeIndex];
    made.validFrom = window.from;
    made.validUntil = window.until;
    if (claims.zones != T1Claims::kAllZones) {
        made.zones.emplace();
        for (std::size_t i = 0; i < keys.zones.size(); ++i) {
            if ((claims.zones >> i & 1) != 0)
                made.zones->push_back(keys.zones[i]);
        }
    }
    return made;
}

} // namespace voelgoed::ticket
