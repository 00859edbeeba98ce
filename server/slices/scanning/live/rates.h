#pragma once

#include "server/platform/redis/client.h"
#include "server/platform/topics/topics.h"
#include "server/slices/scanning/lane.h"

#include <memory>

namespace voelgoed::scanning {

/// How many are scanned at an event just now, told at its topic once a second, by one server for all of them, until
/// nobody was scanned for a minute. Of scans that are brought within a minute after they were made: a gate that was out
/// of reach for hours is no crowd. The counts meet in Redis; while it is away nothing is told. The server's thread.
class Rates
{
public:
    static constexpr base::Milliseconds kFreshFor{60'000};

    Rates(async::Executor executor, redis::Client &redis, topics::Topics &topics);
    ~Rates();

    Rates(const Rates &) = delete;
    Rates &operator=(const Rates &) = delete;

    void count(const Committed &committed, base::Instant now);

private:
    struct Counts
    {
        std::int64_t admitted = 0, denied = 0;
    };
    struct State
    {
        async::Executor executor;
        redis::Client &redis;
        topics::Topics &topics;
        std::map<EventKey, Counts> counts{}; ///< since the last second; events that are told of
        bool isRunning = false;
        bool isClosed = false;
    };

    static async::Task<void> follow(std::shared_ptr<State> state);
    static async::Task<void> tell(std::shared_ptr<State> state, EventKey event, Counts counts);

    std::shared_ptr<State> m_state;
};

} // namespace voelgoed::scanning
