#pragma once

#include "server/platform/async/task.h"

#include <boost/asio/steady_timer.hpp>

namespace voelgoed::async {

/// Something that coroutines wait for: "a connection is free", "rows came in". One thread. Must outlive who waits.
class Event
{
public:
    explicit Event(const Executor &executor);

    /// Wakes everybody who waits now. Who begins to wait later waits for the next time.
    void notify();

    /// Until the next notify().
    Task<void> wait();

    /// The same, and false when it did not come within `atMost`.
    Task<bool> waitFor(base::Milliseconds atMost);

private:
    Executor m_executor;
    boost::asio::steady_timer m_never;
    std::uint64_t m_times = 0;
};

} // namespace voelgoed::async
