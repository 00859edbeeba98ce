#include "server/platform/async/event.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace voelgoed::async {

namespace asio = boost::asio;

Event::Event(const Executor &executor) : m_executor(executor), m_never(executor, asio::steady_timer::time_point::max())
{}

void Event::notify()
{
    ++m_times;
    m_never.cancel();
}

Task<void> Event::wait()
{
    boost::system::error_code ignored;
    co_await m_never.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

Task<bool> Event::waitFor(base::Milliseconds atMost)
{
    using namespace asio::experimental::awaitable_operators;
    const auto before = m_times;
    co_await (wait() || sleepFor(atMost));
    co_return m_times != before;
}

} // namespace voelgoed::async
