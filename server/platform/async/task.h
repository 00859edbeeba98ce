#pragma once

#include "shared/base/instant.h"
#include "shared/base/result.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <string_view>

/// How the server waits: C++20 coroutines on Boost.Asio. One thread runs all of them (the server's thread), so what is
/// not awaited over is not interrupted, and nothing of the platform needs a lock. Work that takes the processor for
/// more than a millisecond or so goes to Workers.
///
/// Coroutines report failures as Result, as everything else does. Take arguments of a coroutine by value, or by
/// reference to what outlives it.
namespace voelgoed::async {

template <class T>
using Task = boost::asio::awaitable<T>;

using Executor = boost::asio::any_io_executor;

/// Begins a coroutine that nobody waits for. One that throws is a bug, and ends the program with `name` in the message.
void start(const Executor &executor, std::string_view name, Task<void> task);

/// The same for a lambda, which is kept as long as its coroutine: a coroutine's captures lie in the lambda.
void start(const Executor &executor, std::string_view name, std::function<Task<void>()> begin);

/// Ends early, without a word, when the executor's context is stopped.
Task<void> sleepFor(base::Milliseconds howLong);

/// Lets whatever else is ready go first.
Task<void> yield();

} // namespace voelgoed::async
