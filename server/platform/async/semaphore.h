#pragma once

#include "server/platform/async/event.h"

#include <deque>
#include <memory>
#include <optional>

namespace voelgoed::async {

/// At most so many at once; who comes later waits in line, first come, first served, for so long. One thread. Must
/// outlive its permits.
class Semaphore
{
public:
    Semaphore(const Executor &executor, std::size_t permits, std::size_t waitingMax = 10'000);

    /// Gives itself back.
    class Permit
    {
    public:
        Permit(Permit &&other) noexcept : m_of(std::exchange(other.m_of, nullptr)) {}
        Permit &operator=(Permit &&other) noexcept
        {
            std::swap(m_of, other.m_of);
            return *this;
        }
        ~Permit();

    private:
        friend class Semaphore;
        explicit Permit(Semaphore *of) : m_of(of) {}
        Semaphore *m_of;
    };

    /// Timeout when none came free within `atMost`; Unavailable at once when too many wait already.
    Task<base::Result<Permit>> acquire(base::Milliseconds atMost);

    std::size_t free() const { return m_free; }
    std::size_t waiting() const { return m_line.size(); }

private:
    struct Waiter
    {
        explicit Waiter(const Executor &executor) : turn(executor) {}
        Event turn;
        bool given = false;
    };
    void release();

    Executor m_executor;
    std::size_t m_free;
    std::size_t m_waitingMax;
    std::deque<std::shared_ptr<Waiter>> m_line;
};

} // namespace voelgoed::async
