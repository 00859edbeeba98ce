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

Task<Result<jobs::Outcome>> verifyJob(platform::Kernel &kernel, jobs::Attempt &attempt)
{
    const auto broken = co_await verifyAll(kernel, attempt);
    if (!broken)
        co_return broken.error();
    if (attempt.shouldStop())
        co_return jobs::Snooze{1min};
    co_return jobs::Done{{{"broken", *broken}}};
}

Task<Result<jobs::Outcome>> makePartitions(work::UnitOfWork &unit)
{
    const auto made = co_await unit.tx().run(kMakePartitions, pg::Params::of(kMonthsAhead));
    if (!made)
        co_return made.error();
    co_return jobs::Done{{{"made", made->front().get<std::int32_t>(0)}}};
}

} // namespace

Task<Result<std::size_t>> verifyAll(platform::Kernel &kernel, jobs::Attempt &attempt)
{
    std::size_t broken = 0;
    std::optional<base::Uuid> after;
    for (;;) {
        const auto rows = co_await kernel.behind.read(work::kPlatform, kSealed, pg::Params::of(after, kPage));
        if (!rows)
            co_return rows.error();
        for (std::size_t i = 0; i < rows->size() && !attempt.shouldStop(); ++i) {
            after = (*rows)[i].get<base::Uuid>(0);
            const auto found = co_await verify(kernel.behind, *after, kernel.identity.publicKey());
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

void addJobs(platform::Kernel &kernel)
{
    kernel.jobs.addQueue({.name = "audit", .limit = 1, .timeout = 1h});
    kernel.jobs.add({.name = "audit.verify", .queue = "audit"},
                    [&kernel](jobs::Attempt &attempt) { return verifyJob(kernel, attempt); });
    kernel.jobs.addTransactional({.name = "audit.make_partitions", .queue = "audit"},
                                 [](work::UnitOfWork &unit, jobs::Attempt &) { return makePartitions(unit); });
    kernel.cron.add({.name = "audit.verify",
                     .schedule = at("20 3 * * *"),
                     .kind = "audit.verify",
                     .missed = jobs::CronEntry::Missed::Once});
    kernel.cron.add({.name = "audit.make_partitions",
                     .schedule = at("40 2 1 * *"),
                     .kind = "audit.make_partitions",
                     .missed = jobs::CronEntry::Missed::Once});
}

} // namespace voelgoed::audit
