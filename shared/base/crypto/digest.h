#pragma once

#include "shared/base/bytes.h"

#include <array>
#include <initializer_list>

namespace voelgoed::base {

using Digest = std::array<std::byte, 32>;

/// SHA-256 (FIPS 180-4) of the parts, one after the other. After the first call of a thread the only memory taken is
/// one context of about 100 bytes, inside OpenSSL 3.0, which later versions keep.
Digest sha256(std::initializer_list<ByteView> parts);
inline Digest sha256(ByteView bytes)
{
    return sha256({bytes});
}

/// HMAC-SHA256 (RFC 2104). Leaves no copy of the key behind.
Digest hmacSha256(ByteView key, std::initializer_list<ByteView> parts);

/// HMAC-SHA1, for TOTP (RFC 6238) only.
std::array<std::byte, 20> hmacSha1(ByteView key, ByteView message);

} // namespace voelgoed::base
