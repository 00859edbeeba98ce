#include "shared/bitmap/checksum.h"

#include "shared/base/crypto/digest.h"

namespace voelgoed::bitmap {

void RollingChecksum::toggle(std::uint8_t kind, std::uint32_t key, base::ByteView row)
{
    const std::array<std::byte, 5> name{static_cast<std::byte>(kind), static_cast<std::byte>(key >> 24),
                                        static_cast<std::byte>(key >> 16), static_cast<std::byte>(key >> 8),
                                        static_cast<std::byte>(key)};
    const base::Digest digest = base::sha256({name, row});
    for (std::size_t i = 0; i < m_value.size(); ++i)
        m_value[i] ^= digest[i];
}

void RollingChecksum::combine(const RollingChecksum &other)
{
    for (std::size_t i = 0; i < m_value.size(); ++i)
        m_value[i] ^= other.m_value[i];
}

} // namespace voelgoed::bitmap
