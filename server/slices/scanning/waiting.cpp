#include "server/slices/scanning/waiting.h"

namespace voelgoed::scanning {

void Waiting::wake(const base::Uuid &event)
{
    if (const auto found = m_events.find(event); found != m_events.end())
        found->second->notify();
}

void Waiting::wakeAll()
{
    for (const auto &[event, waiters] : m_events)
        waiters->notify();
}

async::Task<bool> Waiting::waitFor(base::Uuid event, base::Milliseconds atMost)
{
    auto &place = m_events[event];
    if (!place)
        place = std::make_shared<async::Event>(m_executor);
    const auto waiters = place;
    ++m_waiting;
    const bool came = co_await waiters->waitFor(atMost);
    --m_waiting;
    // Nobody but the map and this one: the last who waited takes it away.
    if (waiters.use_count() == 2)
        m_events.erase(event);
    co_return came;
}

} // namespace voelgoed::scanning
