#pragma once

#include <cstdint>
#include <string_view>

namespace voelgoed::redis {

inline constexpr std::uint16_t kSlots = 16'384;

/// What decides a key's slot: the bytes between its first `{` and the next `}`, or all of it if there are none.
std::string_view hashTagOf(std::string_view key);

/// The slot of a key: CRC16 (XMODEM) of its hash tag, modulo 16384 (Redis Cluster specification).
std::uint16_t slotOf(std::string_view key);

} // namespace voelgoed::redis
