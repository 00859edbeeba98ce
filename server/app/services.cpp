#include "server/app/services.h"

#include "server/platform/pg/migrate.h"

namespace voelgoed::app {

using async::Task;
using base::Result;

namespace {

constexpr std::string_view kDatabase = "voelgoed";

} // namespace

Task<Result<std::unique_ptr<Services>>> Services::start(async::Executor executor, Options options, Report report)
{
    std::unique_ptr<Services> services(new Services);
    if (options.postgres.empty()) {
        auto postgres =
            supervisor::PrivatePostgres::at(executor, {.folder = options.data + "/postgres"},
                                            [report](const supervisor::Notice &notice) { report("postgres", notice); });
        if (!postgres)
            co_return postgres.error();
        services->m_postgres = std::move(*postgres);
        if (const auto started = co_await services->m_postgres->start(); !started)
            co_return started.error();
        const auto made =
            co_await pg::makeDatabase(services->m_postgres->url("postgres", "postgres"), std::string(kDatabase));
        if (!made)
            co_return made.error();
        services->m_postgresUrl = services->m_postgres->url("vg_app", kDatabase);
        services->m_ownerUrl = services->m_postgres->url("vg_owner", kDatabase);
    } else {
        services->m_postgresUrl = options.postgres;
        services->m_ownerUrl = options.postgresOwner;
    }
    if (options.redis.empty()) {
        auto redis =
            supervisor::PrivateRedis::at(executor, {.folder = options.data + "/redis"},
                                         [report](const supervisor::Notice &notice) { report("redis", notice); });
        if (!redis)
            co_return redis.error();
        services->m_redis = std::move(*redis);
        if (const auto started = co_await services->m_redis->start(); !started)
            co_return started.error();
        services->m_redisUrl = services->m_redis->url();
    } else {
        services->m_redisUrl = options.redis;
    }
    co_return services;
}

Task<void> Services::stop()
{
    if (m_postgres)
        co_await m_postgres->stop();
    if (m_redis)
        co_await m_redis->stop();
}

} // namespace voelgoed::app
