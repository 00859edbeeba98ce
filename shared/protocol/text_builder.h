#pragma once

#include "shared/base/bytes.h"

#include <string_view>

/// Builds the texts that signatures of this folder are over; nobody else includes it.
namespace voelgoed::protocol {

class TextBuilder
{
public:
    explicit TextBuilder(std::string_view begin = {}) { put(base::bytesOf(begin)); }

    TextBuilder &put(base::ByteView bytes)
    {
        m_bytes.insert(m_bytes.end(), bytes.begin(), bytes.end());
        return *this;
    }
    /// With its length (u16) in front.
    TextBuilder &putSized(base::ByteView bytes)
    {
        base::ensure(bytes.size() <= 0xFFFF, "a text to be signed that is too long");
        number(static_cast<std::uint16_t>(bytes.size()));
        return put(bytes);
    }
    TextBuilder &putSized(std::string_view text) { return putSized(base::bytesOf(text)); }
    template <class Unsigned>
    TextBuilder &number(Unsigned value)
    {
        base::putBigEndian(m_bytes, value);
        return *this;
    }

    const base::Bytes &bytes() const { return m_bytes; }

private:
    base::Bytes m_bytes;
};

} // namespace voelgoed::protocol
