#pragma once

#include "server/app/options.h"
#include "server/platform/supervisor/private_postgres.h"
#include "server/platform/supervisor/private_redis.h"

namespace voelgoed::app {

/// The Postgres and the Redis that this server uses: its own, or those it is pointed at.
class Services
{
public:
    using Report = std::function<void(const std::string &what, const supervisor::Notice &notice)>;

    /// Starts what is private, makes the database where it is private, and brings it up to date.
    static async::Task<base::Result<std::unique_ptr<Services>>> start(async::Executor executor, Options options,
                                                                      Report report);

    /// Redis after Postgres, since what Redis holds can be made again.
    async::Task<void> stop();

    const std::string &postgres() const { return m_postgresUrl; }
    const std::string &owner() const { return m_ownerUrl; }
    const std::string &redis() const { return m_redisUrl; }

private:
    Services() = default;

    std::unique_ptr<supervisor::PrivatePostgres> m_postgres;
    std::unique_ptr<supervisor::PrivateRedis> m_redis;
    std::string m_postgresUrl, m_ownerUrl, m_redisUrl;
};

} // namespace voelgoed::app
