#pragma once

#include "server/platform/supervisor/child.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace voelgoed::supervisor {

struct PostgresOptions
{
    std::string folder;              ///< made if it is not there
    std::string binaries;            ///< where initdb and postgres are; empty: found
    std::size_t sharedBuffersMb = 0; ///< 0: an eighth of the memory, 64 to 1024
    std::size_t connectionsMax = 60;
    enum class Durability {
        Full, ///< what was committed is on the disk
        None  ///< for tests that do not ask: nothing survives a power cut
    } durability = Durability::Full;
};

/// A folder with a PostgreSQL cluster of our own: cluster/ (its data), run/ (its socket), log/, and beside them, out of
/// the reach of its user, our postgresql.conf and pg_hba.conf, written anew for each start. Reached through the socket
/// alone, which lies in a folder that only its user and root may enter; whoever comes so far is believed. No
/// coroutines: PrivatePostgres adds the life.
class PostgresCluster
{
public:
    /// Finds the programs and the user. NotFound without them; Invalid when the socket's path would be too long;
    /// Forbidden when the user could not reach the folder.
    static base::Result<PostgresCluster> at(PostgresOptions options);

    /// Whether initdb has been here, to its end.
    bool exists() const;
    /// Makes a cluster, beside where it will be: UTF-8, C.UTF-8, with checksums. Call finishMaking() when it is done.
    base::Result<Program> making() const;
    base::Result<void> finishMaking() const;

    /// Writes the settings, and takes away the locks that a crash left. Nothing may run in the folder.
    base::Result<void> prepareStart() const;
    Program server() const;

    /// Whether the server with this number takes connections, as it has written down itself.
    bool isReady(pid_t server) const;

    /// For libpq. The roles are those of the cluster; "postgres" is its superuser.
    std::string url(std::string_view role, std::string_view database) const;

    const std::string &folder() const { return m_options.folder; }
    std::string dataFolder() const { return m_options.folder + "/cluster"; }
    /// What it said before its log was open: why it did not start.
    std::string startLog() const { return m_options.folder + "/start.log"; }
    const std::string &program() const { return m_postgres; }

private:
    PostgresCluster(PostgresOptions options, std::string binaries, std::optional<Account> account);
    std::string settings() const;

    PostgresOptions m_options;
    std::string m_initdb, m_postgres;
    std::optional<Account> m_account;
};

} // namespace voelgoed::supervisor
