#include "server/platform/supervisor/private_redis.h"

#include "server/platform/supervisor/files.h"
#include "server/platform/supervisor/leftovers.h"
#include "server/platform/supervisor/redis_door.h"

#include <signal.h>

namespace voelgoed::supervisor {

using base::Result;

namespace {

constexpr KeeperOptions::Step kOrderly{SIGTERM, std::chrono::seconds(10)};

class RedisService final : public Service
{
public:
    explicit RedisService(RedisFolder folder) : m_folder(std::move(folder)) {}

    async::Task<Result<Child>> begin() override
    {
        if (auto ended = co_await endLeftovers(m_folder.dataFolder(), m_folder.program()); !ended)
            co_return ended.error();
        if (auto prepared = m_folder.prepareStart(); !prepared)
            co_return prepared.error();
        co_return Child::start(m_folder.server());
    }

    async::Task<bool> isReady(const Child &) override
    {
        // While it reads its data it answers -LOADING.
        const std::string answer = co_await askRedis(m_folder.socket(), "PING");
        if (answer.rfind("+PONG", 0) != 0)
            co_return false;
        co_return !m_folder.isCluster() || co_await hasAllSlots();
    }

    std::string lastWords() const override { return lastLines(m_folder.log()); }

    const RedisFolder &folder() const { return m_folder; }

private:
    async::Task<bool> hasAllSlots()
    {
        const std::string facts = co_await askRedis(m_folder.socket(), "CLUSTER INFO");
        if (facts.find("cluster_slots_assigned:0\r") != std::string::npos)
            (void)co_await askRedis(m_folder.socket(), "CLUSTER ADDSLOTSRANGE 0 16383");
        co_return facts.find("cluster_state:ok") != std::string::npos;
    }

    RedisFolder m_folder;
};

} // namespace

class PrivateRedis::Parts
{
public:
    Parts(FolderLock lock, const RedisService *of, std::unique_ptr<Keeper> with)
        : m_lock(std::move(lock)), service(of), keeper(std::move(with))
    {}

private:
    FolderLock m_lock; ///< goes last
public:
    const RedisService *service; ///< the keeper's
    std::unique_ptr<Keeper> keeper;
};

PrivateRedis::PrivateRedis(std::unique_ptr<Parts> parts) : m_parts(std::move(parts)) {}
PrivateRedis::~PrivateRedis() = default;

Result<std::unique_ptr<PrivateRedis>> PrivateRedis::at(const async::Executor &executor, RedisOptions options,
                                                       std::function<void(const Notice &)> report)
{
    auto folder = RedisFolder::at(std::move(options));
    if (!folder)
        return folder.error();
    auto lock = FolderLock::take(folder->folder() + "/lock");
    if (!lock)
        return lock.error();
    auto service = std::make_unique<RedisService>(*std::move(folder));
    const RedisService *seen = service.get();
    auto keeper = std::make_unique<Keeper>(
        executor, std::move(service), KeeperOptions{.name = "Redis", .stops = {kOrderly}, .report = std::move(report)});
    return std::unique_ptr<PrivateRedis>(
        new PrivateRedis(std::make_unique<Parts>(*std::move(lock), seen, std::move(keeper))));
}

async::Task<Result<void>> PrivateRedis::start()
{
    return m_parts->keeper->start();
}

async::Task<void> PrivateRedis::stop()
{
    return m_parts->keeper->stop();
}

std::string PrivateRedis::url() const
{
    return folder().url();
}

Health PrivateRedis::health() const
{
    return m_parts->keeper->health();
}

pid_t PrivateRedis::pid() const
{
    return m_parts->keeper->pid();
}

const RedisFolder &PrivateRedis::folder() const
{
    return m_parts->service->folder();
}

} // namespace voelgoed::supervisor
