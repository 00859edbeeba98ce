#include "tests/bench/server/baseline.h"

#include "server/platform/pg/pool.h"
#include "tests/support/run_task.h"

#include <chrono>

namespace voelgoed::bench {

using async::Task;
using base::Result;

namespace {

constexpr std::size_t kBatch = 500, kRowsMax = 50'000;

constexpr pg::Sql kDrop{"DROP TABLE IF EXISTS public.bench_scans"};
constexpr pg::Sql kMake{R"(
CREATE TABLE public.bench_scans (LIKE scanning.scans INCLUDING ALL) PARTITION BY HASH (event_id))"};
constexpr pg::Sql kPartitions{R"(
DO $$
BEGIN
    FOR n IN 0..7 LOOP
        EXECUTE format('CREATE TABLE public.bench_scans_%s PARTITION OF public.bench_scans '
                       'FOR VALUES WITH (MODULUS 8, REMAINDER %s)', n, n);
    END LOOP;
END $$)"};

constexpr pg::Sql kRead{R"(
SELECT device, epoch, seq, session, operator, gate, checkpoint, is_exit, ordinal, generation, count, code_hash, source, at,
    at_device, clock, received_at, outcome, reason, override_by, is_test, unverified, feed_seq, passage, hash, row,
    organization_id
FROM scanning.scans
WHERE event_id = $1 ORDER BY feed_seq LIMIT $2)"};

constexpr pg::Sql kInsert{R"(
INSERT INTO public.bench_scans (organization_id, event_id, device, epoch, seq, session, operator, gate, checkpoint, is_exit,
    ordinal, generation, count, code_hash, source, at, at_device, clock, received_at, outcome, reason, override_by,
    is_test, unverified, feed_seq, passage, hash, row)
SELECT $1, $2, new.* FROM unnest($3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::boolean[], $11::int[], $12::smallint[], $13::int[], $14::bytea[], $15::text[], $16::timestamptz[],
    $17::timestamptz[], $18::smallint[], $19::timestamptz[], $20::text[], $21::text[], $22::text[], $23::boolean[],
    $24::boolean[], $25::bigint[], $26::bytea[], $27::bytea[], $28::bytea[]) AS new)"};

/// Rows of a result, from one to another.
struct Span
{
    const pg::Rows &rows;
    std::size_t from, to;
};

template <class T>
void addColumn(pg::Params &params, const Span &span, std::size_t column)
{
    std::vector<T> values;
    for (std::size_t i = span.from; i < span.to; ++i)
        values.push_back(span.rows.get<T>(i, column));
    if constexpr (std::is_same_v<T, std::string>)
        params.add(std::vector<std::string_view>(values.begin(), values.end()));
    else if constexpr (std::is_same_v<T, base::Bytes>)
        params.add(std::vector<base::ByteView>(values.begin(), values.end()));
    else
        params.add(values);
}

pg::Params paramsOf(const base::Uuid &event, const Span &rows)
{
    pg::Params params = pg::Params::of(rows.rows.front().get<base::Uuid>(26), event);
    using Text = std::string;
    using Bytes = base::Bytes;
    addColumn<Text>(params, rows, 0);
    addColumn<std::int64_t>(params, rows, 1);
    addColumn<std::int64_t>(params, rows, 2);
    for (const std::size_t column : {3U, 4U, 5U, 6U})
        addColumn<Text>(params, rows, column);
    addColumn<bool>(params, rows, 7);
    addColumn<std::int32_t>(params, rows, 8);
    addColumn<std::int16_t>(params, rows, 9);
    addColumn<std::int32_t>(params, rows, 10);
    addColumn<Bytes>(params, rows, 11);
    addColumn<Text>(params, rows, 12);
    addColumn<base::Instant>(params, rows, 13);
    addColumn<base::Instant>(params, rows, 14);
    addColumn<std::int16_t>(params, rows, 15);
    addColumn<base::Instant>(params, rows, 16);
    for (const std::size_t column : {17U, 18U, 19U})
        addColumn<Text>(params, rows, column);
    addColumn<bool>(params, rows, 20);
    addColumn<bool>(params, rows, 21);
    addColumn<std::int64_t>(params, rows, 22);
    for (const std::size_t column : {23U, 24U, 25U})
        addColumn<Bytes>(params, rows, column);
    return params;
}

Task<Result<double>> measure(pg::Pool &pool, base::Uuid event)
{
    const pg::Scope scope = pg::Scope::nobody();
    for (const pg::Sql &sql : {kDrop, kMake, kPartitions}) {
        const auto made = co_await pool.once(scope, sql);
        if (!made)
            co_return made.error();
    }
    const auto rows = co_await pool.once(scope, kRead, pg::Params::of(event, static_cast<std::int64_t>(kRowsMax)));
    if (!rows)
        co_return rows.error();
    const std::size_t count = rows->size();
    std::vector<pg::Params> batches;
    for (std::size_t at = 0; at < count; at += kBatch)
        batches.push_back(paramsOf(event, {*rows, at, std::min(count, at + kBatch)}));
    const auto begun = std::chrono::steady_clock::now();
    for (pg::Params &params : batches) {
        const auto put = co_await pool.once(scope, kInsert, std::move(params));
        if (!put)
            co_return put.error();
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    const auto dropped = co_await pool.once(scope, kDrop);
    co_return static_cast<double>(count) / took.count();
}

} // namespace

Result<double> insertedPerSecond(const std::string &superuser, const base::Uuid &event)
{
    boost::asio::io_context context(1);
    pg::Pool pool(context.get_executor(), {.url = superuser, .connections = 1});
    return test::runTask(context, measure(pool, event));
}

} // namespace voelgoed::bench
