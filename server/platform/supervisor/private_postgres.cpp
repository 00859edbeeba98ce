#include "server/platform/supervisor/private_postgres.h"

#include "server/platform/supervisor/files.h"
#include "server/platform/supervisor/leftovers.h"

#include <signal.h>

namespace voelgoed::supervisor {

using base::Error;
using base::ErrorCode;
using base::Result;

namespace {

// Ends sessions, writes everything down; then, if that hangs, ends at once and recovers at the next start.
constexpr KeeperOptions::Step kFast{SIGINT, std::chrono::seconds(30)};
constexpr KeeperOptions::Step kImmediate{SIGQUIT, std::chrono::seconds(10)};
// Recovery of a large log comes before the first answer.
constexpr auto kStartMax = std::chrono::minutes(5);

class PostgresService final : public Service
{
public:
    explicit PostgresService(PostgresCluster cluster) : m_cluster(std::move(cluster)) {}

    async::Task<Result<Child>> begin() override
    {
        if (auto ended = co_await endLeftovers(m_cluster.dataFolder(), m_cluster.program()); !ended)
            co_return ended.error();
        if (!m_cluster.exists()) {
            if (auto made = co_await make(); !made)
                co_return made.error();
        }
        if (auto prepared = m_cluster.prepareStart(); !prepared)
            co_return prepared.error();
        co_return Child::start(m_cluster.server());
    }

    async::Task<bool> isReady(const Child &child) override { co_return m_cluster.isReady(child.pid()); }

    std::string lastWords() const override { return lastLines(m_cluster.startLog()); }

    const PostgresCluster &cluster() const { return m_cluster; }

private:
    async::Task<Result<void>> make()
    {
        const auto program = m_cluster.making();
        if (!program)
            co_return program.error();
        auto child = Child::start(*program);
        if (!child)
            co_return child.error();
        while (!child->ended())
            co_await whenEnded(*child);
        if (child->ended()->status != 0)
            co_return Error{ErrorCode::Unavailable, "initdb: " + lastWords(), "is the disk full?"};
        co_return m_cluster.finishMaking();
    }

    PostgresCluster m_cluster;
};

} // namespace

class PrivatePostgres::Parts
{
public:
    Parts(FolderLock lock, const PostgresService *of, std::unique_ptr<Keeper> with)
        : m_lock(std::move(lock)), service(of), keeper(std::move(with))
    {}

private:
    FolderLock m_lock; ///< goes last
public:
    const PostgresService *service; ///< the keeper's
    std::unique_ptr<Keeper> keeper;
};

PrivatePostgres::PrivatePostgres(std::unique_ptr<Parts> parts) : m_parts(std::move(parts)) {}
PrivatePostgres::~PrivatePostgres() = default;

Result<std::unique_ptr<PrivatePostgres>> PrivatePostgres::at(const async::Executor &executor, PostgresOptions options,
                                                             std::function<void(const Notice &)> report)
{
    auto cluster = PostgresCluster::at(std::move(options));
    if (!cluster)
        return cluster.error();
    auto lock = FolderLock::take(cluster->folder() + "/lock");
    if (!lock)
        return lock.error();
    auto service = std::make_unique<PostgresService>(*std::move(cluster));
    const PostgresService *seen = service.get();
    auto keeper = std::make_unique<Keeper>(
        executor, std::move(service),
        KeeperOptions{
            .name = "PostgreSQL", .startMax = kStartMax, .stops = {kFast, kImmediate}, .report = std::move(report)});
    return std::unique_ptr<PrivatePostgres>(
        new PrivatePostgres(std::make_unique<Parts>(*std::move(lock), seen, std::move(keeper))));
}

async::Task<Result<void>> PrivatePostgres::start()
{
    return m_parts->keeper->start();
}

async::Task<void> PrivatePostgres::stop()
{
    co_await m_parts->keeper->stop();
    // Its logger goes a little later than itself.
    (void)co_await endLeftovers(cluster().dataFolder(), cluster().program());
}

std::string PrivatePostgres::url(std::string_view role, std::string_view database) const
{
    return cluster().url(role, database);
}

Health PrivatePostgres::health() const
{
    return m_parts->keeper->health();
}

pid_t PrivatePostgres::pid() const
{
    return m_parts->keeper->pid();
}

const PostgresCluster &PrivatePostgres::cluster() const
{
    return m_parts->service->cluster();
}

} // namespace voelgoed::supervisor
