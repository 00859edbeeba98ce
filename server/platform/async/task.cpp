#include "server/platform/async/task.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <string>

namespace voelgoed::async {

namespace asio = boost::asio;

void start(const Executor &executor, std::string_view name, Task<void> task)
{
    asio::co_spawn(executor, std::move(task), [name = std::string(name)](const std::exception_ptr &thrown) {
        if (!thrown)
            return;
        try {
            std::rethrow_exception(thrown);
        } catch (const std::exception &exception) {
            base::ensure(false, (name + " threw: " + exception.what()).c_str());
        }
    });
}

void start(const Executor &executor, std::string_view name, std::function<Task<void>()> begin)
{
    const auto keep = [](std::function<Task<void>()> kept) -> Task<void> { co_await kept(); };
    start(executor, name, keep(std::move(begin)));
}

Task<void> sleepFor(base::Milliseconds howLong)
{
    asio::steady_timer timer(co_await asio::this_coro::executor, howLong);
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

Task<void> yield()
{
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
}

} // namespace voelgoed::async
