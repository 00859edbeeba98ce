#include "server/platform/redis/slot.h"

#include <array>

namespace voelgoed::redis {

namespace {

/// CRC-16/XMODEM: polynomial 0x1021, begins with 0, no reflection.
constexpr std::array<std::uint16_t, 256> makeTable()
{
    std::array<std::uint16_t, 256> table{};
    for (unsigned byte = 0; byte < 256; ++byte) {
        unsigned crc = byte << 8;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc & 0x8000) ? (crc << 1) ^ 0x1021 : crc << 1;
        table[byte] = static_cast<std::uint16_t>(crc);
    }
    return table;
}

constexpr auto kTable = makeTable();

} // namespace

std::string_view hashTagOf(std::string_view key)
{
    const auto open = key.find('{');
    if (open == std::string_view::npos)
        return key;
    const auto close = key.find('}', open + 1);
    if (close == std::string_view::npos || close == open + 1)
        return key;
    return key.substr(open + 1, close - open - 1);
}

std::uint16_t slotOf(std::string_view key)
{
    std::uint16_t crc = 0;
    for (const char c : hashTagOf(key))
        crc = static_cast<std::uint16_t>((crc << 8) ^ kTable[(crc >> 8) ^ static_cast<unsigned char>(c)]);
    return crc % kSlots;
}

} // namespace voelgoed::redis
