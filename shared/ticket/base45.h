#pragma once

#include "shared/base/bytes.h"
#include "shared/ticket/spelling.h"

#include <string>
#include <string_view>

namespace voelgoed::ticket {

/// Base45 (RFC 9285): two bytes in three characters of the QR code's alphanumeric alphabet, a last single byte in two.
std::string toBase45(base::ByteView bytes);

/// Strict: no lower case, no triple above 65,535, no last pair above 255 (RFC 9285, section 4.2), nothing left over.
Spelled<base::Bytes> fromBase45(std::string_view text);

} // namespace voelgoed::ticket
