#pragma once

#include "server/platform/metrics/metrics.h"

/// What the platform counts. Slices declare their own.
namespace voelgoed::metrics {

inline constexpr Family kHttpSeconds{"http_server_request_duration_seconds",
                                     "Requests, until the last byte of the answer",
                                     Kind::Histogram,
                                     {"http_route", "status"},
                                     Buckets::Http,
                                     2'000};
inline constexpr Family kDatabaseSeconds{"db_client_operation_duration_seconds",
                                         "Calls to PostgreSQL and Redis",
                                         Kind::Histogram,
                                         {"db_system_name", "operation"},
                                         Buckets::Db,
                                         500};
inline constexpr Family kDatabaseFailures{
    "vg_db_failures_total", "Calls to PostgreSQL and Redis that failed", Kind::Counter, {"db_system_name", "failure"}};
inline constexpr Family kCacheRequests{
    "vg_cache_requests_total", "Look-ups in the tiers", Kind::Counter, {"tier", "cache", "result"}};
inline constexpr Family kJobs{"vg_jobs", "Jobs by state", Kind::Gauge, {"queue", "state"}};
inline constexpr Family kEvents{"vg_events_total", "Domain events that were published", Kind::Counter, {"type"}};
inline constexpr Family kPropagationSeconds{
    "vg_topic_propagation_seconds", "From an event's time to its subscribers", Kind::Histogram, {}, Buckets::Http};
inline constexpr Family kRateLimited{
    "vg_rate_limited_total", "Requests that a limit denied", Kind::Counter, {"policy"}};
inline constexpr Family kRedisPending{"vg_redis_pending", "Calls that wait for Redis", Kind::Gauge};
inline constexpr Family kPoolConnections{
    "vg_pg_connections", "Connections to PostgreSQL, and callers that wait for one", Kind::Gauge, {"state"}};
inline constexpr Family kCalls{"vg_calls", "Calls of actions in hand", Kind::Gauge};
inline constexpr Family kConnections{"vg_http_connections", "Open connections of HTTP", Kind::Gauge};
inline constexpr Family kRedisReconnects{"vg_redis_reconnects", "Connections to Redis that broke", Kind::Gauge};

} // namespace voelgoed::metrics
