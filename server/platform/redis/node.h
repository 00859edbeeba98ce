#pragma once

#include "server/platform/redis/link.h"
#include "shared/base/random.h"

namespace voelgoed::redis {

/// How long to wait before the next attempt to connect: doubles up to a second, and is by chance between the half and
/// all of that, so that not all processes come at once. The first attempt after a break is made almost at once.
base::Milliseconds backoff(unsigned failedBefore, base::Random &random);

/// One Redis, and the connection to it, which is opened again whenever it breaks.
class Node : public std::enable_shared_from_this<Node>
{
public:
    /// Asked of each new connection before it is used.
    using Greet = std::function<async::Task<base::Result<void>>(std::shared_ptr<Link>)>;

    Node(const async::Executor &executor, LinkOptions options, Greet greet);

    /// Connects, and stays connected until close().
    void start();
    void close();

    /// The connection. Waits for the first attempt, but not past the deadline; afterwards Unavailable at once while
    /// there is none.
    async::Task<base::Result<std::shared_ptr<Link>>> link(Deadline deadline);

    bool isUp() const { return m_greeted && m_link->isOpen(); }
    bool isAway() const { return !m_first && !isUp(); }
    /// The connection if it stands; else nothing.
    std::shared_ptr<Link> linkIfUp() const { return isUp() ? m_link : nullptr; }
    const Endpoint &endpoint() const { return m_options.address.endpoint; }
    std::uint64_t breaks() const { return m_breaks; }

private:
    async::Task<void> run(std::shared_ptr<Node> self);
    async::Task<base::Result<void>> connectOnce();
    async::Task<void> pause();

    async::Executor m_executor;
    LinkOptions m_options;
    Greet m_greet;
    std::shared_ptr<Link> m_link;
    bool m_greeted = false; ///< the link is ready to be used
    async::Event m_tried;
    boost::asio::steady_timer m_pause;
    base::Error m_failure;
    unsigned m_failed = 0;
    std::uint64_t m_breaks = 0;
    bool m_first = true; ///< the first attempt goes on
    bool m_closed = false;
};

} // namespace voelgoed::redis
