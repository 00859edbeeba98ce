#pragma once

#include "shared/base/result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace voelgoed::base {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;

/// The bytes of a text, without a copy. The view borrows from the text.
inline ByteView bytesOf(std::string_view text)
{
    return std::as_bytes(std::span(text.data(), text.size()));
}

/// Bytes seen as text, without a copy and without a check that they are UTF-8.
inline std::string_view textOf(ByteView bytes)
{
    return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

/// Lower-case hexadecimal, two characters a byte.
std::string toHex(ByteView bytes);

/// Takes upper and lower case; an odd length or any other character is Invalid, with its position named.
Result<Bytes> fromHex(std::string_view text);

/// Base64 with padding (RFC 4648, section 4).
std::string toBase64(ByteView bytes);

/// Strict: padding required, no blanks, and the unused bits of the last character are zero, so that each byte string
/// has one spelling.
Result<Bytes> fromBase64(std::string_view text);

/// Appends big-endian numbers to a byte vector, the way every format of ours stores them.
template <class Unsigned>
void putBigEndian(Bytes &out, Unsigned value)
{
    for (int shift = static_cast<int>(sizeof(Unsigned) - 1) * 8; shift >= 0; shift -= 8)
        out.push_back(static_cast<std::byte>(value >> shift));
}

/// Reads a big-endian number. `at + sizeof(Unsigned)` must not be past the end.
template <class Unsigned>
Unsigned bigEndianAt(ByteView bytes, std::size_t at)
{
    ensure(at + sizeof(Unsigned) <= bytes.size(), "big-endian read past the end");
    Unsigned value = 0;
    for (std::size_t i = 0; i < sizeof(Unsigned); ++i)
        value = static_cast<Unsigned>((value << 8) | std::to_integer<Unsigned>(bytes[at + i]));
    return value;
}

} // namespace voelgoed::base
