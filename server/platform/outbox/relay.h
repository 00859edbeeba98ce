#pragma once

#include "server/platform/outbox/deliveries.h"
#include "server/platform/topics/topics.h"
#include "server/platform/work/routines.h"

namespace voelgoed::outbox {

struct RelayOptions
{
    base::Milliseconds lease{10'000};
    base::Milliseconds margin{3'000};
    base::Milliseconds poll{250};       ///< while nobody wakes it
    base::Milliseconds asideFor{2'000}; ///< until what Redis did not take of an organization is tried again
    base::Milliseconds asideMax{
        600'000}; ///< until it is given up: topics are hints, and nobody waits for them for ever
    int pageMax = 500;
};

/// Tells what the outbox holds: to topics, and to consumers. One of all servers does it, whichever holds the lease, so
/// that events of a topic keep their order. Every event is told at least once, in the order of the transactions that
/// made them, and only when none that still runs could come before it: a late commit is never passed over. While Redis
/// is away listeners of this server are told all the same, and the rest is made up for afterwards. The server's thread.
class Relay
{
public:
    struct Parts
    {
        async::Executor executor;
        work::Database &database; ///< best over connections of its own
        redis::Client &redis;
        topics::Topics &topics;
        const Consumers &consumers;
        const jobs::Registry &jobs;
        base::Clock &clock;
        std::string owner; ///< this server, as no other is called
        RelayOptions options{};
        std::function<void(const std::string &what, const base::Error &error)> trouble{};
    };
    explicit Relay(Parts parts);
    ~Relay();

    Relay(const Relay &) = delete;
    Relay &operator=(const Relay &) = delete;

    void start();
    /// There are new events: after each commit that left some. Whoever leads hears of it.
    void wake();
    /// Ends what it is about, and lets another server lead.
    async::Task<void> stop();

    bool leads() const;
    struct Figures
    {
        std::uint64_t told = 0;     ///< events, to topics
        std::uint64_t toldHere = 0; ///< while Redis was away
        std::uint64_t terms = 0;    ///< times that it began to lead
    };
    Figures figures() const;

private:
    struct State;
    std::shared_ptr<State> m_state;
};

/// Forgets events that everybody has read, after two days, and who has had which, after 45.
void addRoutines(work::Routines &routines, work::Database &database, const Consumers &consumers);

} // namespace voelgoed::outbox
