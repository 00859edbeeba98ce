#pragma once

#include "server/platform/async/task.h"
#include "shared/base/ensure.h"

#include <boost/asio/io_context.hpp>

#include <optional>

namespace voelgoed::test {

/// Runs a coroutine to its end on the context, and whatever else is ready meanwhile.
template <class T>
T await(boost::asio::io_context &context, async::Task<T> task)
{
    std::optional<T> value;
    async::start(context.get_executor(), "a test", [&]() -> async::Task<void> {
        value.emplace(co_await std::move(task));
        context.stop();
    });
    context.restart();
    context.run();
    base::ensure(value.has_value(), "a coroutine that never ended");
    return std::move(*value);
}

inline void await(boost::asio::io_context &context, async::Task<void> task)
{
    bool ended = false;
    async::start(context.get_executor(), "a test", [&]() -> async::Task<void> {
        co_await std::move(task);
        ended = true;
        context.stop();
    });
    context.restart();
    context.run();
    base::ensure(ended, "a coroutine that never ended");
}

/// Lets everything run until the condition holds; ends the program after a minute.
template <class Condition>
void runUntil(boost::asio::io_context &context, Condition holds)
{
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    context.restart();
    while (!holds()) {
        base::ensure(std::chrono::steady_clock::now() < end, "a condition that never held");
        context.run_one_for(std::chrono::milliseconds(20));
        if (context.stopped())
            context.restart();
    }
}

} // namespace voelgoed::test
