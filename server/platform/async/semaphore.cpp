#include "server/platform/async/semaphore.h"

#include <algorithm>

namespace voelgoed::async {

Semaphore::Semaphore(const Executor &executor, std::size_t permits, std::size_t waitingMax)
    : m_executor(executor), m_free(permits), m_waitingMax(waitingMax)
{}

Semaphore::Permit::~Permit()
{
    if (m_of)
        m_of->release();
}

Task<base::Result<Semaphore::Permit>> Semaphore::acquire(base::Milliseconds atMost)
{
    if (m_free > 0 && m_line.empty()) {
        --m_free;
        co_return Permit(this);
    }
    if (m_line.size() >= m_waitingMax)
        co_return base::Error{base::ErrorCode::Unavailable, "too many wait already", {}};
    const auto self = std::make_shared<Waiter>(m_executor);
    m_line.push_back(self);
    co_await self->turn.waitFor(atMost);
    if (self->given)
        co_return Permit(this);
    std::erase(m_line, self);
    co_return base::Error{base::ErrorCode::Timeout, "nothing came free in time", {}};
}

void Semaphore::release()
{
    if (m_line.empty()) {
        ++m_free;
        return;
    }
    const auto next = m_line.front();
    m_line.pop_front();
    next->given = true;
    next->turn.notify();
}

} // namespace voelgoed::async
