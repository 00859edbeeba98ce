#pragma once

#include "shared/base/bytes.h"
#include "shared/ticket/spelling.h"

#include <array>
#include <string>
#include <string_view>

namespace voelgoed::ticket {

inline constexpr std::size_t kDecimalBytes = 80;
inline constexpr std::size_t kDecimalDigits = 193; ///< 2^640 has 193 digits

/// The bytes as one big-endian number, in exactly 193 decimal digits with zeros in front: for readers that pretend to
/// be a keyboard and mangle anything but digits.
std::string toDecimal(std::span<const std::byte, kDecimalBytes> bytes);

/// Strict: exactly 193 digits, and a number below 2^640.
Spelled<std::array<std::byte, kDecimalBytes>> fromDecimal(std::string_view digits);

} // namespace voelgoed::ticket
