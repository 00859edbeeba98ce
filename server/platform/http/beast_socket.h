#pragma once

#include "server/platform/http/message.h"
#include "server/platform/http/socket.h"
#include "server/platform/http/stream.h"

#include <functional>
#include <memory>
#include <optional>

namespace voelgoed::http {

struct SocketTerms
{
    std::size_t messageMax = 0;
    std::size_t queueMax = 0;
    base::Milliseconds idleMax{};
    base::Milliseconds writeStallMax{};
    /// Has the stream cut when this time has passed; nothing: not any more.
    std::function<void(std::optional<base::Milliseconds>)> cutAfter;
};

/// A Socket, as the connection sees it that lends its stream.
class ServedSocket : public Socket
{
public:
    /// Answers the handshake. False when it is none.
    virtual async::Task<bool> accept(const Request &request) = 0;
    /// Closes, if nobody did, and waits until nothing of it runs any more.
    virtual async::Task<void> finish() = 0;
};

/// `owner` keeps the stream, and is kept while the socket runs.
std::shared_ptr<ServedSocket> makeSocket(Stream &stream, const SocketTerms &terms, std::shared_ptr<void> owner);

} // namespace voelgoed::http
