#include "shared/domain/event_keys_json.h"

#include "shared/base/bytes.h"
#include "shared/domain/json_fields.h"

#include <algorithm>

namespace voelgoed::domain {

using base::JsonPlace;
using base::ObjectReader;

namespace {

constexpr std::size_t kSlotsMax = 16;
constexpr std::size_t kZonesMax = 16;
constexpr std::size_t kTypesMax = 256;

template <std::size_t N>
std::array<std::byte, N> hexOf(const JsonPlace &place, std::string text)
{
    std::array<std::byte, N> bytes{};
    const auto read = base::fromHex(text);
    if (!read || read->size() != N)
        place.fail("not " + std::to_string(2 * N) + " hexadecimal digits");
    else
        std::copy(read->begin(), read->end(), bytes.begin());
    return bytes;
}

Uuid uuidOf(const JsonPlace &place)
{
    std::string text = place.text(64);
    std::erase(text, '-');
    return hexOf<std::tuple_size_v<Uuid>>(place, text);
}

KeySlot slotOf(const JsonPlace &place)
{
    ObjectReader fields(place);
    KeySlot slot{.slot = static_cast<std::uint8_t>(fields.require("slot").integer(0, UINT8_MAX))};
    const JsonPlace key = fields.require("public_key");
    slot.publicKey = hexOf<32>(key, key.text(128));
    slot.retired = fields.boolean("retired");
    fields.finish();
    return slot;
}

} // namespace

EventKeys readEventKeys(const JsonPlace &place)
{
    ObjectReader fields(place);
    EventKeys keys{.organization = uuidOf(fields.require("organization")),
                   .event = uuidOf(fields.require("event")),
                   .shortId = static_cast<std::uint32_t>(fields.require("short_id").integer(1, UINT32_MAX)),
                   .hoursFrom = fields.require("hours_from").instant()};
    fields.require("slots").each([&](const JsonPlace &slot) { keys.keySlots.push_back(slotOf(slot)); }, kSlotsMax);
    keys.types = idsOrAll<TicketTypeId>(fields, "types").value_or(std::vector<TicketTypeId>{});
    keys.zones = idsOrAll<ZoneId>(fields, "zones").value_or(std::vector<ZoneId>{});
    if (keys.types.size() > kTypesMax)
        place.fail("more than 256 types");
    if (keys.zones.size() > kZonesMax)
        place.fail("more than 16 zones");
    if (const auto rotation = fields.find("rotation_key"))
        keys.rotationKey = hexOf<32>(*rotation, rotation->text(128));
    keys.rotationSeconds = static_cast<std::uint8_t>(fields.integer("rotation_seconds", 30, 15, 30));
    fields.finish();
    return keys;
}

} // namespace voelgoed::domain
