#pragma once

#include "server/platform/jobs/attempt.h"

#include <deque>

namespace voelgoed::jobs {

/// Jobs that share workers. Each has its own limit, so that a slow queue holds up no other.
struct Queue
{
    std::string name;
    std::size_t limit = 4;                  ///< at once, on each server
    base::Milliseconds timeout{5 * 60'000}; ///< of one attempt, for kinds that say nothing else
};

/// How long until the next attempt, after `attempt` of them failed; a little more is added by chance.
using Backoff = std::function<base::Milliseconds(int attempt)>;

/// 15 s and 2^attempt s, at most an hour.
base::Milliseconds usualBackoff(int attempt);

struct Kind
{
    std::string name; ///< "tickets.render"
    std::string queue;
    base::Milliseconds timeout{}; ///< zero: its queue's. Then it is asked to stop, and soon tried anew elsewhere
    int maxAttempts = 12;
    Backoff backoff{};                                              ///< none: the usual
    std::function<std::string(const base::Json &args)> uniqueKey{}; ///< none: as many as there are
};

/// Does a job. May be run more than once for one job (its server may die just before it is told): what it does outside
/// its database is idempotent. A failure is tried again.
using Handler = std::function<async::Task<base::Result<Outcome>>(Attempt &attempt)>;

/// Does a job in one transaction, which commits together with the job's end: once.
using Change = std::function<async::Task<base::Result<Outcome>>(work::UnitOfWork &unit, Attempt &attempt)>;

/// Every queue and every kind of job. Filled while slices are made.
class Registry
{
public:
    /// Two of one name are a bug, and so is a kind of a queue that is not there.
    void addQueue(Queue queue);
    void add(Kind kind, Handler handler);
    void addTransactional(Kind kind, Change change);

    /// A job of a kind, to be handed to UnitOfWork::enqueue(), or changed first (runAt, after). A kind that is not
    /// there is a bug.
    work::Job make(std::string_view kind, base::Json args) const;

    struct Entry
    {
        Kind kind;
        base::Milliseconds timeout{};
        Handler handler; ///< one of the two
        Change change;
    };
    const Entry *find(std::string_view kind) const;
    const std::deque<Queue> &queues() const { return m_queues; }
    const std::deque<Entry> &kinds() const { return m_kinds; }

private:
    void put(Entry entry);
    const Queue *findQueue(std::string_view name) const;

    std::deque<Queue> m_queues;
    std::deque<Entry> m_kinds;
};

} // namespace voelgoed::jobs
