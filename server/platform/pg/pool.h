#pragma once

#include "server/platform/async/task.h"
#include "server/platform/pg/sql_state.h"
#include "server/platform/pg/statement.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace voelgoed::pg {

struct PoolState;
struct TxState;

/// For whom statements are run: one organization's rows, and nobody else's. `nobody` sees rows of no organization.
struct Scope
{
    std::optional<base::Uuid> organization;

    static Scope of(const base::Uuid &organization) { return {organization}; }
    static Scope nobody() { return {}; }
};

/// A transaction: READ COMMITTED, of one scope, rolled back unless it is committed. There is no other way to a
/// connection, so that no statement runs without a scope. Begins with its first statement (BEGIN and the scope travel
/// with it). May be moved, not copied; must go before the pool. After a failed statement everything but the end fails.
class Tx
{
public:
    Tx(Tx &&) noexcept;
    Tx &operator=(Tx &&) noexcept;
    ~Tx();

    async::Task<base::Result<Rows>> run(Sql sql, Params params = {});

    /// Several statements in one round trip; the answers in their order.
    async::Task<base::Result<std::vector<Rows>>> run(std::vector<Query> queries);

    /// Conflict for a violated uniqueness or exclusion (the message names the constraint), Invalid for a check or a
    /// foreign key, Unavailable when the connection broke, the server shuts down or other transactions were in the way,
    /// Timeout for statement_timeout. A commit that broke off may or may not have happened: Unavailable, and
    /// SqlState::isOutcomeUnknown(). After any failure the transaction is over, and nothing of it has happened unless
    /// the outcome is unknown.
    async::Task<base::Result<void>> commit();
    /// Statements and the commit in one round trip.
    async::Task<base::Result<std::vector<Rows>>> runAndCommit(std::vector<Query> queries);

    /// Called after the commit, in the order in which they were given; forgotten on a roll back.
    void afterCommit(std::function<void()> action);

    const Scope &scope() const;
    /// Whether it was committed, or that was tried.
    bool hasEnded() const;

private:
    friend class Pool;
    friend class Stream;
    explicit Tx(std::unique_ptr<TxState> state);
    std::unique_ptr<TxState> m_state;
};

/// A round trip that ended, for metrics. `operation` is the first word of its first statement, or "BATCH" when there
/// are several (what begins and ends a transaction is not counted). To be looked at and not kept.
struct Done
{
    std::string_view operation;
    std::chrono::nanoseconds took;
    const base::Error *failure; ///< nothing: it went well
};

struct PoolOptions
{
    std::string url; ///< a libpq connection string or URI, with its role
    std::size_t connections = 8;
    base::Milliseconds acquireMax{5'000};
    base::Milliseconds statementMax{10'000};
    base::Milliseconds connectMax{5'000};
    std::size_t waitingMax = 10'000; ///< callers that wait for a connection
    std::string applicationName = "voelgoed-server";
    /// Each so-many-th time that a connection comes back, it is asked whether a scope is left on it, which would be the
    /// end of the program. 1 in tests.
    std::size_t provedEvery = 256;
    std::function<void(const Done &)> observe{}; ///< may be empty
};

/// Connections to one PostgreSQL under one role, opened when they are needed, pipelined (libpq 15), reopened with
/// backoff when they break. Names in SQL have their schema before them: search_path is empty. The server's thread.
class Pool
{
public:
    Pool(const async::Executor &executor, PoolOptions options);
    ~Pool();

    Pool(const Pool &) = delete;
    Pool &operator=(const Pool &) = delete;

    /// Waits for a free connection. Unavailable when PostgreSQL cannot be reached, at once while it is known to be
    /// away.
    async::Task<base::Result<Tx>> begin(Scope scope);

    /// Statements in one transaction of their own and one round trip. Fails as Tx::commit does.
    async::Task<base::Result<std::vector<Rows>>> once(Scope scope, std::vector<Query> queries);
    async::Task<base::Result<Rows>> once(Scope scope, Sql sql, Params params = {});

    /// Runs `work` in a transaction, and again, up to five times, when PostgreSQL says that it collided with another
    /// one (40001, 40P01).
    // async::Task<base::Result<T>> transact(scope, work): see transact.h

    bool isAway() const;
    struct Figures
    {
        std::size_t open = 0, busy = 0, waiting = 0;
        std::uint64_t statements = 0, failures = 0, reconnects = 0;
    };
    Figures figures() const;

private:
    std::shared_ptr<PoolState> m_state;
};

} // namespace voelgoed::pg
