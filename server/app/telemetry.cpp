#include "server/app/telemetry.h"

#include "server/platform/metrics/families.h"

#include <unistd.h>

namespace voelgoed::app {

using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr base::Milliseconds kSlow = 1s;

std::string_view statusClassOf(int status)
{
    static constexpr std::array<std::string_view, 6> kClasses{"other", "1xx", "2xx", "3xx", "4xx", "5xx"};
    const int kind = status / 100;
    return kind >= 1 && kind <= 5 ? kClasses[static_cast<std::size_t>(kind)] : kClasses[0];
}

/// Reports take their time; what devices wait for (news) is meant to.
bool mayNotBeSlow(const actions::Declaration &declaration)
{
    return declaration.load != actions::LoadClass::Report && declaration.effect != actions::Effect::Commits;
}

double secondsOf(std::chrono::nanoseconds span)
{
    return std::chrono::duration<double>(span).count();
}

} // namespace

Result<std::unique_ptr<Telemetry>> Telemetry::open(const LogOptions &options, base::Clock &clock)
{
    log::SinkOptions sink;
    sink.path = options.file;
    sink.writing = log::SinkOptions::Writing::Behind;
    const bool readable = options.form == LogOptions::Form::Readable ||
                          (options.form == LogOptions::Form::Guess && options.file.empty() && ::isatty(STDERR_FILENO));
    sink.form = readable ? log::SinkOptions::Form::Readable : log::SinkOptions::Form::Json;
    auto opened = log::openSink(sink);
    if (!opened)
        return opened.error();
    log::Options lines;
    lines.from = options.isVerbose ? log::Level::Debug : log::Level::Info;
    return std::unique_ptr<Telemetry>(new Telemetry(std::move(*opened), clock, lines));
}

Telemetry::Telemetry(std::unique_ptr<log::Sink> sink, base::Clock &clock, log::Options options)
    : m_sink(std::move(sink)), m_linesFrom(options.from), m_log(*m_sink, clock, options)
{}

void Telemetry::called(const actions::CallReport &report)
{
    const std::string_view route = report.declaration ? report.declaration->route : "none";
    const std::string_view status = statusClassOf(report.status);
    // Both have static storage: their addresses tell them apart.
    const auto [place, isNew] = m_routes.try_emplace({route.data(), status.data()});
    if (isNew)
        place->second = m_metrics.histogram(metrics::kHttpSeconds, {route, status});
    place->second->observe(secondsOf(report.took));
    const bool failed = report.status >= 500 && report.error;
    const bool slow = report.took >= kSlow && report.declaration && mayNotBeSlow(*report.declaration);
    if (!failed && !slow && m_linesFrom > log::Level::Debug)
        return;
    const auto line = m_log.of("http").with({{"request", report.requestId},
                                             {"trace_id", work::traceIdOf(report.trace)},
                                             {"action", report.declaration ? report.declaration->name : "none"},
                                             {"status", report.status},
                                             {"took_ms", report.took}});
    if (failed)
        line.failure("a call failed", *report.error);
    else if (slow)
        line.warning("a slow call");
    else
        line.debug("a call");
}

void Telemetry::redisAnswered(const redis::Done &done)
{
    m_metrics.histogram(metrics::kDatabaseSeconds, {"redis", done.operation}).observe(secondsOf(done.took));
    if (done.failure)
        m_metrics.counter(metrics::kDatabaseFailures, {"redis", base::codeWord(done.failure->code)}).add();
}

void Telemetry::postgresAnswered(const pg::Done &done)
{
    m_metrics.histogram(metrics::kDatabaseSeconds, {"postgresql", done.operation}).observe(secondsOf(done.took));
    if (done.failure)
        m_metrics.counter(metrics::kDatabaseFailures, {"postgresql", base::codeWord(done.failure->code)}).add();
}

void Telemetry::limited(const char *policy)
{
    m_metrics.counter(metrics::kRateLimited, {policy}).add();
}

} // namespace voelgoed::app
