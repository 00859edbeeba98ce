#include "device/hal/stream/stream_source.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace voelgoed::hal {

StreamSource::StreamSource(int descriptor, std::string name) : m_descriptor(descriptor), m_name(std::move(name)) {}

base::Result<std::vector<CodeRead>> StreamSource::take()
{
    std::byte buffer[4096];
    const ssize_t got = ::read(m_descriptor, buffer, sizeof buffer);
    if (got > 0) {
        base::ByteView bytes(buffer, static_cast<std::size_t>(got));
        // What editors put before a text that they save as UTF-8.
        if (!std::exchange(m_begun, true) && base::textOf(bytes).starts_with("\xEF\xBB\xBF"))
            bytes = bytes.subspan(3);
        return m_framer.feed(bytes);
    }
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return std::vector<CodeRead>();
    m_ended = true;
    if (got < 0)
        return base::Error{base::ErrorCode::Unavailable, m_name + ": " + std::strerror(errno), {}};
    return m_framer.finish();
}

} // namespace voelgoed::hal
