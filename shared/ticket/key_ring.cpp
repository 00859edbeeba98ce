#include "shared/ticket/key_ring.h"

#include <algorithm>

namespace voelgoed::ticket {

namespace {

bool isPlausible(base::Instant at)
{
    return at >= base::kEarliest && at <= base::kLatest;
}

bool hasTwice(const std::vector<KeySlot> &keys)
{
    std::vector<std::uint8_t> numbers;
    for (const KeySlot &slot : keys)
        numbers.push_back(slot.slot);
    std::sort(numbers.begin(), numbers.end());
    return std::adjacent_find(numbers.begin(), numbers.end()) != numbers.end();
}

} // namespace

base::Result<KeyRing> KeyRing::make(KeyRingParts parts)
{
    if (parts.identity.shortId == 0)
        return base::invalid("key ring: no short id of an event");
    if (parts.keys.size() > kSlotsMax)
        return base::invalid("key ring: " + std::to_string(parts.keys.size()) + " slots");
    if (hasTwice(parts.keys))
        return base::invalid("key ring: two keys in one slot");
    if (parts.rotationPeriod < kPeriodMin || parts.rotationPeriod > kPeriodMax)
        return base::invalid("key ring: a rotation period of " + std::to_string(parts.rotationPeriod.count()) + " s");
    if (!isPlausible(parts.epoch) || !isPlausible(parts.endsAt.value_or(parts.epoch)))
        return base::invalid("key ring: a moment outside 1970 to 9999");
    return KeyRing(std::move(parts));
}

const KeySlot *KeyRing::slot(std::uint8_t number) const
{
    const auto &keys = m_parts.keys;
    const auto found =
        std::find_if(keys.begin(), keys.end(), [number](const KeySlot &slot) { return slot.slot == number; });
    return found == keys.end() ? nullptr : &*found;
}

} // namespace voelgoed::ticket
