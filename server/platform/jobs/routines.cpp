#include "server/platform/jobs/routines.h"

#include "server/platform/work/pruning.h"

namespace voelgoed::jobs {

using async::Task;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr pg::Sql kRescue{"SELECT platform.rescue_jobs()"};
constexpr pg::Sql kPrune{"SELECT platform.prune_jobs(now() - interval '1 day', now() - interval '30 days', $1)"};
constexpr pg::Sql kCount{"SELECT queue, state, jobs FROM platform.count_jobs()"};

Task<Result<void>> rescue(work::Database &database)
{
    const auto rescued = co_await database.read(work::kPlatform, kRescue);
    if (!rescued)
        co_return rescued.error();
    co_return Result<void>();
}

} // namespace

void addRoutines(work::Routines &routines, work::Database &database)
{
    routines.add({.name = "jobs.rescue", .period = 15s}, [&database] { return rescue(database); });
    routines.add({.name = "jobs.prune", .period = 10min},
                 [&database] { return work::pruneInRounds(database, kPrune); });
}

Task<Result<std::vector<Count>>> countJobs(work::Database &database)
{
    const auto rows = co_await database.read(work::kPlatform, kCount);
    if (!rows)
        co_return rows.error();
    std::vector<Count> counts;
    for (const auto row : *rows)
        counts.push_back({row.get<std::string>(0), row.get<std::string>(1), row.get<std::int64_t>(2)});
    co_return counts;
}

} // namespace voelgoed::jobs
