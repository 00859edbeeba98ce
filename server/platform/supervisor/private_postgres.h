#pragma once

#include "server/platform/supervisor/keeper.h"
#include "server/platform/supervisor/postgres_cluster.h"

namespace voelgoed::supervisor {

/// The server's own PostgreSQL: makes its cluster when there is none, ends what an earlier server left, keeps it alive,
/// stops it in order (fast shutdown, then an immediate one). As root it runs as the user postgres. When the server is
/// killed it shuts down by itself, at once and without loss.
class PrivatePostgres
{
public:
    /// As PostgresCluster::at. Conflict when another server has the folder.
    static base::Result<std::unique_ptr<PrivatePostgres>> at(const async::Executor &executor, PostgresOptions options,
                                                             std::function<void(const Notice &)> report = {});
    ~PrivatePostgres();

    /// As Keeper::start. The first time in a folder takes a second or two.
    async::Task<base::Result<void>> start();
    /// Returns when nothing of it is left.
    async::Task<void> stop();

    std::string url(std::string_view role, std::string_view database) const;
    Health health() const;
    pid_t pid() const;
    const PostgresCluster &cluster() const;

private:
    class Parts;
    explicit PrivatePostgres(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> m_parts;
};

} // namespace voelgoed::supervisor
