#include "server/slices/scanning/module.h"

#include "server/slices/scanning/actions/occupancy.h"
#include "server/slices/scanning/actions/quarantine.h"
#include "server/slices/scanning/actions/records.h"
#include "server/slices/scanning/actions/scan.h"
#include "server/slices/scanning/actions/sessions.h"
#include "server/slices/scanning/actions/sync.h"
#include "server/slices/scanning/event_types.h"
#include "server/slices/scanning/live/keys.h"
#include "server/slices/scanning/live/rates.h"
#include "server/slices/scanning/live/reconcile_jobs.h"
#include "server/slices/scanning/live/teller.h"
#include "server/slices/scanning/live/topics.h"
#include "server/slices/scanning/migrations.h"
#include "server/slices/scanning/shifts.h"
#include "server/slices/scanning/store_incidents.h"
#include "server/slices/scanning/telling.h"

namespace voelgoed::scanning {

using namespace std::chrono_literals;

namespace {

class Module final : public platform::Slice
{
public:
    Module(platform::Kernel &kernel, Needs needs)
        : m_scanning(kernel, needs),
          m_mirror({.executor = kernel.executor,
                    .database = kernel.behind,
                    .redis = kernel.redis,
                    .random = kernel.random,
                    .failed = [log = kernel.log.of("scanning")](
                                  const std::string &what, const base::Error &error) { log.failure(what, error); }}),
          m_shapes(kernel),
          m_teller(kernel.executor, kernel.topics),
          m_rates(kernel.executor, kernel.redis, kernel.topics)
    {
        addSyncActions(m_scanning);
        addOccupancyActions(kernel.actions, m_figures);
        addLiveKeys(kernel.keys);
        addTopics(kernel, needs.badges);
        addEventTypes(kernel.eventTypes);
        followLanes();
        followTopics(kernel.topics);
        kernel.routines.add({.name = "scanning.figures", .period = 30s}, [this] { return m_mirror.healAll(); });
        kernel.routines.add({.name = "scanning.prune_tallies", .period = 1h},
                            [&kernel] { return pruneTallies(kernel.behind); });
        kernel.routines.add({.name = "scanning.close_shifts", .period = 5min},
                            [&kernel] { return closeSilentShifts(kernel.behind); });
        addScanActions(m_scanning);
        addRecordActions(m_scanning);
        addQuarantineActions(m_scanning);
        addSessionActions(m_scanning);
        addReconcileJobs(m_scanning, m_mirror);
    }

    std::string_view name() const override { return "scanning"; }
    std::vector<pg::Migration> migrations() const override { return scanning::migrations(); }
    Scanning &scanning() { return m_scanning; }

private:
    void followLanes()
    {
        m_scanning.lanes.follow({.within =
                                     [](work::UnitOfWork &unit, const base::Uuid &event, const Plan &plan) {
                                         for (work::Event &told : incidentEvents(unit.organization(), event, plan))
                                             unit.emit(std::move(told));
                                     },
                                 .after =
                                     [this](const Committed &committed) {
                                         measure(committed.plan);
                                         m_mirror.tell(committed);
                                         m_teller.tell(committed);
                                         m_rates.count(committed, m_scanning.kernel.clock.now().wall);
                                     }});
    }

    void measure(const Plan &plan)
    {
        for (const Incident &incident : plan.incidents) {
            if (incident.isNew && incident.kind == "double")
                m_scanning.doubles.add();
        }
        std::optional<base::Instant> oldest;
        for (const NewRow &row : plan.rows) {
            if (row.brought->source != Source::Json)
                oldest = std::min(oldest.value_or(row.brought->at), row.brought->at);
        }
        if (oldest) {
            const std::chrono::duration<double> lag = m_scanning.kernel.clock.now().wall - *oldest;
            m_scanning.lag.observe(std::max(lag.count(), 0.0));
        }
    }

    /// What other servers took wakes the devices that wait here; and who begins to listen gets the figures first.
    void followTopics(topics::Topics &topics)
    {
        const std::string scans(topics::kScanningOfEvent.prefix()), tickets(topics::kTicketingOfEvent.prefix()),
            events(topics::kEventsOfEvent.prefix());
        for (const std::string &prefix : {scans, tickets, events}) {
            topics.listen({.prefix = prefix,
                           .heard =
                               [this, prefix](const topics::Heard &heard) {
                                   if (const auto event = base::uuidFrom(heard.topic.substr(prefix.size())))
                                       m_scanning.waiting.wake(*event);
                               },
                           .lost = [this] { m_scanning.waiting.wakeAll(); }});
        }
        topics.snapshots(scans, [this, scans](base::Uuid organization, std::string topic) {
            return snapshot(organization, base::uuidFrom(topic.substr(scans.size())).value_or(base::Uuid{}));
        });
    }

    async::Task<base::Result<base::Json>> snapshot(base::Uuid organization, base::Uuid event)
    {
        const EventKey key{organization, event};
        const auto figures = co_await m_figures.of(key);
        if (!figures)
            co_return figures.error();
        co_return actions::written(*figures);
    }

    Scanning m_scanning;
    Mirror m_mirror;
    Shapes m_shapes;
    Figures m_figures{m_mirror, m_shapes, m_scanning.badges, m_scanning.lanes, m_scanning.kernel.clock};
    Teller m_teller;
    Rates m_rates;
};

} // namespace

Made make(platform::Kernel &kernel, Needs needs)
{
    auto module = std::make_unique<Module>(kernel, needs);
    Scanning &scanning = module->scanning();
    return {.slice = std::move(module),
            .feed = &scanning.feed,
            .useEvents = [&scanning](contracts::EventDefinitions &events) { scanning.lanes.useEvents(events); }};
}

} // namespace voelgoed::scanning
