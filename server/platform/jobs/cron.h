#pragma once

#include "server/platform/async/event.h"
#include "server/platform/jobs/cron_expression.h"
#include "server/platform/jobs/registry.h"

#include <variant>

namespace voelgoed::jobs {

/// Every so long, counted from 1970 on, so that all servers mean the same moments.
struct Every
{
    base::Milliseconds period{};
};
using Schedule = std::variant<Every, CronExpression>;

/// The first moment of the schedule that is later.
base::Instant nextOf(const Schedule &schedule, base::Instant after);

struct CronEntry
{
    std::string name; ///< "reporting.daily"; never changes
    Schedule schedule;
    std::string kind; ///< of the job
    base::Json args = boost::json::object();
    enum class Missed {
        Forgotten, ///< while no server ran
        Once       ///< the last one that was missed, when a server starts
    } missed = Missed::Forgotten;
};

/// Enqueues jobs by the clock, in the platform's own organization: each moment of an entry once, by whichever server
/// comes first, together with the note that it was done. What is to be done for each organization is fanned out by the
/// job. The server's thread.
class Cron
{
public:
    struct Parts
    {
        async::Executor executor;
        work::Database &database;
        const Registry &registry;
        base::Clock &clock;
        std::function<void(const std::string &name, const base::Error &error)> failed{};
    };
    explicit Cron(Parts parts);
    ~Cron();

    Cron(const Cron &) = delete;
    Cron &operator=(const Cron &) = delete;

    /// Two of one name, or one of a kind that is not there, are a bug.
    void add(CronEntry entry);
    void start();
    void stop();

private:
    struct State;
    static async::Task<void> follow(std::shared_ptr<State> state, std::shared_ptr<const CronEntry> entry);
    static async::Task<base::Result<void>> take(std::shared_ptr<State> state, std::shared_ptr<const CronEntry> entry,
                                                base::Instant tick);

    std::shared_ptr<State> m_state;
};

} // namespace voelgoed::jobs
