#include "server/platform/pg/pool.h"

#include "server/platform/pg/pool_state.h"

#include <algorithm>
#include <array>

namespace voelgoed::pg {

using base::Error;
using base::ErrorCode;
using base::Result;

namespace {

constexpr base::Milliseconds kBackoffFirst{50};
constexpr base::Milliseconds kBackoffMax{5'000};

constexpr Sql kLeftScope{"SELECT coalesce(pg_catalog.current_setting('app.org_id', true), '')"};
constexpr Sql kRollback{"ROLLBACK"};

const Params kNoParams;

// Words that statements begin with: another one is a word of their own making.
constexpr std::array<std::string_view, 8> kOperations{"SELECT", "INSERT", "UPDATE",  "DELETE",
                                                      "WITH",   "LOCK",   "DECLARE", "FETCH"};

/// By what it is counted; leaves out what only begins, ends and scopes a transaction.
std::string_view operationOf(const std::vector<Statement> &statements)
{
    std::string_view operation;
    for (const Statement &statement : statements) {
        std::string_view text = statement.text;
        text.remove_prefix(std::min(text.find_first_not_of(" \n"), text.size()));
        if (statement.text == kScopeSql.text || text.starts_with("BEGIN") || text == "COMMIT" || text == "ROLLBACK")
            continue;
        if (!operation.empty())
            return "BATCH";
        const auto found = std::find_if(kOperations.begin(), kOperations.end(),
                                        [&](std::string_view word) { return text.starts_with(word); });
        operation = found == kOperations.end() ? std::string_view("OTHER") : *found;
    }
    return operation.empty() ? "TRANSACTION" : operation;
}

} // namespace

Params scopeParams(const Scope &scope)
{
    return Params::of(scope.organization ? base::toText(*scope.organization) : std::string());
}

Error commitFailure(const Answers &answers, std::size_t before)
{
    // A statement that failed keeps the commit behind it from being run; and only then it is sure that it was not.
    if (answers.lost && (!answers.error || answers.rows.size() >= before))
        return outcomeUnknown(answers.failure().message);
    return answers.failure();
}

Lease::Lease(std::shared_ptr<PoolState> pool, async::Semaphore::Permit permit, std::unique_ptr<Connection> connection,
             Care care)
    : m_pool(std::move(pool)), m_permit(std::move(permit)), m_connection(std::move(connection)), m_care(care)
{
    ++m_pool->leased;
}

Lease Lease::handOver(Care care)
{
    return {m_pool, std::move(m_permit), std::move(m_connection), care};
}

Lease::~Lease()
{
    if (!m_pool)
        return;
    --m_pool->leased;
    if (!m_connection || m_pool->life == PoolState::Life::Closed)
        return;
    if (m_connection->isInTransaction()) {
        if (m_care == Care::None)
            async::start(m_pool->executor, "pg: rollback", PoolState::rollBack(handOver(Care::RollingBack)));
    } else if (m_care == Care::Proved || (m_care != Care::Proving && !m_pool->isDueForProof())) {
        m_pool->takeBack(std::move(m_connection));
    } else if (m_care != Care::Proving && m_connection->isAtRest()) {
        async::start(m_pool->executor, "pg: check-in", PoolState::prove(handOver(Care::Proving)));
    }
}

async::Task<Answers> Lease::run(std::vector<Statement> statements)
{
    m_pool->counted.statements += statements.size();
    const std::string_view operation = m_pool->options.observe ? operationOf(statements) : std::string_view();
    const auto began = std::chrono::steady_clock::now();
    auto answers = co_await m_connection->run(std::move(statements));
    if (!answers.isWhole())
        ++m_pool->counted.failures;
    if (m_pool->options.observe)
        m_pool->options.observe(
            {operation, std::chrono::steady_clock::now() - began, answers.isWhole() ? nullptr : &answers.failure()});
    co_return answers;
}

PoolState::PoolState(const async::Executor &on, PoolOptions with)
    : executor(on), options(std::move(with)), slots(on, options.connections, options.waitingMax), closing(on)
{
    base::ensure(options.connections > 0 && options.provedEvery > 0, "a pool of nothing");
}

ConnectOptions PoolState::connectOptions() const
{
    return {.url = options.url,
            .applicationName = options.applicationName,
            .connectMax = options.connectMax,
            .statementMax = options.statementMax};
}

Error PoolState::awayError() const
{
    return {ErrorCode::Unavailable, "PostgreSQL is away: " + why, {}};
}

bool PoolState::isDueForProof()
{
    return ++returned % options.provedEvery == 0;
}

async::Task<Result<Lease>> PoolState::lease()
{
    const auto self = shared_from_this();
    if (reach == Reach::Away)
        co_return awayError();
    auto permit = co_await slots.acquire(options.acquireMax);
    if (!permit)
        co_return Error{ErrorCode::Unavailable, "no connection to PostgreSQL came free: " + permit.error().message, {}};
    while (!idle.empty()) {
        auto connection = std::move(idle.back());
        idle.pop_back();
        if (connection->isAlive())
            co_return Lease(self, *std::move(permit), std::move(connection));
    }
    if (reach == Reach::Away)
        co_return awayError();
    auto opened = co_await Connection::open(executor, connectOptions());
    if (!opened) {
        failed(opened.error());
        co_return opened.error();
    }
    co_return Lease(self, *std::move(permit), *std::move(opened));
}

void PoolState::failed(const Error &error)
{
    ++counted.failures;
    // One connection more than it gives is no reason to leave those alone that work. libpq tells this by words only.
    const bool isFull = leased + idle.size() > 0 && (error.message.find("too many") != std::string::npos ||
                                                     error.message.find("connection slots") != std::string::npos);
    if (reach == Reach::Away || life == Life::Closed || isFull)
        return;
    reach = Reach::Away;
    why = error.message;
    async::start(executor, "pg: reconnecting", probe());
}

async::Task<void> PoolState::probe()
{
    const auto self = shared_from_this();
    for (auto delay = kBackoffFirst;; delay = std::min(delay * 2, kBackoffMax)) {
        // Between half of it and all, so that many servers do not come at once.
        const auto half = static_cast<std::uint64_t>(delay.count() / 2);
        co_await closing.waitFor(base::Milliseconds(half + random.below(half + 1)));
        if (life == Life::Closed)
            co_return;
        auto opened = co_await Connection::open(executor, connectOptions());
        if (life == Life::Closed)
            co_return;
        if (opened) {
            ++counted.reconnects;
            reach = Reach::There;
            takeBack(*std::move(opened));
            co_return;
        }
        why = opened.error().message;
    }
}

void PoolState::takeBack(std::unique_ptr<Connection> connection)
{
    if (life == Life::Open && connection->isAtRest() && idle.size() + leased < options.connections)
        idle.push_back(std::move(connection));
}

async::Task<void> PoolState::rollBack(Lease lease)
{
    std::vector<Statement> statements(1, {.text = kRollback.text, .params = &kNoParams});
    co_await lease.run(std::move(statements));
}

async::Task<void> PoolState::prove(Lease lease)
{
    std::vector<Statement> statements(1, {.text = kLeftScope.text, .params = &kNoParams});
    const Answers answers = co_await lease.m_connection->run(std::move(statements));
    base::ensure(!answers.isWhole() || answers.rows.front().front().get<std::string_view>(0).empty(),
                 "a scope was left on a connection");
    lease.m_care = Lease::Care::Proved;
}

Pool::Pool(const async::Executor &executor, PoolOptions options)
    : m_state(std::make_shared<PoolState>(executor, std::move(options)))
{}

Pool::~Pool()
{
    m_state->life = PoolState::Life::Closed;
    m_state->idle.clear();
    m_state->closing.notify();
}

async::Task<Result<std::vector<Rows>>> Pool::once(Scope scope, std::vector<Query> queries)
{
    const auto state = m_state;
    auto lease = co_await state->lease();
    if (!lease)
        co_return lease.error();
    // Without a BEGIN the statements before one sync are one transaction, and so is the setting's life.
    const Params scopeIs = scopeParams(scope);
    std::vector<Statement> statements;
    statements.reserve(queries.size() + 1);
    statements.push_back({.text = kScopeSql.text, .params = &scopeIs});
    for (const Query &query : queries)
        statements.push_back({.text = query.sql.text, .params = &query.params});
    Answers answers = co_await lease->run(std::move(statements));
    if (!answers.isWhole())
        co_return commitFailure(answers, queries.size() + 1);
    answers.rows.erase(answers.rows.begin());
    co_return std::move(answers.rows);
}

async::Task<Result<Rows>> Pool::once(Scope scope, Sql sql, Params params)
{
    std::vector<Query> queries;
    queries.push_back({sql, std::move(params)});
    auto rows = co_await once(scope, std::move(queries));
    if (!rows)
        co_return rows.error();
    co_return std::move(rows->front());
}

bool Pool::isAway() const
{
    return m_state->reach == PoolState::Reach::Away;
}

Pool::Figures Pool::figures() const
{
    Figures figures = m_state->counted;
    figures.open = m_state->idle.size() + m_state->leased;
    figures.busy = m_state->leased;
    figures.waiting = m_state->slots.waiting();
    return figures;
}

} // namespace voelgoed::pg
