#pragma once

#include "shared/base/bytes.h"

/// Bodies packed with zstd (RFC 8878): "Content-Encoding: zstd".
namespace voelgoed::protocol {

/// One frame that names the size of its contents.
base::Bytes pack(base::ByteView plain);

/// Invalid when the bytes are not one frame that names its size, name more than `max`, or do not unpack to it.
base::Result<base::Bytes> unpack(base::ByteView packed, std::size_t max);

} // namespace voelgoed::protocol
