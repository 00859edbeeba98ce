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
    std::string entityTag; ///< with its quotes: "\"v7\""; empty: none, and nothing resumes
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

/// What the server asks of those who answer. Called on the server's thread. What one of these throws is told to
/// Hooks::trouble, answered with 500, and the connection closed. A request in hand is not interrupted when its client
/// goes: its answer is dropped.
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
    std::string unixPath;       ///< instead of address and port; connections of it are `admin`. The file gets mode 0600
    std::string certificatePem; ///< with key: TLS 1.3 and plain HTTP on one port, told apart by the first byte
    std::string keyPem;
    bool plain = true; ///< whether plain HTTP is taken beside TLS
};

struct Limits
{
    /// And no more than three quarters of the descriptors that the process may have. When all are taken, the longest
    /// idle one goes for a new one.
    std::size_t connections = 10'000;
    std::size_t connectionsOfOnePeer = 5'000;
    std::size_t opening = 4'000; ///< that have not sent a whole header yet: beyond, the oldest of them goes
    std::size_t headerMax = 16 * 1024;
    std::size_t bodiesMax = std::size_t{256} << 20; ///< of all requests in hand together
    base::Milliseconds headerWithin{10'000};
    base::Milliseconds idleMax{60'000};
    base::Milliseconds writeStallMax{20'000};
    std::size_t socketMessageMax = 64 * 1024;
    std::size_t socketQueueMax = 256 * 1024;
    base::Milliseconds socketIdleMax{60'000}; ///< a ping goes out after half of it
};

struct Hooks
{
    std::function<base::Instant()> now;                 ///< for Request::receivedAt and Date; empty: the system's clock
    std::function<void(std::string_view what)> trouble; ///< for the log: what a handler threw; empty: nobody is told
};

class Core;

/// HTTP/1.1 and WebSocket over TCP, TLS 1.3 or a Unix socket. Refuses by itself, with problem+json and a close: what is
/// no HTTP, lengths that contradict each other, bodies over the limit, paths with dots, headers that come too slowly.
/// Runs on the executor's one thread.
class Server
{
public:
    /// `handler` outlives the executor's context, since requests in hand may.
    Server(const async::Executor &executor, Handler &handler, Limits limits, Hooks hooks = {});
    ~Server(); ///< closes everything at once

    Server(const Server &) = delete;
    Server &operator=(const Server &) = delete;

    /// Starts to listen; may be called several times. The port that was taken, for TCP; 0 for a Unix socket. Invalid
    /// when address, path, certificate or key are none; Conflict when the address is taken.
    base::Result<std::uint16_t> listen(const ListenOptions &options);

    /// Takes no more connections, lets the requests in hand finish for so long, and closes the rest. WebSockets are
    /// closed with 1001 at once.
    async::Task<void> stop(base::Milliseconds within);

    struct Figures
    {
        std::size_t connections = 0, sockets = 0;
        std::uint64_t requests = 0;     ///< handed to the handler
        std::uint64_t refused = 0;      ///< requests refused here, and connections dropped to make room
        std::size_t bodyBytes = 0;      ///< of requests in hand
        std::size_t largeBodyBytes = 0; ///< of these: of bodies that no gate sends, which may take half of the room
    };
    Figures figures() const;

private:
    std::shared_ptr<Core> m_core;
};

} // namespace voelgoed::http
