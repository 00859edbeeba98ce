#include "shared/ticket/event_ring.h"

namespace voelgoed::ticket {

base::Result<KeyRing> ringOf(const domain::EventKeys &keys, std::optional<base::Instant> endsAt)
{
    KeyRingParts parts{.identity = {.organization = keys.organization, .event = keys.event, .shortId = keys.shortId},
                       .epoch = keys.hoursFrom,
                       .endsAt = endsAt,
                       .rotationPeriod = std::chrono::seconds(keys.rotationSeconds)};
    for (const domain::KeySlot &slot : keys.keySlots) {
        if (slot.retired)
            continue;
        auto key = base::VerifyingKey::fromRaw(slot.publicKey);
        if (!key)
            return key.error().at("key slot " + std::to_string(slot.slot));
        switch (slot.algorithm) {
        case domain::SignatureAlgorithm::Ed25519:
            parts.keys.push_back({slot.slot, SignatureAlgorithm::Ed25519, std::move(*key)});
            break;
        }
    }
    if (keys.rotationKey)
        parts.rotation = *keys.rotationKey;
    return KeyRing::make(std::move(parts));
}

} // namespace voelgoed::ticket
