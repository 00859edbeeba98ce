#pragma once

#include "server/platform/async/event.h"
#include "server/slices/scanning/lane.h"
#include "server/slices/scanning/live/cold.h"

#include <deque>
#include <memory>

namespace voelgoed::scanning {

/// Keeps each event's figures in Redis equal to the rows in Postgres: every batch is told after its commit, in its
/// order, and whatever was missed (a flush, a crash between commit and telling, another server's batch that has not
/// come) is found by the batch's number and made good from Postgres. The server's thread.
class Mirror
{
public:
    struct Parts
    {
        async::Executor executor;
        work::Database &database; ///< the one behind: nobody waits for it
        redis::Client &redis;
        base::Random &random;
        std::function<void(const std::string &what, const base::Error &error)> failed{};
    };
    explicit Mirror(Parts parts);
    ~Mirror();

    Mirror(const Mirror &) = delete;
    Mirror &operator=(const Mirror &) = delete;

    /// After a commit. What is too much is dropped, and read from Postgres later.
    void tell(const Committed &committed);
    /// Brings the event's figures to where Postgres is at this moment, behind all that was told before.
    async::Task<base::Result<void>> heal(EventKey event);
    /// The same for all events that were scanned lately, of all organizations.
    async::Task<base::Result<void>> healAll();

    /// Compares all that Redis holds of an event with the rows, and makes it anew where they differ: the first place
    /// that was wrong, or nothing. Timeout while the event is too busy to be compared.
    async::Task<base::Result<std::optional<std::string>>> reconcile(EventKey event);

    struct Figures
    {
        std::int64_t batch = 0;
        std::vector<GateCount> gates; ///< sorted
        enum class From { Redis, Postgres } from = From::Redis;
    };
    /// From Redis, or from Postgres while they are not whole there. NotFound when the organization has no such event.
    async::Task<base::Result<Figures>> figures(EventKey event);

    struct Counted
    {
        std::uint64_t calls = 0, gaps = 0, rebuilds = 0, failures = 0, drifts = 0;
    };
    const Counted &counted() const { return m_state->counted; }

private:
    struct Lane
    {
        explicit Lane(const async::Executor &executor) : atRest(executor) {}
        std::deque<WarmChange> changes;
        enum class Wants { Nothing, Healing } wants = Wants::Nothing;
        bool isRunning = false;
        std::uint64_t begun = 0, ended = 0; ///< healings
        std::optional<base::Error> failure; ///< of the last one
        async::Event atRest;
    };
    struct State
    {
        explicit State(Parts with) : parts(std::move(with)), warm(parts.redis) {}

        Parts parts;
        Warm warm;
        std::map<EventKey, std::shared_ptr<Lane>> lanes;
        Counted counted;
        bool isClosed = false;
    };

    static std::shared_ptr<Lane> laneOf(const std::shared_ptr<State> &state, const EventKey &event);
    static void run(const std::shared_ptr<State> &state, const EventKey &event, const std::shared_ptr<Lane> &lane);
    static async::Task<void> follow(std::shared_ptr<State> state, EventKey event, std::shared_ptr<Lane> lane);
    static async::Task<base::Result<void>> catchUp(std::shared_ptr<State> state, EventKey event);
    static async::Task<base::Result<bool>> closeGap(std::shared_ptr<State> state, EventKey event, WarmPoint point,
                                                    ColdFigures figures);
    static async::Task<base::Result<bool>> rebuild(std::shared_ptr<State> state, EventKey event);

    std::shared_ptr<State> m_state;
};

} // namespace voelgoed::scanning
