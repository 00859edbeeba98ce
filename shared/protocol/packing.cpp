#include "shared/protocol/packing.h"

#include <zstd.h>

namespace voelgoed::protocol {

namespace {

constexpr int kCompressionLevel = 3;

} // namespace

base::Bytes pack(base::ByteView plain)
{
    base::Bytes packed(ZSTD_compressBound(plain.size()));
    const std::size_t size = ZSTD_compress(packed.data(), packed.size(), plain.data(), plain.size(), kCompressionLevel);
    base::ensure(ZSTD_isError(size) == 0, "zstd could not compress");
    packed.resize(size);
    return packed;
}

base::Result<base::Bytes> unpack(base::ByteView packed, std::size_t max)
{
    const unsigned long long size = ZSTD_getFrameContentSize(packed.data(), packed.size());
    if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > max)
        return base::invalid("packed bytes that do not say their size, or too large a one");
    base::Bytes plain(static_cast<std::size_t>(size));
    const std::size_t got = ZSTD_decompress(plain.data(), plain.size(), packed.data(), packed.size());
    if (ZSTD_isError(got) != 0 || got != plain.size())
        return base::invalid("packed bytes that do not unpack");
    return plain;
}

} // namespace voelgoed::protocol
