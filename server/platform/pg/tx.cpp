#include "server/platform/pg/tx_state.h"

namespace voelgoed::pg {

using base::Error;
using base::ErrorCode;
using base::Result;

namespace {

constexpr Sql kBegin{"BEGIN ISOLATION LEVEL READ COMMITTED"};
constexpr Sql kCommit{"COMMIT"};

const Params kNoParams;

} // namespace

Error TxState::over() const
{
    base::ensure(phase != Phase::Ended, "a transaction that has ended is used again");
    return {ErrorCode::Internal, "a statement of this transaction has failed before", {}};
}

async::Task<Result<std::vector<Rows>>> TxState::send(std::vector<Query> queries, End end)
{
    std::vector<Statement> statements;
    statements.reserve(queries.size());
    for (const Query &query : queries)
        statements.push_back({.text = query.sql.text, .params = &query.params});
    co_return co_await send(std::move(statements), end);
}

async::Task<Result<std::vector<Rows>>> TxState::send(std::vector<Statement> statements, End end)
{
    if (phase == Phase::Failed || phase == Phase::Ended) {
        const Error error = over();
        phase = end == End::Commit ? Phase::Ended : phase;
        co_return error;
    }
    const std::size_t asked = statements.size();
    const bool begins = phase == Phase::Fresh && asked > 0;
    const bool commits = end == End::Commit && (begins || phase == Phase::Open);
    if (begins) {
        const std::vector<Statement> first{{.text = kBegin.text, .params = &kNoParams},
                                           {.text = kScopeSql.text, .params = &scopeIs}};
        statements.insert(statements.begin(), first.begin(), first.end());
        phase = Phase::Open;
    }
    const std::size_t before = statements.size();
    if (commits)
        statements.push_back({.text = kCommit.text, .params = &kNoParams});
    Answers answers;
    if (!statements.empty())
        answers = co_await lease.run(std::move(statements));
    if (!answers.isWhole()) {
        phase = end == End::Commit ? Phase::Ended : Phase::Failed;
        actions.clear();
        co_return commits ? commitFailure(answers, before) : answers.failure();
    }
    answers.rows.erase(answers.rows.begin(), answers.rows.begin() + (begins ? 2 : 0));
    answers.rows.resize(asked);
    if (end == End::Commit) {
        phase = Phase::Ended;
        base::ensure(!commits || answers.lastTag == "COMMIT", "a commit that did not commit");
        // They may begin transactions of their own, and this one is over.
        for (const auto &action : std::exchange(actions, {}))
            action();
    }
    co_return std::move(answers.rows);
}

Tx::Tx(std::unique_ptr<TxState> state) : m_state(std::move(state)) {}
Tx::Tx(Tx &&) noexcept = default;
Tx &Tx::operator=(Tx &&) noexcept = default;
Tx::~Tx() = default;

async::Task<Result<Rows>> Tx::run(Sql sql, Params params)
{
    std::vector<Query> queries;
    queries.push_back({sql, std::move(params)});
    auto rows = co_await m_state->send(std::move(queries), TxState::End::Open);
    if (!rows)
        co_return rows.error();
    co_return std::move(rows->front());
}

async::Task<Result<std::vector<Rows>>> Tx::run(std::vector<Query> queries)
{
    return m_state->send(std::move(queries), TxState::End::Open);
}

async::Task<Result<void>> Tx::commit()
{
    auto done = co_await m_state->send(std::vector<Query>(), TxState::End::Commit);
    if (!done)
        co_return done.error();
    co_return Result<void>();
}

async::Task<Result<std::vector<Rows>>> Tx::runAndCommit(std::vector<Query> queries)
{
    return m_state->send(std::move(queries), TxState::End::Commit);
}

void Tx::afterCommit(std::function<void()> action)
{
    base::ensure(m_state->phase != TxState::Phase::Ended, "an action after a commit that was");
    m_state->actions.push_back(std::move(action));
}

const Scope &Tx::scope() const
{
    return m_state->scope;
}

bool Tx::hasEnded() const
{
    return m_state->phase == TxState::Phase::Ended;
}

async::Task<Result<Tx>> Pool::begin(Scope scope)
{
    auto lease = co_await m_state->lease();
    if (!lease)
        co_return lease.error();
    co_return Tx(std::make_unique<TxState>(*std::move(lease), scope));
}

} // namespace voelgoed::pg
