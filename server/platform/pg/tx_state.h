#pragma once

#include "server/platform/pg/pool_state.h"

namespace voelgoed::pg {

/// What is behind Tx. Inside this folder.
struct TxState
{
    TxState(Lease with, Scope whose) : lease(std::move(with)), scope(whose), scopeIs(scopeParams(whose)) {}

    enum class End { Open, Commit };
    /// What the statements borrow must stay until it is done.
    async::Task<base::Result<std::vector<Rows>>> send(std::vector<Statement> statements, End end);
    async::Task<base::Result<std::vector<Rows>>> send(std::vector<Query> queries, End end);

    Lease lease;
    Scope scope;
    Params scopeIs;
    enum class Phase { Fresh, Open, Failed, Ended } phase = Phase::Fresh;
    std::vector<std::function<void()>> actions;

private:
    base::Error over() const;
};

} // namespace voelgoed::pg
