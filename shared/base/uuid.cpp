#include "shared/base/uuid.h"

namespace voelgoed::base {

Uuid makeUuid(Instant now, Random &random)
{
    Uuid uuid{};
    random.fill(uuid);
    const auto millis = static_cast<std::uint64_t>(millisOf(now));
    for (std::size_t i = 0; i < 6; ++i)
        uuid[i] = static_cast<std::byte>(millis >> (40 - 8 * i));
    uuid[6] = (uuid[6] & std::byte{0x0F}) | std::byte{0x70};
    uuid[8] = (uuid[8] & std::byte{0x3F}) | std::byte{0x80};
    return uuid;
}

std::string toText(const Uuid &uuid)
{
    std::string text = toHex(uuid);
    for (const std::size_t at : {8, 13, 18, 23})
        text.insert(at, 1, '-');
    return text;
}

std::optional<Uuid> uuidFrom(std::string_view text)
{
    if (text.size() != 36)
        return std::nullopt;
    std::string hex;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash != (text[i] == '-'))
            return std::nullopt;
        if (!dash)
            hex.push_back(text[i]);
    }
    const auto bytes = fromHex(hex);
    if (!bytes)
        return std::nullopt;
    Uuid uuid{};
    std::copy(bytes->begin(), bytes->end(), uuid.begin());
    return uuid;
}

} // namespace voelgoed::base
