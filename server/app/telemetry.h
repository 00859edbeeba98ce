#pragma once

#include "server/app/options.h"
#include "server/platform/actions/dispatcher.h"
#include "server/platform/log/log.h"
#include "server/platform/log/sinks.h"
#include "server/platform/metrics/metrics.h"
#include "server/platform/pg/pool.h"
#include "server/platform/redis/client.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace voelgoed::app {

/// What a server says of itself: its lines and its figures. Outlives everything that it hands out. Any thread for
/// lines, the server's thread for the rest.
class Telemetry
{
public:
    /// Unavailable when the file for the lines cannot be written.
    static base::Result<std::unique_ptr<Telemetry>> open(const LogOptions &options, base::Clock &clock);

    const log::Log &log() const { return m_log; }
    metrics::Registry &metrics() { return m_metrics; }

    /// A line for what failed here and for what was slow, and the request's time under its route.
    void called(const actions::CallReport &report);
    void redisAnswered(const redis::Done &done);
    void postgresAnswered(const pg::Done &done);
    void limited(const char *policy);

private:
    Telemetry(std::unique_ptr<log::Sink> sink, base::Clock &clock, log::Options options);

    std::unique_ptr<log::Sink> m_sink;
    log::Level m_linesFrom;
    log::Log m_log;
    metrics::Registry m_metrics;
    std::map<std::pair<const char *, const char *>, std::optional<metrics::Histogram>> m_routes;
};

} // namespace voelgoed::app
