#include "server/platform/jobs/execution.h"

#include <algorithm>
#include <exception>

namespace voelgoed::jobs {

using async::Task;
using base::Error;
using base::ErrorCode;
using base::Milliseconds;
using base::Result;
using namespace std::chrono_literals;

namespace {

using Life = Execution::Life;

constexpr int kCollisionsMax = 5;
constexpr Milliseconds kAgainFirst = 100ms;
constexpr Milliseconds kAgainMax = 2s;

Error threw(const std::exception &exception)
{
    return {ErrorCode::Internal, std::string("it threw: ") + exception.what(), {}};
}

Error abandoned()
{
    return {ErrorCode::Unavailable, "the server goes", {}};
}

Error late()
{
    return {ErrorCode::Timeout, "its time was over", {}};
}

Task<Result<Outcome>> runHandler(Execution &execution)
{
    try {
        co_return co_await execution.entry->handler(execution.attempt);
    } catch (const std::exception &exception) {
        co_return threw(exception);
    }
}

Task<Result<Outcome>> runChange(Execution &execution, work::UnitOfWork &unit)
{
    try {
        co_return co_await execution.entry->change(unit, execution.attempt);
    } catch (const std::exception &exception) {
        co_return threw(exception);
    }
}

/// The change and the job's end, together or not at all. The state into which the job went.
Task<Result<std::string>> changeOnce(Execution &execution)
{
    work::Database &database = execution.attempt.database();
    auto unit = co_await database.begin(execution.attempt.who());
    if (!unit)
        co_return unit.error();
    const auto outcome = co_await runChange(execution, *unit);
    if (!outcome)
        co_return outcome.error();
    if (execution.life == Life::Abandoned)
        co_return abandoned();
    if (execution.isLate)
        co_return late();
    const End end = endOf(*outcome);
    std::vector<pg::Query> last;
    last.push_back(finish(execution.attempt.job(), execution.worker, end));
    const auto committed = co_await database.commit(*unit, std::move(last));
    if (!committed)
        co_return committed.error();
    co_return end.state;
}

Task<Result<std::string>> change(Execution &execution)
{
    for (int collisions = 1;; ++collisions) {
        auto changed = co_await changeOnce(execution);
        if (changed || !pg::SqlState::isCollision(changed.error()) || collisions == kCollisionsMax)
            co_return changed;
    }
}

Task<Result<std::string>> handle(const std::shared_ptr<Execution> &execution)
{
    if (!execution->entry)
        co_return Error{ErrorCode::Unsupported, "this server knows no such kind of jobs", {}};
    if (execution->entry->change)
        co_return co_await change(*execution);
    const auto outcome = co_await runHandler(*execution);
    if (!outcome)
        co_return outcome.error();
    if (execution->isLate)
        co_return late();
    End end = endOf(*outcome);
    const std::string state = end.state;
    if (const auto written = co_await writeEnd(execution, std::move(end)); !written)
        co_return written.error();
    co_return state;
}

} // namespace

Task<Result<void>> writeEnd(std::shared_ptr<Execution> execution, End end)
{
    for (Milliseconds pause = kAgainFirst; execution->life != Life::Abandoned; pause = std::min(pause * 2, kAgainMax)) {
        const pg::Query query = finish(execution->attempt.job(), execution->worker, end);
        const auto written =
            co_await execution->attempt.database().read(execution->attempt.job().organization, query.sql, query.params);
        if (written)
            co_return Result<void>();
        // A write of which nobody knows whether it happened is refused the second time if it did.
        if (written.error().code != ErrorCode::Unavailable && written.error().code != ErrorCode::Timeout)
            co_return written.error();
        co_await async::sleepFor(pause);
    }
    co_return abandoned();
}

Task<Executed> execute(std::shared_ptr<Execution> execution, base::Random &random)
{
    const auto handled = co_await handle(execution);
    if (handled)
        co_return Executed{*handled, {}};
    const Error error = handled.error();
    // Somebody else's by now, or its commit may have happened: then it has ended, or its lease will.
    if (execution->life != Life::Runs || execution->isLate || isNoLongerOurs(error) ||
        pg::SqlState::isOutcomeUnknown(error))
        co_return Executed{{}, error};
    const Kind *kind = execution->entry ? &execution->entry->kind : nullptr;
    End end = endOf(error, execution->attempt.job(), kind, random);
    const std::string state = end.state;
    const auto written = co_await writeEnd(execution, std::move(end));
    co_return Executed{written ? state : std::string(), error};
}

} // namespace voelgoed::jobs
