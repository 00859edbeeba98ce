#pragma once

#include "server/platform/async/task.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <optional>
#include <type_traits>
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
        if constexpr (std::is_void_v<Value>) {
            co_await boost::asio::co_spawn(
                m_pool, [work = std::move(work)]() mutable -> Task<void> { co_return work(); },
                boost::asio::use_awaitable);
        } else {
            // Asio makes an empty value first, which not every type has.
            auto value = co_await boost::asio::co_spawn(
                m_pool, [work = std::move(work)]() mutable -> Task<std::optional<Value>> { co_return work(); },
                boost::asio::use_awaitable);
            co_return *std::move(value);
        }
    }

private:
    boost::asio::thread_pool m_pool;
};

} // namespace voelgoed::async
