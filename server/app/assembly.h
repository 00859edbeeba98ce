#pragma once

#include "server/app/background.h"
#include "server/app/identity.h"
#include "server/app/services.h"
#include "server/app/telemetry.h"
#include "server/app/throttle.h"
#include "server/platform/clock/system_clock.h"
#include "server/platform/kernel/kernel.h"
#include "server/platform/kernel/slice.h"
#include "shared/base/crypto/system_random.h"

#include <memory>
#include <optional>
#include <vector>

namespace voelgoed::app {

/// All parts of a server in one process, put together and taken apart in order. The server's thread.
class Assembly
{
public:
    Assembly(const async::Executor &executor, const Options &options, const Services &services, Telemetry &telemetry);
    ~Assembly();

    /// Keys, migrations, slices, listeners.
    async::Task<base::Result<void>> start();
    /// Listeners first, then what runs behind them; requests in hand and jobs get this long.
    async::Task<void> stop(base::Milliseconds within);

    const std::string &url() const { return m_url; }

private:
    async::Task<base::Result<void>> migrate();
    base::Result<void> listen();
    void addPages();
    void addSchemas();
    void addMetrics();

    async::Executor m_executor;
    Options m_options;
    const Services &m_services;
    Telemetry &m_telemetry;
    platform::SystemClock m_clock;
    base::SystemRandom m_random;
    std::optional<Identity> m_identity;
    std::string m_url;
    async::Workers m_workers;
    pg::Pool m_pool;
    redis::Client m_redis;
    redis::KeyRegistry m_keys;
    limits::Limiter m_limiter;
    ActionThrottle m_throttle;
    work::Database m_database;
    pg::Pool m_asidePool;
    work::Database m_aside;
    pg::Pool m_listsPool;
    work::Database m_lists;
    Background m_background;
    work::Routines m_routines;
    actions::Registry m_registry;
    work::EventTypes m_eventTypes;
    std::optional<actions::Dispatcher> m_dispatcher;
    std::optional<platform::Kernel> m_kernel;
    std::vector<std::unique_ptr<platform::Slice>> m_slices;
    std::unique_ptr<http::Server> m_server;
    bool m_isReady = false;
    bool m_hasStarted = false;
    bool m_isStopping = false;
};

} // namespace voelgoed::app
