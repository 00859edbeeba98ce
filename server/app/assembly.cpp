#include "server/app/assembly.h"

#include "server/app/composition.h"
#include "server/platform/actions/openapi.h"
#include "server/platform/http/certificate.h"
#include "server/platform/jobs/job_actions.h"
#include "server/platform/jobs/routines.h"
#include "server/platform/work/migrations.h"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace voelgoed::app {

using async::Task;
using base::Error;
using base::ErrorCode;
using base::Result;

namespace {

constexpr std::size_t kConnectionsBehind = 6;
constexpr base::Milliseconds kJobsAtLeast{2'000};

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

Assembly::Assembly(const async::Executor &executor, const Options &options, const Services &services, const Said &said)
    : m_executor(executor),
      m_options(options),
      m_services(services),
      m_said(said),
      m_name(base::toText(base::makeUuid(m_clock.now().wall, m_random))),
      m_workers(options.workers),
      m_pool(executor, {.url = services.postgres()}),
      m_poolBehind(executor, {.url = services.postgres(), .connections = kConnectionsBehind}),
      m_redis(executor, {.url = services.redis()}),
      m_database({.pool = m_pool,
                  .clock = m_clock,
                  .random = m_random,
                  .wakeRelay = [this] { wakeRelay(); },
                  .wakeJobs = [this] { wakeJobs(); }}),
      m_databaseBehind({.pool = m_poolBehind,
                        .clock = m_clock,
                        .random = m_random,
                        .wakeRelay = [this] { wakeRelay(); },
                        .wakeJobs = [this] { wakeJobs(); }},
                       m_database),
      m_routines({.executor = executor, .database = m_database, .clock = m_clock, .failed = telling()}),
      m_topics({.executor = executor, .redis = m_redis, .clock = m_clock, .random = m_random}),
      m_cron({.executor = executor,
              .database = m_databaseBehind,
              .registry = m_jobs,
              .clock = m_clock,
              .failed = telling()})
{}

Assembly::~Assembly() = default;

std::function<void(const std::string &, const Error &)> Assembly::telling()
{
    return [this](const std::string &name, const Error &error) {
        if (!m_isStopping)
            m_said.log(name + ": " + error.message);
    };
}

void Assembly::wakeRelay()
{
    if (m_relay)
        m_relay->wake();
}

void Assembly::wakeJobs()
{
    if (m_runner)
        m_runner->wake();
}

/// What the platform itself brings to the registries, as slices do.
void Assembly::addKernelParts()
{
    outbox::addDeliveryJob(m_jobs, m_consumers);
    outbox::addRoutines(m_routines, m_databaseBehind, m_consumers);
    jobs::addRoutines(m_routines, m_databaseBehind);
    jobs::addJobActions(m_registry, m_jobs);
    m_relay.emplace(outbox::Relay::Parts{.executor = m_executor,
                                         .database = m_databaseBehind,
                                         .redis = m_redis,
                                         .topics = m_topics,
                                         .consumers = m_consumers,
                                         .jobs = m_jobs,
                                         .clock = m_clock,
                                         .owner = m_name,
                                         .trouble = telling()});
    m_runner.emplace(jobs::Runner::Parts{.executor = m_executor,
                                         .database = m_databaseBehind,
                                         .registry = m_jobs,
                                         .clock = m_clock,
                                         .random = m_random,
                                         .redis = &m_redis,
                                         .worker = m_name,
                                         .observe =
                                             [this](const jobs::Report &report) {
                                                 if (report.error && !m_isStopping)
                                                     m_said.log("job " + report.job.kind + " " +
                                                                base::toText(report.job.id) + ": " +
                                                                report.error->message);
                                             },
                                         .trouble = telling()});
}

Task<Result<void>> Assembly::start()
{
    auto identity = openIdentity(m_options.data, m_random);
    if (!identity)
        co_return identity.error();
    m_identity.emplace(std::move(*identity));
    m_dispatcher.emplace(actions::Dispatcher::Parts{
        .registry = m_registry,
        .database = m_database,
        .clock = m_clock,
        .random = m_random,
        .throttle = nullptr,
        .report =
            [this](const actions::CallReport &report) {
                if (report.status >= 500 && report.error)
                    m_said.log(report.requestId + ": " + report.error->message);
            },
        .serveSocket = [this](access::Actor actor, const http::Request &,
                              http::Socket &socket) { return m_topics.serve(std::move(actor), socket); }});
    m_server = std::make_unique<http::Server>(
        m_executor, *m_dispatcher, http::Limits{},
        http::Hooks{.now = [this] { return m_clock.now().wall; },
                    .trouble = [this](std::string_view what) { m_said.log("http: " + std::string(what)); }});
    addPages();
    if (const auto listening = listen(); !listening)
        co_return listening.error();
    m_kernel.emplace(platform::Kernel{.executor = m_executor,
                                      .workers = m_workers,
                                      .database = m_database,
                                      .redis = m_redis,
                                      .actions = m_registry,
                                      .dispatcher = *m_dispatcher,
                                      .clock = m_clock,
                                      .random = m_random,
                                      .identity = m_identity->signing,
                                      .seal = m_identity->exchange,
                                      .cursorKey = m_identity->cursors,
                                      .routines = m_routines,
                                      .dataFolder = m_options.data,
                                      .publicUrl = m_url,
                                      .topics = m_topics,
                                      .consumers = m_consumers,
                                      .jobs = m_jobs,
                                      .cron = m_cron});
    addKernelParts();
    m_slices = makeSlices(*m_kernel);
    if (const auto migrated = co_await migrate(); !migrated)
        co_return migrated.error();
    m_topics.start();
    for (const auto &slice : m_slices) {
        if (const auto started = co_await slice->start(); !started)
            co_return started.error();
    }
    m_routines.start();
    m_relay->start();
    m_runner->start();
    m_cron.start();
    m_isReady = true;
    co_return Result<void>();
}

Task<Result<void>> Assembly::migrate()
{
    if (m_services.owner().empty())
        co_return Result<void>();
    std::vector<pg::Migration> migrations = pg::migrations();
    const auto add = [&](std::vector<pg::Migration> more) {
        migrations.insert(migrations.end(), more.begin(), more.end());
    };
    add(work::migrations());
    for (const auto &slice : m_slices)
        add(slice->migrations());
    const auto migrated = co_await pg::migrate(m_services.owner(), std::move(migrations));
    if (!migrated)
        co_return migrated.error();
    for (const std::string &name : migrated->run)
        m_said.log("migrated: " + name);
    co_return Result<void>();
}

/// Bound before the slices are made, since they are told the URL; nothing is served before all is ready.
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
        std::string text = m_pool.isAway() ? "postgres: away\n" : "postgres: ok\n";
        text += m_redis.isAway() ? "redis: away\n" : "redis: ok\n";
        // Without Redis everything goes on, slower.
        co_return plain(m_pool.isAway() ? 503 : 200, std::move(text));
    });
    m_dispatcher->addPage("/v1/openapi.json", [this](const http::Request &) -> Task<http::Answer> {
        const auto json = actions::openApi(m_registry, {.version = VOELGOED_VERSION, .server = m_url});
        co_return http::Answer{.response = http::Response::json(200, base::toText(json)), .source = {}, .file = {}};
    });
}

Task<void> Assembly::stop(base::Milliseconds within)
{
    m_isReady = false;
    m_isStopping = true;
    const base::Milliseconds end = m_clock.now().sinceBoot + within;
    if (m_server)
        co_await m_server->stop(within);
    m_cron.stop();
    if (m_runner)
        co_await m_runner->stop(std::max(end - m_clock.now().sinceBoot, kJobsAtLeast));
    if (m_relay)
        co_await m_relay->stop();
}

} // namespace voelgoed::app
