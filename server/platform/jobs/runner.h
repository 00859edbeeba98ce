#pragma once

#include "server/platform/async/event.h"
#include "server/platform/jobs/registry.h"
#include "server/platform/redis/client.h"

namespace voelgoed::jobs {

/// What is told of each attempt that ended, for logs and metrics.
struct Report
{
    const Attempt::Job &job;
    std::string_view queue;
    std::string_view state; ///< into which the job went
    base::Milliseconds took{};
    const base::Error *error = nullptr;
};

struct RunnerOptions
{
    base::Milliseconds lease{30'000}; ///< renewed while an attempt runs
    base::Milliseconds poll{1'000};
};

/// Does jobs on this server: takes them out of the database as there is room in their queues, keeps their leases while
/// they run, and writes down how they ended. Woken in the process, by other servers through Redis, and by the clock;
/// without Redis jobs begin up to a second later. The server's thread.
class Runner
{
public:
    struct Parts
    {
        async::Executor executor;
        work::Database &database; ///< best over connections of its own, so that requests wait for no job
        const Registry &registry;
        base::Clock &clock;
        base::Random &random;
        redis::Client *redis = nullptr; ///< none: nobody else is woken
        std::string worker;             ///< this server, as no other is called, and not as it was called before
        RunnerOptions options{};
        std::function<void(const Report &)> observe{};
        std::function<void(const std::string &what, const base::Error &error)> trouble{};
    };
    explicit Runner(Parts parts);
    ~Runner(); ///< what still runs is never written down: its leases lapse, and others take it up

    Runner(const Runner &) = delete;
    Runner &operator=(const Runner &) = delete;

    void start();
    /// There are new jobs: after each commit that left some.
    void wake();
    /// Takes no more, asks what runs to stop, waits for it so long, and gives back what has not ended.
    async::Task<void> stop(base::Milliseconds within);

    struct Figures
    {
        std::size_t running = 0;
        std::uint64_t claims = 0, ended = 0;
    };
    Figures figures() const;

private:
    struct State;
    std::shared_ptr<State> m_state;
};

} // namespace voelgoed::jobs
