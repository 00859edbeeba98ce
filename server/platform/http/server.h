#pragma once

#include "server/platform/async/task.h"
#include "server/platform/http/message.h"
#include "server/platform/http/socket.h"

#include <functional>
#include <memory>
#include <string>

namespace voelgoed::http {

/// A body that is made while it is sent. Nothing at the end; a failure cuts the connection, so that nobody takes half a
/// body for a whole one.
using BodySource = std::function<async::Task<base::Result<std::optional<std::string>>>()>;

/// Bytes of a file, for downloads that resume (Range is honoured, with the entity tag as If-Range).
struct FileBody
{
    std::string path;
    std::string entityTag;
};

/// What is done with a request once its header is there.
struct Admission
{
    std::size_t bodyMax = std::size_t{1} << 20; ///< after decompression as well
    base::Milliseconds bodyWithin{30'000};
    std::optional<Response> refuse; ///< answered without reading the body: not found, too busy
    bool webSocket = false;         ///< an upgrade is welcome here
};

struct Answer
{
    Response response;
    BodySource source; ///< in place of response.body
    std::optional<FileBody> file;
};

/// What the server asks of those who answer. Called on the server's thread.
class Handler
{
public:
    virtual ~Handler() = default;

    virtual Admission admit(const Request &head) = 0;
    virtual async::Task<Answer> handle(Request request) = 0;
    /// Serves an upgraded connection until it ends.
    virtual async::Task<void> serve(Request request, Socket &socket) = 0;
};

struct ListenOptions
{
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;     ///< 0: any free one
    std::string unixPath;       ///< instead of address and port; connections of it are `admin`
    std::string certificatePem; ///< with key: TLS 1.3 and plain HTTP on one port, told apart by the first byte
    std::string keyPem;
    bool plain = true; ///< whether plain HTTP is taken beside TLS
};

struct Limits
{
    std::size_t connections = 10'000;
    std::size_t connectionsOfOnePeer = 5'000;
    std::size_t headerMax = 16 * 1024;
    base::Milliseconds headerWithin{10'000};
    base::Milliseconds idleMax{60'000};
    base::Milliseconds writeStallMax{20'000};
};

/// HTTP/1.1 and WebSocket over TCP, TLS 1.3 or a Unix socket (Boost.Beast, in this folder's one source). Refuses by
/// itself, with problem+json and a close: what is no HTTP, lengths that contradict each other, bodies over the limit,
/// paths with dots, headers that come too slowly. The server's thread.
class Server
{
public:
    Server(const async::Executor &executor, Handler &handler, Limits limits);
    ~Server();

    /// Starts to listen. The port that was taken, for TCP.
    base::Result<std::uint16_t> listen(const ListenOptions &options);

    /// Takes no more connections, lets the requests in hand finish for so long, and closes the rest.
    async::Task<void> stop(base::Milliseconds within);

    struct Figures
    {
        std::size_t connections = 0, sockets = 0;
        std::uint64_t requests = 0, refused = 0;
    };
    Figures figures() const;

private:
    struct State;
    std::shared_ptr<State> m_state;
};

} // namespace voelgoed::http
