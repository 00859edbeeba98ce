#pragma once

#include "server/platform/pg/pool.h"

#include <type_traits>
#include <utility>

namespace voelgoed::pg {

inline constexpr int kAttemptsMax = 5;

/// How long a transaction waits that collided for the `attempt`th time, so that the two do not meet again.
base::Milliseconds pauseAfterCollision(int attempt);

/// Runs `work`, a callable Task<Result<T>>(Tx &), in a transaction of the scope, and commits unless `work` failed or
/// has ended the transaction itself (runAndCommit). All of it again, in a new transaction, up to five times, when
/// PostgreSQL says that it collided with another one (40001, 40P01): `work` does nothing outside the transaction that
/// may not be done twice. Never again when the outcome of the commit is unknown.
template <class Work>
auto transact(Pool &pool, Scope scope, Work work) -> std::invoke_result_t<Work &, Tx &>
{
    using Outcome = typename std::invoke_result_t<Work &, Tx &>::value_type;
    for (int attempt = 1;; ++attempt) {
        {
            auto tx = co_await pool.begin(scope);
            if (!tx)
                co_return tx.error();
            Outcome outcome = co_await work(*tx);
            base::Result<void> done;
            if (outcome && !tx->hasEnded())
                done = co_await tx->commit();
            if (outcome && done)
                co_return outcome;
            const base::Error error = outcome ? done.error() : outcome.error();
            if (!SqlState::isCollision(error) || attempt == kAttemptsMax)
                co_return error;
        }
        co_await async::sleepFor(pauseAfterCollision(attempt));
    }
}

} // namespace voelgoed::pg
