#pragma once

#include "shared/base/bytes.h"

#include <array>
#include <cstdint>
#include <string>

namespace voelgoed::bitmap {

/// Says whether two sides hold the same rows, whatever the order in which they got them: the XOR of 16-byte row digests
/// (the first half of a SHA-256). Adding a row twice removes it again: a changed row is taken out as it was and added
/// as it is. Equal cursors with unequal checksums mean that a side has to fetch its snapshot again (sync.md).
class RollingChecksum
{
public:
    using Value = std::array<std::byte, 16>;

    RollingChecksum() = default;
    explicit RollingChecksum(const Value &value) : m_value(value) {}

    /// Adds a row, or takes it out. `kind` and `key` tell rows with equal contents apart.
    void toggle(std::uint8_t kind, std::uint32_t key, base::ByteView row);
    void combine(const RollingChecksum &other);

    const Value &value() const { return m_value; }
    std::string text() const { return base::toHex(m_value); }

    friend bool operator==(const RollingChecksum &, const RollingChecksum &) = default;

private:
    Value m_value{};
};

} // namespace voelgoed::bitmap
