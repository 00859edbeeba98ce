#include "server/platform/redis/node.h"

#include "shared/base/crypto/system_random.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace voelgoed::redis {

using async::Task;
using base::Milliseconds;
using base::Result;

namespace {

constexpr std::int64_t kFirstPauseMs = 10;
constexpr std::int64_t kPauseMaxMs = 1'000;

Milliseconds left(Deadline deadline)
{
    const auto rest = std::chrono::ceil<Milliseconds>(deadline - std::chrono::steady_clock::now());
    return std::max(rest, Milliseconds(0));
}

} // namespace

Milliseconds backoff(unsigned failedBefore, base::Random &random)
{
    const std::int64_t whole = std::min(kPauseMaxMs, kFirstPauseMs << std::min(failedBefore, 10U));
    return Milliseconds(whole / 2 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(whole / 2 + 1))));
}

Node::Node(const async::Executor &executor, LinkOptions options, Greet greet)
    : m_executor(executor),
      m_options(std::move(options)),
      m_greet(std::move(greet)),
      m_tried(executor),
      m_pause(executor),
      m_failure{base::ErrorCode::Unavailable, "redis: not connected yet", {}}
{}

void Node::start()
{
    async::start(m_executor, "redis: a node", run(shared_from_this()));
}

void Node::close()
{
    m_closed = true;
    m_failure = {base::ErrorCode::Unavailable, "redis: closed", {}};
    m_first = false;
    m_pause.cancel();
    if (m_link)
        m_link->close("closed");
    m_tried.notify();
}

Task<Result<std::shared_ptr<Link>>> Node::link(Deadline deadline)
{
    const auto self = shared_from_this();
    if (m_first && !co_await m_tried.waitFor(left(deadline)) && m_first)
        co_return base::Error{base::ErrorCode::Timeout, "redis: no connection in time", {}};
    if (isUp())
        co_return m_link;
    co_return m_failure;
}

Task<void> Node::run(std::shared_ptr<Node>)
{
    while (!m_closed) {
        const auto connected = co_await connectOnce();
        m_greeted = connected && m_link->isOpen();
        m_failed = m_greeted ? 0 : m_failed + 1;
        if (!connected)
            m_failure = connected.error();
        m_first = false;
        m_tried.notify();
        if (m_greeted) {
            co_await m_link->ended();
            ++m_breaks;
            m_failure = {base::ErrorCode::Unavailable, "redis: " + m_link->whyClosed(), {}};
        }
        m_greeted = false;
        m_link->close("not used");
        if (!m_closed)
            co_await pause();
    }
}

Task<Result<void>> Node::connectOnce()
{
    m_link = std::make_shared<Link>(m_executor, m_options);
    auto connected = co_await m_link->open();
    if (connected && !m_closed)
        connected = co_await m_greet(m_link);
    co_return connected;
}

Task<void> Node::pause()
{
    base::SystemRandom random;
    m_pause.expires_after(backoff(m_failed, random));
    boost::system::error_code ignored;
    co_await m_pause.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
}

} // namespace voelgoed::redis
