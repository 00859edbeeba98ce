#include "server/slices/scanning/live/reconcile_jobs.h"

#include "server/slices/scanning/measures.h"
#include "server/slices/scanning/reconcile.h"

namespace voelgoed::scanning {

using async::Task;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr std::int32_t kEventsMax = 10'000;
constexpr base::Milliseconds kBusyFor = 1min;

constexpr pg::Sql kScanned{
    "SELECT organization_id, event_id FROM scanning.events_scanned_since(now() - interval '2 days', $1)"};

Task<Result<jobs::Outcome>> reconcileAll(Scanning &scanning, jobs::Attempt &attempt)
{
    const auto rows = co_await attempt.database().read(work::kPlatform, kScanned, pg::Params::of(kEventsMax));
    if (!rows)
        co_return rows.error();
    std::map<base::Uuid, std::vector<base::Uuid>> events;
    for (const auto row : *rows)
        events[row.get<base::Uuid>(0)].push_back(row.get<base::Uuid>(1));
    for (const auto &[organization, of] : events) {
        auto unit = co_await attempt.database().begin({access::Actor::system(organization, "reconciliation"), {}});
        if (!unit)
            co_return unit.error();
        for (const base::Uuid &event : of)
            unit->enqueue(scanning.kernel.jobs.make("scanning.reconcile", {{"event", base::toText(event)}}));
        if (const auto committed = co_await attempt.database().commit(*unit); !committed)
            co_return committed.error();
    }
    co_return jobs::Done{{{"events", rows->size()}}};
}

Task<Result<jobs::Outcome>> reconcile(Scanning &scanning, Mirror &mirror, jobs::Attempt &attempt)
{
    const EventKey event{attempt.job().organization, attempt.uuid("event")};
    auto &metrics = scanning.kernel.metrics;
    const log::Log log = scanning.kernel.log.of("scanning");
    const auto counters = co_await reconcileCounters(attempt.database(), event, scanning.rulebooks);
    if (!counters && counters.error().code == base::ErrorCode::NotFound)
        co_return jobs::CallOff{"there is no such event"};
    if (!counters)
        co_return counters.error();
    if (!counters->empty()) {
        metrics.counter(kDrift, {"rows"}).add();
        log.error("counters were not what the scans add up to, and were set right",
                  {{"event", base::toText(event.event)},
                   {"gates", counters->gates.size()},
                   {"sessions", counters->sessions.size()}});
    }
    const auto copies = co_await mirror.reconcile(event);
    if (!copies && copies.error().code == base::ErrorCode::Timeout)
        co_return jobs::Snooze{kBusyFor};
    if (!copies)
        co_return copies.error();
    if (*copies) {
        metrics.counter(kDrift, {"copies"}).add();
        log.error("figures in Redis were not what the rows say, and were made anew",
                  {{"event", base::toText(event.event)}, {"where", **copies}});
    }
    co_return jobs::Done{
        {{"gates", counters->gates.size()}, {"sessions", counters->sessions.size()}, {"copies", copies->value_or("")}}};
}

} // namespace

void addReconcileJobs(Scanning &scanning, Mirror &mirror)
{
    platform::Kernel &kernel = scanning.kernel;
    kernel.jobs.addQueue({.name = "scanning", .limit = 2, .timeout = 5min});
    kernel.jobs.add({.name = "scanning.reconcile_all", .queue = "scanning", .maxAttempts = 3},
                    [&scanning](jobs::Attempt &attempt) { return reconcileAll(scanning, attempt); });
    kernel.jobs.add({.name = "scanning.reconcile",
                     .queue = "scanning",
                     .maxAttempts = 5,
                     .uniqueKey = [](const base::Json &args) { return base::toText(args.at("event")); }},
                    [&scanning, &mirror](jobs::Attempt &attempt) { return reconcile(scanning, mirror, attempt); });
    kernel.cron.add({.name = "scanning.reconcile_all", .schedule = jobs::Every{1h}, .kind = "scanning.reconcile_all"});
}

} // namespace voelgoed::scanning
