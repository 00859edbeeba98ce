#pragma once

#include "server/platform/async/event.h"
#include "shared/base/uuid.h"

#include <map>
#include <memory>

namespace voelgoed::scanning {

/// Who waits for changes of an event: the long polls of its devices. One thread.
class Waiting
{
public:
    explicit Waiting(async::Executor executor) : m_executor(std::move(executor)) {}

    /// After a commit that changed the event's feed, here or elsewhere.
    void wake(const base::Uuid &event);
    void wakeAll();

    /// Until the event's next wake(), at most so long. False when it did not come.
    async::Task<bool> waitFor(base::Uuid event, base::Milliseconds atMost);

    std::size_t waiting() const { return m_waiting; }

private:
    async::Executor m_executor;
    std::map<base::Uuid, std::shared_ptr<async::Event>> m_events;
    std::size_t m_waiting = 0;
};

} // namespace voelgoed::scanning
