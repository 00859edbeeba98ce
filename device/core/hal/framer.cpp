#include "device/core/hal/framer.h"

namespace voelgoed::hal {

void Framer::end(std::vector<CodeRead> &codes)
{
    if (!m_code.empty())
        codes.push_back({std::move(m_code), m_medium, m_tooLong});
    m_code = {};
    m_tooLong = false;
}

std::vector<CodeRead> Framer::feed(base::ByteView bytes)
{
    std::vector<CodeRead> codes;
    for (const std::byte byte : bytes) {
        if (byte == std::byte{'\n'} || byte == std::byte{'\r'})
            end(codes);
        else if (m_code.size() < kCodeMax)
            m_code.push_back(byte);
        else
            m_tooLong = true;
    }
    return codes;
}

std::vector<CodeRead> Framer::finish()
{
    std::vector<CodeRead> codes;
    end(codes);
    return codes;
}

} // namespace voelgoed::hal
