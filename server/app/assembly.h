#pragma once

#include "server/app/identity.h"
#include "server/app/run.h"
#include "server/app/services.h"
#include "server/platform/clock/system_clock.h"
#include "server/platform/jobs/runner.h"
#include "server/platform/kernel/kernel.h"
#include "server/platform/kernel/slice.h"
#include "server/platform/outbox/relay.h"
#include "shared/base/crypto/system_random.h"

#include <memory>
#include <optional>
#include <vector>

namespace voelgoed::app {

/// All parts of a server in one process, put together and taken apart in order. The server's thread.
class Assembly
{
public:
    Assembly(const async::Executor &executor, const Options &options, const Services &services, const Said &said);
    ~Assembly();

    /// Keys, migrations, slices, what runs by itself, listeners.
    async::Task<base::Result<void>> start();
    /// Listeners first, then jobs, then the relay: each has what it needs as long as it runs. Requests in hand and jobs
    /// get this long.
    async::Task<void> stop(base::Milliseconds within);

    const std::string &url() const { return m_url; }

private:
    base::Result<void> listen();
    void addPages();
    void addKernelParts();
    void wakeRelay();
    void wakeJobs();
    async::Task<base::Result<void>> migrate();
    std::function<void(const std::string &, const base::Error &)> telling();

    async::Executor m_executor;
    Options m_options;
    const Services &m_services;
    const Said &m_said;
    platform::SystemClock m_clock;
    base::SystemRandom m_random;
    std::optional<Identity> m_identity;
    std::string m_name; ///< of this server, as it is called this time and as no other one is
    std::string m_url;
    async::Workers m_workers;
    pg::Pool m_pool;
    pg::Pool m_poolBehind; ///< for what nobody waits for: jobs and the relay take no connection from requests
    redis::Client m_redis;
    work::Database m_database;
    work::Database m_databaseBehind;
    work::Routines m_routines;
    actions::Registry m_registry;
    topics::Topics m_topics;
    outbox::Consumers m_consumers;
    jobs::Registry m_jobs;
    jobs::Cron m_cron;
    std::optional<outbox::Relay> m_relay;
    std::optional<jobs::Runner> m_runner;
    std::optional<actions::Dispatcher> m_dispatcher;
    std::optional<platform::Kernel> m_kernel;
    std::vector<std::unique_ptr<platform::Slice>> m_slices;
    std::unique_ptr<http::Server> m_server;
    bool m_isReady = false;
    bool m_isStopping = false;
};

} // namespace voelgoed::app
