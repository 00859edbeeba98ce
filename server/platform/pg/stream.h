#pragma once

#include "server/platform/pg/pool.h"

namespace voelgoed::pg {

/// A result that is too large to be held, as exports have it: read through a cursor, some rows at a time, in one
/// transaction that sees the rows as they were when it began. Holds one connection while it lives; rolled back when it
/// goes. Who reads must not pause for a minute (idle_in_transaction_session_timeout).
///
///     while (true) {
///         auto rows = co_await stream->next();
///         if (!rows)
///             co_return rows.error();
///         if (rows->empty())
///             break;
///         …
///     }
class Stream
{
public:
    static constexpr std::size_t kRowsAtOnce = 1'000;

    static async::Task<base::Result<Stream>> open(Pool &pool, Scope scope, Sql select, Params params = {});

    /// At most kRowsAtOnce; none at the end.
    async::Task<base::Result<Rows>> next();

private:
    Stream(Tx tx, Rows first);

    Tx m_tx;
    Rows m_first; ///< came with the opening
    enum class Part { First, Middle, Last } m_part = Part::First;
};

} // namespace voelgoed::pg
