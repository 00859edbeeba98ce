#pragma once

#include "server/platform/topics/topics.h"
#include "server/slices/scanning/lane.h"
#include "server/slices/scanning/live/warm.h"

#include <deque>

namespace voelgoed::scanning {

/// Tells who listens what was scanned, after the commit: each scan while they come a few at a time, sums where many
/// come together, and the figures of a gate at most every kOccupancyEvery. What is told here is also in the tables: who
/// missed it loads them. The server's thread.
class Teller
{
public:
    static constexpr std::size_t kOneByOne = 40;              ///< rows of a batch
    static constexpr std::size_t kQueueMax = 2'000;           ///< events; more are not told
    static constexpr base::Milliseconds kOccupancyEvery{150}; ///< of one gate

    Teller(async::Executor executor, topics::Topics &topics);
    ~Teller();

    Teller(const Teller &) = delete;
    Teller &operator=(const Teller &) = delete;

    void tell(const Committed &committed);

private:
    struct Told
    {
        base::Uuid organization{};
        work::Event event;
    };
    struct State
    {
        async::Executor executor;
        topics::Topics &topics;
        std::deque<Told> queue{};
        std::map<EventKey, std::map<GateKey, work::Event>> occupancy{};
        bool isRunning = false;
        bool isResting = false;
        bool isClosed = false;
    };

    static void run(const std::shared_ptr<State> &state);
    static async::Task<void> say(std::shared_ptr<State> state);
    static async::Task<void> rest(std::shared_ptr<State> state);

    std::shared_ptr<State> m_state;
};

} // namespace voelgoed::scanning
