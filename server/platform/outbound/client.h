#pragma once

#include "server/platform/async/task.h"
#include "server/platform/http/message.h"
#include "shared/base/clock.h"

#include <memory>
#include <optional>
#include <string>

namespace voelgoed::outbound {

/// A request of ours to somebody else's server.
struct Call
{
    http::Method method = http::Method::Post;
    std::string url;
    http::Fields fields;
    std::string body;
    base::Milliseconds within{15'000}; ///< for all of it, waiting for a free connection included
    std::size_t replyMax = 64 * 1024;
};

struct Reply
{
    int status = 0; ///< of whatever kind: a redirect is not followed, and is a reply
    http::Fields fields;
    std::string body;
    std::string address; ///< that answered
    base::Milliseconds took{};
    std::optional<base::Milliseconds> retryAfter; ///< where the other side asked for a pause
};

struct Options
{
    enum class Schemes { Https, HttpToo } schemes = Schemes::Https;
    /// Which addresses are called, whatever names lead to them: see isPublic().
    enum class Reach { Public, Anywhere } reach = Reach::Public;
    std::string rootsPem;        ///< whom to trust; empty: whom the system trusts
    std::size_t atOnce = 64;     ///< calls at the same time
    std::size_t waiting = 1'000; ///< calls that wait for their turn
    base::Milliseconds connectWithin{5'000};
};

/// The server's HTTP client (libcurl on Asio): TLS verified, no redirects, no proxies or cookies or passwords from the
/// environment, and no address inside (each address is checked when its socket is opened, after the name was looked up,
/// so that a name that changes its mind gains nothing). Connections are kept for later calls. The server's thread.
class Client
{
public:
    /// `clock` outlives it.
    Client(const async::Executor &executor, base::Clock &clock, Options options);
    ~Client(); ///< calls in hand fail with Unavailable

    Client(const Client &) = delete;
    Client &operator=(const Client &) = delete;

    /// Invalid: no URL of ours (another scheme, a user in it), or a field with control characters. Forbidden: only
    /// addresses that are not to be called. Unauthorized: the certificate does not hold. Timeout, Unavailable: as they
    /// say. Corrupt: no HTTP, or a larger reply than the call takes.
    async::Task<base::Result<Reply>> send(Call call);

    std::size_t inHand() const;

private:
    class State;
    std::shared_ptr<State> m_state;
};

} // namespace voelgoed::outbound
