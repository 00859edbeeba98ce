#include "server/platform/pg/stream.h"

#include "server/platform/pg/tx_state.h"

namespace voelgoed::pg {

using base::Result;

namespace {

constexpr const char *kDeclare = "DECLARE vg_stream NO SCROLL CURSOR FOR ";
// Not prepared: its columns are those of whatever cursor has the name.
constexpr const char *kFetch = "FETCH FORWARD 1000 FROM vg_stream";
static_assert(Stream::kRowsAtOnce == 1'000);

const Params kNoParams;

} // namespace

Stream::Stream(Tx tx, Rows first) : m_tx(std::move(tx)), m_first(std::move(first)) {}

async::Task<Result<Stream>> Stream::open(Pool &pool, Scope scope, Sql select, Params params)
{
    auto tx = co_await pool.begin(scope);
    if (!tx)
        co_return tx.error();
    const std::string declare = std::string(kDeclare) + select.text;
    std::vector<Statement> statements;
    statements.push_back({.text = declare.c_str(), .params = &params, .kept = Statement::Kept::Once});
    statements.push_back({.text = kFetch, .params = &kNoParams, .kept = Statement::Kept::Once});
    auto rows = co_await tx->m_state->send(std::move(statements), TxState::End::Open);
    if (!rows)
        co_return rows.error();
    co_return Stream(*std::move(tx), std::move(rows->back()));
}

async::Task<Result<Rows>> Stream::next()
{
    if (m_part == Part::Last)
        co_return Rows();
    if (m_part == Part::First) {
        m_part = m_first.size() < kRowsAtOnce ? Part::Last : Part::Middle;
        co_return std::exchange(m_first, {});
    }
    std::vector<Statement> statements(1, {.text = kFetch, .params = &kNoParams, .kept = Statement::Kept::Once});
    auto rows = co_await m_tx.m_state->send(std::move(statements), TxState::End::Open);
    if (!rows)
        co_return rows.error();
    if (rows->front().size() < kRowsAtOnce)
        m_part = Part::Last;
    co_return std::move(rows->front());
}

} // namespace voelgoed::pg
