#pragma once

#include "server/platform/async/task.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace voelgoed::http {

/// One WebSocket (RFC 6455), server side: whole text messages. The server's thread.
class Socket
{
public:
    virtual ~Socket() = default;

    /// The next message; nothing once the other side has gone or was closed. One caller at a time. Pings are answered
    /// also while nobody waits here; some messages are kept for who comes later, and then nothing more is read.
    virtual async::Task<std::optional<std::string>> receive() = 0;

    /// Queues a message. False when more than the socket's allowance (Limits::socketQueueMax) would wait, or it is
    /// closed: nothing was queued.
    virtual bool send(std::string text) = 0;
    virtual std::size_t queued() const = 0;

    /// Sends what is queued, then the close with `code` (RFC 6455, section 7.4). The first close counts.
    virtual void close(std::uint16_t code, std::string reason) = 0;
};

} // namespace voelgoed::http
