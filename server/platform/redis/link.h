#pragma once

#include "server/platform/async/event.h"
#include "server/platform/redis/reply_reader.h"
#include "server/platform/redis/url.h"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace voelgoed::redis {

using Deadline = std::chrono::steady_clock::time_point;

struct LinkOptions
{
    Address address;
    base::Milliseconds connectMax{1'000};
    base::Milliseconds silenceMax{1'000}; ///< without an answer for so long while one is due, it counts as broken
};

/// One living connection to one Redis: what is asked is sent at once, and answers are handed out in the order of the
/// questions. Lives once: when it breaks everybody who waits is told, and another one is opened. Kept alive by its own
/// reading until it is closed. Closes itself when nothing is heard; asks PING when nobody else asks.
class Link : public std::enable_shared_from_this<Link>
{
public:
    Link(const async::Executor &executor, LinkOptions options);

    /// Connects and signs in, once. Unavailable when it cannot, with Redis's words where it gave some: it is closed
    /// then.
    async::Task<base::Result<void>> open();

    /// Sends commands, and waits for as many answers. Unavailable when the link breaks first, or when too much is still
    /// to be sent; Timeout at the deadline: the answers that come later are dropped.
    async::Task<base::Result<std::vector<Answer>>> ask(std::string commands, std::size_t answers, Deadline deadline);

    /// From now on every answer goes to `heard`, and nothing may be asked: for subscriptions.
    void listen(std::function<void(Answer)> heard);
    /// Sends commands whose answers nobody waits for. Only while listening.
    void tell(std::string_view commands);

    void close(std::string why);
    bool isOpen() const { return m_open; }
    const std::string &whyClosed() const { return m_why; }
    const Endpoint &endpoint() const { return m_options.address.endpoint; }
    std::size_t pending() const { return m_waiters.size(); }

    /// Until it is closed.
    async::Task<void> ended();

private:
    struct Waiter
    {
        Waiter(const async::Executor &executor, std::size_t count) : timer(executor), missing(count) {}

        boost::asio::steady_timer timer;
        std::size_t missing;
        std::vector<Answer> answers;
        Deadline since = std::chrono::steady_clock::now();
        enum class End { None, Answered, Broken } end = End::None;
    };
    using Socket = boost::asio::generic::stream_protocol::socket;
    using Place = boost::asio::generic::stream_protocol::endpoint;

    async::Task<base::Result<void>> connect();
    async::Task<base::Result<std::vector<Place>>> places();
    async::Task<base::Result<void>> signIn();
    void begin();
    async::Task<void> read(std::shared_ptr<Link> self);
    async::Task<void> write(std::shared_ptr<Link> self);
    async::Task<void> watch(std::shared_ptr<Link> self);
    void send(std::string_view commands);
    base::Result<void> take(std::span<const char> bytes);
    base::Result<void> hand(Answer answer);

    async::Executor m_executor;
    LinkOptions m_options;
    Socket m_socket;
    boost::asio::steady_timer m_clock; ///< of connect(), then of watch()
    async::Event m_ended;
    ReplyReader m_reader;
    std::deque<std::shared_ptr<Waiter>> m_waiters; ///< in the order in which they asked
    std::function<void(Answer)> m_heard;
    std::string m_unsent, m_sending;
    bool m_open = true;
    bool m_connected = false;
    bool m_writing = false;
    std::string m_why;
    Deadline m_lastHeard = std::chrono::steady_clock::now();
};

} // namespace voelgoed::redis
