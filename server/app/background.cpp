#include "server/app/background.h"

#include "server/platform/actions/idempotency.h"
#include "server/platform/jobs/job_actions.h"
#include "server/platform/jobs/routines.h"
#include "server/platform/metrics/families.h"
#include "server/platform/topics/keys.h"
#include "server/platform/work/envelope.h"

#include <algorithm>

namespace voelgoed::app {

using async::Task;
using base::Error;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kConnections = 6;
constexpr auto kCountEvery = 10s;

/// Clocks of two servers may differ by a little.
double secondsBetween(base::Instant from, base::Instant to)
{
    return std::max(std::chrono::duration<double>(to - from).count(), 0.0);
}

} // namespace

Background::Background(Parts parts, const work::Database &database)
    : m_parts(std::move(parts)),
      m_name(base::toText(base::makeUuid(m_parts.clock.now().wall, m_parts.random))),
      m_pool(m_parts.executor,
             {.url = m_parts.postgres,
              .connections = kConnections,
              .observe = [&telemetry = m_parts.telemetry](const pg::Done &done) { telemetry.postgresAnswered(done); }}),
      m_database({.pool = m_pool,
                  .clock = m_parts.clock,
                  .random = m_parts.random,
                  .wakeRelay = [this] { wakeRelay(); },
                  .wakeJobs = [this] { wakeJobs(); }},
                 database),
      m_topics(
          {.executor = m_parts.executor, .redis = m_parts.redis, .clock = m_parts.clock, .random = m_parts.random}),
      m_cron({.executor = m_parts.executor,
              .database = m_database,
              .registry = m_jobs,
              .clock = m_parts.clock,
              .failed = telling("cron")}),
      m_relay({.executor = m_parts.executor,
               .database = m_database,
               .redis = m_parts.redis,
               .topics = m_topics,
               .consumers = m_consumers,
               .jobs = m_jobs,
               .clock = m_parts.clock,
               .owner = m_name,
               .trouble = telling("outbox")}),
      m_runner({.executor = m_parts.executor,
                .database = m_database,
                .registry = m_jobs,
                .clock = m_parts.clock,
                .random = m_parts.random,
                .redis = &m_parts.redis,
                .worker = m_name,
                .observe =
                    [this](const jobs::Report &report) {
                        if (report.error && !m_isStopping)
                            m_parts.telemetry.log().of("jobs").failure(
                                "a job failed", *report.error,
                                {{"kind", report.job.kind}, {"job", base::toText(report.job.id)}});
                    },
                .trouble = telling("jobs")})
{
    metrics::Registry &metrics = m_parts.telemetry.metrics();
    m_topics.watch([&metrics](const topics::Published &published) {
        metrics.counter(metrics::kEvents, {work::attributeIn(published.event, "type")}).add();
    });
    m_topics.listen({.prefix = "",
                     .heard =
                         [this, &metrics](const topics::Heard &heard) {
                             const auto at = base::instantFrom(work::attributeIn(heard.event, "time"));
                             if (at)
                                 metrics.histogram(metrics::kPropagationSeconds)
                                     .observe(secondsBetween(*at, m_parts.clock.now().wall));
                         },
                     .lost = [] {}});
}

std::function<void(const std::string &, const Error &)> Background::telling(std::string_view category)
{
    return [this, category](const std::string &what, const Error &error) {
        if (!m_isStopping)
            m_parts.telemetry.log().of(category).failure(what, error);
    };
}

void Background::addTo(actions::Registry &actions, work::Routines &routines, redis::KeyRegistry &keys)
{
    outbox::addDeliveryJob(m_jobs, m_consumers);
    outbox::addRoutines(routines, m_database, m_consumers);
    jobs::addRoutines(routines, m_database);
    jobs::addJobActions(actions, m_jobs);
    topics::addKeys(keys);
    routines.add({.name = "idempotency.prune", .period = 10min},
                 [this] { return actions::pruneIdempotency(m_database); });
    routines.add({.name = "metrics.jobs", .period = kCountEvery}, [this] { return count(); });
}

/// Over all servers: whichever counts says it, and the others say what they counted last.
Task<Result<void>> Background::count()
{
    const auto counts = co_await jobs::countJobs(m_database);
    if (!counts)
        co_return counts.error();
    for (auto &[of, jobs] : m_counted)
        jobs = 0;
    for (const jobs::Count &count : *counts)
        m_counted[{count.queue, count.state}] = count.jobs;
    for (const auto &[of, jobs] : m_counted)
        m_parts.telemetry.metrics().gauge(metrics::kJobs, {of.first, of.second}).set(static_cast<double>(jobs));
    co_return Result<void>();
}

void Background::startTelling()
{
    m_topics.start();
}

void Background::startWorking()
{
    m_relay.start();
    m_runner.start();
    m_cron.start();
}

void Background::wakeRelay()
{
    m_relay.wake();
}

void Background::wakeJobs()
{
    m_runner.wake();
}

Task<void> Background::stop(base::Milliseconds within)
{
    m_isStopping = true;
    m_cron.stop();
    co_await m_runner.stop(within);
    co_await m_relay.stop();
}

} // namespace voelgoed::app
