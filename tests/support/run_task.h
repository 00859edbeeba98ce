#pragma once

#include "server/platform/async/task.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <optional>

namespace voelgoed::test {

/// Runs the context until this task is done, whatever else goes on in it.
inline void runTask(boost::asio::io_context &context, async::Task<void> task)
{
    bool done = false;
    boost::asio::co_spawn(context, std::move(task), [&done](const std::exception_ptr &thrown) {
        base::ensure(!thrown, "a task of a test threw");
        done = true;
    });
    context.restart();
    while (!done)
        base::ensure(context.run_one() > 0, "a task of a test that nothing will ever wake");
}

/// The same, and gives what the task gave.
template <class T>
T runTask(boost::asio::io_context &context, async::Task<T> task)
{
    std::optional<T> value;
    const auto keep = [&value](async::Task<T> waited) -> async::Task<void> { value = co_await std::move(waited); };
    runTask(context, keep(std::move(task)));
    return *std::move(value);
}

/// Lets everything run until the condition holds; ends the program after a minute.
template <class Condition>
void runUntil(boost::asio::io_context &context, Condition holds)
{
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!holds()) {
        base::ensure(std::chrono::steady_clock::now() < end, "a condition of a test that never held");
        context.restart();
        context.run_one_for(std::chrono::milliseconds(20));
    }
}

} // namespace voelgoed::test
