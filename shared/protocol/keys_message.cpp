#include "shared/protocol/keys_message.h"

#include "shared/protocol/definition.pb.h"
#include "shared/protocol/wire.h"

namespace voelgoed::protocol {

using namespace domain;
using base::Result;

namespace {

constexpr int kSlotsMax = 16;
constexpr int kZonesMax = 16;
constexpr int kTypesMax = 256;

Result<KeySlot> slotOf(const wire::KeySlot &in)
{
    const auto algorithm = choice(in.algorithm(), SignatureAlgorithm::Ed25519, "signature algorithm");
    if (!algorithm)
        return algorithm.error();
    const auto key = fixedBytes<std::array<std::byte, 32>>(in.public_key(), "public key");
    if (!key)
        return key.error();
    if (in.slot() > 255)
        return base::invalid("key slot above 255");
    return KeySlot{static_cast<std::uint8_t>(in.slot()), *algorithm, *key, in.retired()};
}

} // namespace

void putKeys(const EventKeys &keys, wire::Keys &out)
{
    out.set_organization(bytesField(keys.organization));
    out.set_event(bytesField(keys.event));
    out.set_short_id(keys.shortId);
    out.set_hours_from_ms(base::millisOf(keys.hoursFrom));
    for (const KeySlot &slot : keys.keySlots) {
        wire::KeySlot *added = out.add_slots();
        added->set_slot(slot.slot);
        added->set_algorithm(static_cast<std::uint32_t>(slot.algorithm));
        added->set_public_key(bytesField(slot.publicKey));
        added->set_retired(slot.retired);
    }
    for (const ForeignKey &key : keys.foreign) {
        wire::ForeignKey *added = out.add_foreign();
        added->set_system(key.system);
        added->set_public_key(bytesField(key.publicKey));
    }
    for (const TicketTypeId &type : keys.types)
        out.add_types(type.text);
    for (const ZoneId &zone : keys.zones)
        out.add_zones(zone.text);
    if (keys.rotationKey)
        out.set_rotation_key(bytesField(*keys.rotationKey));
    out.set_rotation_seconds(keys.rotationSeconds);
    out.set_seal_to(bytesField(keys.sealTo));
}

Result<EventKeys> keysOf(const wire::Keys &in)
{
    const auto organization = fixedBytes<Uuid>(in.organization(), "organization's UUID");
    if (!organization)
        return organization.error();
    const auto event = fixedBytes<Uuid>(in.event(), "event's UUID");
    if (!event)
        return event.error();
    const auto sealTo = fixedBytes<std::array<std::byte, 32>>(in.seal_to(), "sealing key");
    if (!sealTo)
        return sealTo.error();
    if (in.slots_size() > kSlotsMax || in.foreign_size() > kSlotsMax)
        return base::invalid("keys: more than " + std::to_string(kSlotsMax) + " slots");
    if (in.zones_size() > kZonesMax || in.types_size() > kTypesMax)
        return base::invalid("keys: more zones or ticket types than a code can name");
    if (in.rotation_seconds() < 15 || in.rotation_seconds() > 30)
        return base::invalid("keys: a rotation period outside 15 to 30 seconds");
    EventKeys keys{.organization = *organization,
                   .event = *event,
                   .shortId = in.short_id(),
                   .hoursFrom = base::instantFromMillis(in.hours_from_ms()),
                   .rotationSeconds = static_cast<std::uint8_t>(in.rotation_seconds()),
                   .sealTo = *sealTo};
    for (const wire::KeySlot &slot : in.slots()) {
        const auto added = slotOf(slot);
        if (!added)
            return added.error();
        keys.keySlots.push_back(*added);
    }
    for (const wire::ForeignKey &foreign : in.foreign()) {
        const auto key = fixedBytes<std::array<std::byte, 32>>(foreign.public_key(), "foreign public key");
        if (!key)
            return key.error();
        keys.foreign.push_back({foreign.system(), *key});
    }
    for (const std::string &type : in.types())
        keys.types.push_back({type});
    for (const std::string &zone : in.zones())
        keys.zones.push_back({zone});
    if (!in.rotation_key().empty()) {
        const auto key = fixedBytes<std::array<std::byte, 32>>(in.rotation_key(), "rotation key");
        if (!key)
            return key.error();
        keys.rotationKey = *key;
    }
    return keys;
}

} // namespace voelgoed::protocol
