#include "server/slices/audit/jobs.h"

#include "server/slices/audit/store.h"
#include "shared/base/ensure.h"
#include "shared/base/text.h"

namespace voelgoed::audit {

using async::Task;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr std::int32_t kPage = 100;
constexpr std::size_t kProblemMax = 255;

constexpr pg::Sql kSealed{"SELECT organization_id FROM audit.sealed_organizations($1, $2)"};
constexpr pg::Sql kMakePartitions{"SELECT audit.make_partitions($1)"};
constexpr pg::Sql kArchive{"SELECT audit.archive_partitions($1)"};
constexpr pg::Sql kDropKeys{"SELECT audit.drop_forgotten_keys()"};

jobs::CronExpression at(std::string_view when)
{
    const auto parsed = jobs::CronExpression::parse(when);
    base::ensure(bool(parsed), "a moment that is none");
    return *parsed;
}

Task<Result<void>> tellBroken(platform::Kernel &kernel, const base::Uuid &organization, const Verification &found)
{
    const std::string id = base::toText(organization);
    kernel.log.of("audit").error("an audit trail is not what was sealed",
                                 {{"organization", id}, {"problem", found.problem}});
    const auto told = co_await kernel.behind.transact<bool>(
        {access::Actor::system(organization, "verify the audit trail"), {}},
        [id, problem = base::printable(found.problem, kProblemMax)](work::UnitOfWork &unit) -> Task<Result<bool>> {
            unit.emit({.topic = topics::kAuditOfOrganization.of(id),
                       .type = "audit.broken.v1",
                       .subject = id,
                       .data = {{"organization_id", id}, {"problem", problem}}});
            co_return true;
        });
    co_return told ? Result<void>() : Result<void>(told.error());
}

Task<Result<jobs::Outcome>> verifyJob(Audit &audit, jobs::Attempt &attempt)
{
    const auto broken = co_await verifyAll(audit, attempt);
    if (!broken)
        co_return broken.error();
    if (attempt.shouldStop())
        co_return jobs::Snooze{1min};
    co_return jobs::Done{{{"broken", *broken}}};
}

/// What one statement does, and says how often.
Task<Result<jobs::Outcome>> count(work::UnitOfWork &unit, const pg::Sql &sql, const char *figure, pg::Params params)
{
    const auto done = co_await unit.tx().run(sql, std::move(params));
    if (!done)
        co_return done.error();
    co_return jobs::Done{{{figure, done->front().get<std::int32_t>(0)}}};
}

} // namespace

Task<Result<std::size_t>> verifyAll(Audit &audit, jobs::Attempt &attempt)
{
    platform::Kernel &kernel = audit.kernel;
    std::size_t broken = 0;
    std::optional<base::Uuid> after;
    for (;;) {
        const auto rows = co_await kernel.behind.read(work::kPlatform, kSealed, pg::Params::of(after, kPage));
        if (!rows)
            co_return rows.error();
        for (std::size_t i = 0; i < rows->size() && !attempt.shouldStop(); ++i) {
            after = (*rows)[i].get<base::Uuid>(0);
            const auto found = co_await verify(kernel.behind, *after, kernel.identity.publicKey(), audit.heads);
            if (!found)
                co_return found.error();
            if (found->problem.empty())
                continue;
            ++broken;
            if (const auto told = co_await tellBroken(kernel, *after, *found); !told)
                co_return told.error();
        }
        if (attempt.shouldStop() || rows->size() < static_cast<std::size_t>(kPage))
            co_return broken;
    }
}

void addJobs(Audit &audit)
{
    platform::Kernel &kernel = audit.kernel;
    kernel.jobs.addQueue({.name = "audit", .limit = 1, .timeout = 1h});
    kernel.jobs.add({.name = "audit.verify", .queue = "audit"},
                    [&audit](jobs::Attempt &attempt) { return verifyJob(audit, attempt); });
    const auto addCounted = [&kernel](const char *kind, const pg::Sql &sql, const char *figure, auto... params) {
        kernel.jobs.addTransactional({.name = kind, .queue = "audit"},
                                     [&sql, figure, params...](work::UnitOfWork &unit, jobs::Attempt &) {
                                         return count(unit, sql, figure, pg::Params::of(params...));
                                     });
    };
    addCounted("audit.make_partitions", kMakePartitions, "made", kMonthsAhead);
    addCounted("audit.archive", kArchive, "archived", kMonthsKept);
    addCounted("audit.drop_forgotten_keys", kDropKeys, "dropped");
    const auto every = [&kernel](const char *kind, std::string_view when) {
        kernel.cron.add({.name = kind, .schedule = at(when), .kind = kind, .missed = jobs::CronEntry::Missed::Once});
    };
    every("audit.verify", "20 3 * * *");
    every("audit.drop_forgotten_keys", "50 2 * * *");
    every("audit.make_partitions", "40 2 1 * *");
    every("audit.archive", "45 2 2 * *");
}

} // namespace voelgoed::audit
