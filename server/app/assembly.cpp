#include "server/app/assembly.h"

#include "server/app/composition.h"
#include "server/platform/actions/openapi.h"
#include "server/platform/http/certificate.h"
#include "server/platform/metrics/families.h"
#include "server/platform/secrets/token.h"
#include "server/platform/work/envelope.h"
#include "server/platform/work/migrations.h"

#include <fstream>
#include <sstream>

namespace voelgoed::app {

using async::Task;
using base::Error;
using base::ErrorCode;
using base::Result;

namespace {

constexpr base::Milliseconds kJobsAtLeast{2'000};
constexpr std::size_t kSlowConnections = 6;
constexpr std::size_t kListConnections = 3;

bool isLoopback(const std::string &address)
{
    return address == "127.0.0.1" || address == "::1" || address == "localhost";
}

Result<std::string> contentsOf(const std::string &file)
{
    std::ifstream in(file);
    if (!in)
        return Error{ErrorCode::NotFound, file + ": cannot be opened", {}};
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

http::Answer plain(int status, std::string text)
{
    return {.response = http::Response::text(status, std::move(text)), .source = {}, .file = {}};
}

} // namespace

Assembly::Assembly(const async::Executor &executor, const Options &options, const Services &services,
                   Telemetry &telemetry)
    : m_executor(executor),
      m_options(options),
      m_services(services),
      m_telemetry(telemetry),
      m_workers(options.workers),
      m_pool(executor, {.url = services.postgres(),
                        .observe = [&telemetry](const pg::Done &done) { telemetry.postgresAnswered(done); }}),
      m_redis(executor, {.url = services.redis(),
                         .observe = [&telemetry](const redis::Done &done) { telemetry.redisAnswered(done); }}),
      m_limiter(m_redis, m_clock,
                {.processes = options.processes,
                 .limited = [&telemetry](const limits::Policy &policy) { telemetry.limited(policy.name); }}),
      m_throttle(m_limiter),
      m_database({.pool = m_pool,
                  .clock = m_clock,
                  .random = m_random,
                  .wakeRelay = [this] { m_background.wakeRelay(); },
                  .wakeJobs = [this] { m_background.wakeJobs(); }}),
      m_asidePool(executor, {.url = services.postgres(),
                             .connections = kSlowConnections,
                             .observe = [&telemetry](const pg::Done &done) { telemetry.postgresAnswered(done); }}),
      m_aside({.pool = m_asidePool,
               .clock = m_clock,
               .random = m_random,
               .wakeRelay = [this] { m_background.wakeRelay(); },
               .wakeJobs = [this] { m_background.wakeJobs(); }},
              m_database),
      m_listsPool(executor, {.url = services.postgres(),
                             .connections = kListConnections,
                             .observe = [&telemetry](const pg::Done &done) { telemetry.postgresAnswered(done); }}),
      m_lists({.pool = m_listsPool,
               .clock = m_clock,
               .random = m_random,
               .wakeRelay = [this] { m_background.wakeRelay(); },
               .wakeJobs = [this] { m_background.wakeJobs(); }},
              m_database),
      m_background({.executor = executor,
                    .postgres = services.postgres(),
                    .redis = m_redis,
                    .clock = m_clock,
                    .random = m_random,
                    .telemetry = telemetry},
                   m_database),
      m_routines({.executor = executor,
                  .database = m_database,
                  .clock = m_clock,
                  .failed = [this](const std::string &name, const Error &error) {
                      if (!m_isStopping)
                          m_telemetry.log().of(name).failure("a routine failed", error);
                  }})
{}

Assembly::~Assembly() = default;

Task<Result<void>> Assembly::start()
{
    auto identity = openIdentity(m_options.data, m_random);
    if (!identity)
        co_return identity.error();
    m_identity.emplace(std::move(*identity));
    m_dispatcher.emplace(actions::Dispatcher::Parts{
        .registry = m_registry,
        .database = m_database,
        .aside = m_aside,
        .clock = m_clock,
        .random = m_random,
        .throttle = &m_throttle,
        .report = [this](const actions::CallReport &report) { m_telemetry.called(report); },
        .serveSocket = [this](access::Actor actor, const http::Request &,
                              http::Socket &socket) { return m_background.topics().serve(std::move(actor), socket); },
        .hasStarted = [this] { return m_hasStarted; },
        .fingerprintKey = base::hmacSha256(m_identity->cursors, {base::bytesOf("idempotency")})});
    m_server = std::make_unique<http::Server>(
        m_executor, *m_dispatcher, http::Limits{},
        http::Hooks{.now = [this] { return m_clock.now().wall; },
                    .trouble = [this](std::string_view what) { m_telemetry.log().of("http").error(what); }});
    addPages();
    addMetrics();
    for (const redis::Key &key : limits::keys())
        m_keys.add(key);
    if (const auto listening = listen(); !listening)
        co_return listening.error();
    m_kernel.emplace(platform::Kernel{.executor = m_executor,
                                      .workers = m_workers,
                                      .database = m_database,
                                      .aside = m_aside,
                                      .lists = m_lists,
                                      .behind = m_background.database(),
                                      .redis = m_redis,
                                      .keys = m_keys,
                                      .limiter = m_limiter,
                                      .actions = m_registry,
                                      .dispatcher = *m_dispatcher,
                                      .metrics = m_telemetry.metrics(),
                                      .log = m_telemetry.log(),
                                      .clock = m_clock,
                                      .random = m_random,
                                      .identity = m_identity->signing,
                                      .seal = m_identity->exchange,
                                      .cursorKey = m_identity->cursors,
                                      .routines = m_routines,
                                      .dataFolder = m_options.data,
                                      .publicUrl = m_url,
                                      .topics = m_background.topics(),
                                      .consumers = m_background.consumers(),
                                      .jobs = m_background.jobs(),
                                      .cron = m_background.cron(),
                                      .eventTypes = m_eventTypes});
    m_background.addTo(m_registry, m_routines, m_keys);
    m_slices = makeSlices(*m_kernel);
    addSchemas();
    if (const auto migrated = co_await migrate(); !migrated)
        co_return migrated.error();
    if (const auto counts = co_await checkCounter(m_database); !counts)
        co_return counts.error();
    if (const auto claimed = co_await claimDatabase(m_database, *m_identity, m_options.keys); !claimed)
        co_return claimed.error();
    m_background.startTelling();
    for (const auto &slice : m_slices) {
        if (const auto started = co_await slice->start(); !started)
            co_return started.error();
    }
    m_routines.start();
    m_background.startWorking();
    m_isReady = true;
    m_hasStarted = true;
    co_return Result<void>();
}

Task<Result<void>> Assembly::migrate()
{
    std::vector<pg::Migration> migrations = pg::migrations();
    const auto add = [&](std::vector<pg::Migration> more) {
        migrations.insert(migrations.end(), more.begin(), more.end());
    };
    add(work::migrations());
    for (const auto &slice : m_slices)
        add(slice->migrations());
    if (m_services.owner().empty())
        co_return co_await pg::checkMigrated(m_services.postgres(), std::move(migrations));
    const auto migrated = co_await pg::migrate(m_services.owner(), std::move(migrations));
    if (!migrated)
        co_return migrated.error();
    for (const std::string &name : migrated->run)
        m_telemetry.log().of("pg").info("migrated", {{"migration", name}});
    co_return Result<void>();
}

/// Bound before the slices are made, since they are told the URL; before all is ready only /livez, /readyz and the like
/// are answered.
Result<void> Assembly::listen()
{
    http::ListenOptions options{.address = m_options.address, .port = m_options.port};
    options.plain = isLoopback(m_options.address);
    if (!m_options.certificate.empty()) {
        const auto certificate = contentsOf(m_options.certificate);
        const auto key = contentsOf(m_options.key);
        if (!certificate || !key)
            return !certificate ? certificate.error() : key.error();
        options.certificatePem = *certificate;
        options.keyPem = *key;
    } else {
        const base::Instant now = m_clock.now().wall;
        const auto made = http::selfSigned(
            m_identity->signing,
            {.names = {m_options.address}, .from = now - std::chrono::days(1), .until = now + std::chrono::days(3650)});
        if (!made)
            return made.error();
        options.certificatePem = made->certificatePem;
        options.keyPem = made->keyPem;
    }
    const auto port = m_server->listen(options);
    if (!port)
        return port.error();
    http::ListenOptions admin;
    admin.unixPath = m_options.data + "/admin.sock";
    if (const auto local = m_server->listen(admin); !local)
        return local.error();
    const std::string host =
        m_options.address.find(':') == std::string::npos ? m_options.address : "[" + m_options.address + "]";
    m_url = m_options.publicUrl.empty() ? (options.plain ? "http://" : "https://") + host + ":" + std::to_string(*port)
                                        : m_options.publicUrl;
    return {};
}

void Assembly::addPages()
{
    m_dispatcher->addPage("/livez", [](const http::Request &) -> Task<http::Answer> { co_return plain(200, "ok\n"); });
    m_dispatcher->addPage("/readyz", [this](const http::Request &) -> Task<http::Answer> {
        if (!m_isReady)
            co_return plain(503, "starting\n");
        // Who is told that all is well may ask for anything: also for what the other connections are for.
        const bool isAway =
            m_pool.isAway() || m_asidePool.isAway() || m_listsPool.isAway() || m_background.database().pool().isAway();
        std::string text = isAway ? "postgres: away\n" : "postgres: ok\n";
        text += m_redis.isAway() ? "redis: away\n" : "redis: ok\n";
        // Without Redis everything goes on, slower.
        co_return plain(isAway ? 503 : 200, std::move(text));
    });
    m_dispatcher->addPage("/v1/openapi.json", [this](const http::Request &) -> Task<http::Answer> {
        const auto json =
            actions::openApi(m_registry, {.version = VOELGOED_VERSION, .server = m_url, .eventTypes = &m_eventTypes});
        co_return http::Answer{.response = http::Response::json(200, base::toText(json)), .source = {}, .file = {}};
    });
}

/// A page for each type of events: where their `dataschema` leads.
void Assembly::addSchemas()
{
    for (const auto &[name, type] : m_eventTypes.all()) {
        m_dispatcher->addPage(work::schemaPathOf(name),
                              [text = base::toText(work::schemaOf(type))](const http::Request &) -> Task<http::Answer> {
                                  http::Answer answer{
                                      .response = http::Response::json(200, text), .source = {}, .file = {}};
                                  answer.response.fields.set("Content-Type", "application/schema+json");
                                  co_return answer;
                              });
    }
}

/// Figures tell what an organizer's evening is like: for the machine's own administrator, and for a scraper that has
/// the token of the server's folder.
void Assembly::addMetrics()
{
    metrics::Registry &metrics = m_telemetry.metrics();
    metrics.beforeText([this, &metrics] {
        metrics.gauge(metrics::kRedisPending).set(static_cast<double>(m_redis.figures().pending));
        metrics.gauge(metrics::kRedisReconnects).set(static_cast<double>(m_redis.figures().reconnects));
        const auto pool = m_pool.figures();
        metrics.gauge(metrics::kPoolConnections, {"open"}).set(static_cast<double>(pool.open));
        metrics.gauge(metrics::kPoolConnections, {"busy"}).set(static_cast<double>(pool.busy));
        metrics.gauge(metrics::kPoolConnections, {"waiting"}).set(static_cast<double>(pool.waiting));
        metrics.gauge(metrics::kCalls).set(static_cast<double>(m_dispatcher->callsNow()));
        metrics.gauge(metrics::kConnections).set(static_cast<double>(m_server->figures().connections));
    });
    m_dispatcher->addPage("/metrics", [this, &metrics](const http::Request &request) -> Task<http::Answer> {
        const std::string wanted = "Bearer " + m_identity->metricsToken;
        const auto brought = base::bytesOf(request.fields["Authorization"]);
        if (!request.admin && !secrets::isSame(brought, base::bytesOf(wanted)))
            co_return plain(404, "There is no such path.\n");
        http::Answer answer = plain(200, metrics.text());
        answer.response.fields.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
        co_return answer;
    });
}

Task<void> Assembly::stop(base::Milliseconds within)
{
    m_isReady = false;
    m_isStopping = true;
    const base::Milliseconds end = m_clock.now().sinceBoot + within;
    if (m_kernel)
        m_kernel->isStopping = true;
    if (m_server)
        co_await m_server->stop(within);
    co_await m_background.stop(std::max<base::Milliseconds>(end - m_clock.now().sinceBoot, kJobsAtLeast));
}

} // namespace voelgoed::app
