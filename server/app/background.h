#pragma once

#include "server/app/telemetry.h"
#include "server/platform/jobs/cron.h"
#include "server/platform/jobs/runner.h"
#include "server/platform/outbox/relay.h"
#include "server/platform/redis/keys.h"
#include "server/platform/topics/topics.h"

#include <map>
#include <string>

namespace voelgoed::app {

/// What a server does that nobody waits for: tells what happened (topics, the outbox's relay and its consumers), and
/// does what was put off (jobs, and those by the clock). The server's thread.
class Background
{
public:
    struct Parts
    {
        async::Executor executor;
        std::string postgres; ///< it has connections of its own, so that it takes none from requests
        redis::Client &redis;
        base::Clock &clock;
        base::Random &random;
        Telemetry &telemetry;
    };
    /// `database`: that of requests, which is told what has to be recorded.
    Background(Parts parts, const work::Database &database);

    /// The platform's own actions, routines and keys, as slices add theirs.
    void addTo(actions::Registry &actions, work::Routines &routines, redis::KeyRegistry &keys);
    /// Before slices start: what they tell is heard.
    void startTelling();
    /// After them: everybody has registered what they follow and do.
    void startWorking();
    /// Jobs that run get this long; then the relay, which tells what they left behind.
    async::Task<void> stop(base::Milliseconds within);

    void wakeRelay();
    void wakeJobs();

    work::Database &database() { return m_database; }
    topics::Topics &topics() { return m_topics; }
    outbox::Consumers &consumers() { return m_consumers; }
    jobs::Registry &jobs() { return m_jobs; }
    jobs::Cron &cron() { return m_cron; }

private:
    std::function<void(const std::string &, const base::Error &)> telling(std::string_view category);
    async::Task<base::Result<void>> count();

    Parts m_parts;
    std::string m_name; ///< of this server, as it is called this time and as no other one is
    pg::Pool m_pool;
    work::Database m_database;
    topics::Topics m_topics;
    outbox::Consumers m_consumers;
    jobs::Registry m_jobs;
    jobs::Cron m_cron;
    outbox::Relay m_relay;
    jobs::Runner m_runner;
    std::map<std::pair<std::string, std::string>, std::int64_t> m_counted; ///< jobs by queue and state, for metrics
    bool m_isStopping = false;
};

} // namespace voelgoed::app
