#pragma once

#include "server/platform/async/semaphore.h"
#include "server/platform/pg/connection.h"
#include "server/platform/pg/pool.h"
#include "shared/base/crypto/system_random.h"

/// What is behind Pool and Tx. Inside this folder.
namespace voelgoed::pg {

struct PoolState;

/// A connection of the pool's that somebody has. Goes back by itself: at once when it is at rest, behind a rollback
/// when a transaction is open on it, and not at all when it broke or something still runs on it.
class Lease
{
public:
    /// What is done with it on its way back, once each: a context that ends destroys that, too.
    enum class Care { None, RollingBack, Proving, Proved };

    Lease(std::shared_ptr<PoolState> pool, async::Semaphore::Permit permit, std::unique_ptr<Connection> connection,
          Care care = Care::None);
    Lease(Lease &&) noexcept = default;
    Lease &operator=(Lease &&) = delete;
    ~Lease();

    /// Runs the statements, and counts them.
    async::Task<Answers> run(std::vector<Statement> statements);

private:
    friend struct PoolState;
    std::shared_ptr<PoolState> m_pool; ///< first, as the permit is the pool's
    async::Semaphore::Permit m_permit;
    std::unique_ptr<Connection> m_connection;
    Care m_care;

    Lease handOver(Care care);
};

struct PoolState : std::enable_shared_from_this<PoolState>
{
    PoolState(const async::Executor &executor, PoolOptions options);

    async::Task<base::Result<Lease>> lease();

    async::Executor executor;
    PoolOptions options;
    async::Semaphore slots;
    async::Event closing;
    std::vector<std::unique_ptr<Connection>> idle; ///< the last one used is used next
    base::SystemRandom random;
    enum class Reach { There, Away } reach = Reach::There;
    enum class Life { Open, Closed } life = Life::Open;
    std::string why; ///< it is away
    std::size_t leased = 0;
    std::size_t returned = 0;
    Pool::Figures counted;

private:
    friend class Lease;
    base::Error awayError() const;
    bool isDueForProof();
    void failed(const base::Error &error);
    void takeBack(std::unique_ptr<Connection> connection);
    async::Task<void> probe();
    ConnectOptions connectOptions() const;
    static async::Task<void> rollBack(Lease lease);
    static async::Task<void> prove(Lease lease);
};

/// The statement that says whose rows the transaction is about.
inline constexpr Sql kScopeSql{"SELECT pg_catalog.set_config('app.org_id', $1, true)"};
Params scopeParams(const Scope &scope);

/// What a batch with a commit in it came to, when `before` statements stood before the commit.
base::Error commitFailure(const Answers &answers, std::size_t before);

} // namespace voelgoed::pg
