#include "server/platform/work/pruning.h"

namespace voelgoed::work {

namespace {

constexpr std::int32_t kRowsMax = 5'000;
constexpr int kRoundsMax = 200;

} // namespace

async::Task<base::Result<void>> pruneInRounds(Database &database, pg::Sql sql, pg::Params params)
{
    params.add(kRowsMax);
    for (int round = 0; round < kRoundsMax; ++round) {
        const auto pruned = co_await database.read(kPlatform, sql, params);
        if (!pruned)
            co_return pruned.error();
        if (pruned->front().get<std::int64_t>(0) < kRowsMax)
            break;
    }
    co_return base::Result<void>();
}

} // namespace voelgoed::work
