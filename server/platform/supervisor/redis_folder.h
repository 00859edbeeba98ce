#pragma once

#include "server/platform/supervisor/child.h"

#include <cstdint>
#include <optional>
#include <string>

namespace voelgoed::supervisor {

struct RedisOptions
{
    std::string folder;          ///< made if it is not there
    std::size_t maxMemoryMb = 0; ///< 0: no limit; what does not fit is refused, never dropped
    /// A cluster of one node, for tests: two free TCP ports on 127.0.0.1, beside the socket.
    struct Ports
    {
        std::uint16_t commands = 0;
        std::uint16_t bus = 0;
    };
    std::optional<Ports> cluster;
};

/// A folder with a Redis of our own: data/, run/ (its socket), and beside them, out of its user's reach, our
/// redis.conf, written anew for each start. Reached through the socket, without a password. No coroutines: PrivateRedis
/// adds the life.
class RedisFolder
{
public:
    /// As PostgresCluster::at.
    static base::Result<RedisFolder> at(RedisOptions options);

    base::Result<void> prepareStart() const;
    Program server() const;

    std::string socket() const;
    /// For redis::Client: the socket, or the TCP port of a cluster.
    std::string url() const;
    bool isCluster() const { return m_options.cluster.has_value(); }

    const std::string &folder() const { return m_options.folder; }
    std::string dataFolder() const { return m_options.folder + "/data"; }
    std::string log() const { return m_options.folder + "/redis.log"; }
    const std::string &program() const { return m_program; }

private:
    RedisFolder(RedisOptions options, std::string program, std::optional<Account> account);

    RedisOptions m_options;
    std::string m_program;
    std::optional<Account> m_account;
};

} // namespace voelgoed::supervisor
