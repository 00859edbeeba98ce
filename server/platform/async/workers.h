#pragma once

#include "server/platform/async/task.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace voelgoed::async {

/// Threads for what takes the processor longer than the server's thread may be held up: passwords, drawings, packing.
class Workers
{
public:
    explicit Workers(std::size_t threads);
    ~Workers(); ///< waits for what runs

    /// Runs `work` on one of the threads, and goes on where it was called. `work` owns what it uses, or it outlives it.
    template <class Work>
    auto run(Work work) -> Task<decltype(work())>
    {
        using Value = decltype(work());
        co_return co_await boost::asio::co_spawn(
            m_pool, [work = std::move(work)]() mutable -> Task<Value> { co_return work(); },
            boost::asio::use_awaitable);
    }

private:
    boost::asio::thread_pool m_pool;
};

} // namespace voelgoed::async
