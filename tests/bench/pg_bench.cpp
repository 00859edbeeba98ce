// Round trips of pg::Pool::once to a private Postgres, alone and with 16 callers: a figure to know, not a test.
#include "server/platform/pg/pool.h"
#include "tests/support/run_task.h"
#include "tests/support/services.h"

#include <chrono>
#include <cstdio>

using namespace voelgoed;

namespace {

constexpr pg::Sql kOne{"SELECT $1::bigint + 1"};

async::Task<void> call(pg::Pool &pool, int times)
{
    for (int i = 0; i < times; ++i) {
        const auto rows = co_await pool.once(pg::Scope::of(base::Uuid{}), kOne, pg::Params::of(std::int64_t{i}));
        base::ensure(static_cast<bool>(rows), rows ? "" : rows.error().message.c_str());
    }
}

double perSecond(test::Postgres &postgres, std::size_t connections, int callers, int times)
{
    boost::asio::io_context context;
    pg::Pool pool(context.get_executor(), {.url = postgres.url("vg_app"), .connections = connections});
    test::runTask(context, call(pool, 100));
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < callers; ++i)
        async::start(context.get_executor(), "caller", call(pool, times));
    context.restart();
    context.run();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    return callers * times / took.count();
}

} // namespace

int main()
{
    test::Postgres postgres(test::Postgres::Durability::Full);
    std::printf("once, 1 caller: %.0f/s\n", perSecond(postgres, 1, 1, 20'000));
    for (const std::size_t connections : {1, 2, 4, 8})
        std::printf("once, 16 callers over %zu connections: %.0f/s\n", connections,
                    perSecond(postgres, connections, 16, 4'000));
    return 0;
}
