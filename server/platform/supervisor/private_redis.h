#pragma once

#include "server/platform/supervisor/keeper.h"
#include "server/platform/supervisor/redis_folder.h"

namespace voelgoed::supervisor {

/// The server's own Redis: ends what an earlier server left, keeps it alive, stops it in order. As root it runs as the
/// user redis. When the server is killed it is killed, too; what it has acknowledged is with the operating system then.
class PrivateRedis
{
public:
    /// As RedisFolder::at. Conflict when another server has the folder.
    static base::Result<std::unique_ptr<PrivateRedis>> at(const async::Executor &executor, RedisOptions options,
                                                          std::function<void(const Notice &)> report = {});
    ~PrivateRedis();

    /// As Keeper::start. Returns when it has read its data; a cluster of one node then has all slots.
    async::Task<base::Result<void>> start();
    async::Task<void> stop();

    std::string url() const;
    Health health() const;
    pid_t pid() const;
    const RedisFolder &folder() const;

private:
    class Parts;
    explicit PrivateRedis(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> m_parts;
};

} // namespace voelgoed::supervisor
