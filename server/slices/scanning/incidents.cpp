#include "server/slices/scanning/incidents.h"

#include "shared/base/text.h"
#include "shared/domain/verdict.h"

#include <algorithm>

namespace voelgoed::scanning {

using protocol::PassageRecord;

namespace {

constexpr std::int64_t kCriticalErrorsPercent = 50;
constexpr std::uint64_t kManyTimes = 10;

std::string id(const std::string &text)
{
    return base::printable(text, kToldIdMax);
}

std::string times(std::int64_t count, const char *what)
{
    return std::to_string(count) + " " + what;
}

base::Json placeOf(const PassageRecord &passage)
{
    return {{"device", passage.row.device.text},
            {"gate", passage.gate.text},
            {"at", base::formatInstant(passage.at)},
            {"epoch", passage.row.epoch.value},
            {"seq", passage.row.sequence.value}};
}

/// Looks at one batch from each side.
class Watcher
{
public:
    Watcher(const Facts &facts, const Plan &plan, const Observed &observed)
        : m_watch(facts.watch),
          m_facts(facts),
          m_plan(plan),
          m_observed(observed),
          m_alarms(facts.watch.alarms.thresholds)
    {
        for (const NewRow &row : plan.rows)
            m_fresh.insert(row.brought->row.key);
    }

    std::vector<Incident> look()
    {
        doubles();
        setAside();
        sums();
        for (Incident &incident : ticketIncidents(m_facts, m_plan))
            add(std::move(incident));
        devices();
        full();
        return std::move(m_found);
    }

private:
    void add(Incident incident) { m_found.push_back(std::move(incident)); }

    void doubles()
    {
        for (const DoubleMark &mark : m_plan.doubles) {
            if (!m_fresh.contains(mark.later.row) && !m_fresh.contains(mark.earlier.row))
                continue;
            const PassageRecord &later = mark.later, &earlier = mark.earlier;
            add({.kind = "double",
                 .severity = "warning",
                 .subject = later.checkpoint.text + "/" + std::to_string(later.ordinal.value) + "/" +
                            later.row.device.text + "/" + std::to_string(later.row.sequence.value),
                 .at = later.at,
                 .facts = {{"checkpoint", later.checkpoint.text},
                           {"ordinal", later.ordinal.value},
                           {"earlier", placeOf(earlier)},
                           {"later", placeOf(later)}},
                 .told = {{"ordinal", later.ordinal.value},
                          {"checkpoint_id", id(later.checkpoint.text)},
                          {"gate_id", id(later.gate.text)},
                          {"device_id", id(later.row.device.text)},
                          {"at", base::formatInstant(later.at)},
                          {"earlier_gate_id", id(earlier.gate.text)},
                          {"earlier_device_id", id(earlier.row.device.text)},
                          {"earlier_at", base::formatInstant(earlier.at)}},
                 .details = "A ticket was admitted once more than it allows.",
                 .isNew = !m_watch.doubled.contains(later.row)});
        }
    }

    void setAside()
    {
        for (const auto &[device, rows] : m_observed.setAside) {
            const auto brought = std::count_if(m_plan.settled.begin(), m_plan.settled.end(), [&](const Settled &row) {
                return row.row.device.text == device && row.outcome != protocol::RowOutcome::Quarantined;
            });
            const std::size_t all = rows.rows + static_cast<std::size_t>(brought);
            const bool isMost = all >= kDeliveryRowsMin && rows.rows * 2 > all;
            add({.kind = "quarantine",
                 .severity = isMost ? "critical" : "warning",
                 .subject = device,
                 .at = rows.at,
                 .facts = {{"device", device}, {"rows", rows.rows}, {"of", all}, {"reason", rows.reason}},
                 .told = {{"device_id", id(device)}, {"rows", rows.rows}, {"reason", id(rows.reason)}},
                 .details =
                     times(static_cast<std::int64_t>(rows.rows), "rows could not be taken, and were set aside.")});
        }
    }

    /// Sums that this batch took beyond what is usual.
    void sums()
    {
        std::set<std::pair<TallyKey::Kind, std::string>> told;
        for (const auto &[key, delta] : m_plan.tallies) {
            const auto found = m_watch.tallies.find(key);
            const Tally before = found == m_watch.tallies.end() ? Tally{} : found->second;
            const Tally after{before.total + delta.total, before.marked + delta.marked};
            if (isTooMuch(key.kind, before) || !isTooMuch(key.kind, after) ||
                !told.emplace(key.kind, key.subject).second)
                continue;
            add(ofSum(key, after));
        }
    }

    bool isTooMuch(TallyKey::Kind kind, const Tally &tally) const
    {
        switch (kind) {
        case TallyKey::Kind::GateMinute:
            return tally.total > m_alarms.gateScansPerMinute;
        case TallyKey::Kind::DeviceHour:
            return tally.total >= kDeviceScansMin && tally.marked * 100 > m_alarms.deviceErrorsPercent * tally.total;
        case TallyKey::Kind::EventMinute:
            return tally.marked > m_alarms.conflictsPerMinute;
        }
        return false;
    }

    Incident ofSum(const TallyKey &key, const Tally &sum) const
    {
        Incident incident{.kind = {},
                          .severity = "info",
                          .subject = key.subject,
                          .at = key.since,
                          .facts = {{"since", base::formatInstant(key.since)}},
                          .told = {{"at", base::formatInstant(key.since)}},
                          .details = {}};
        auto &facts = incident.facts.as_object();
        switch (key.kind) {
        case TallyKey::Kind::GateMinute:
            incident.kind = "gate_rate";
            facts["gate"] = key.subject;
            facts["scans"] = sum.total;
            incident.told["gate_id"] = id(key.subject);
            incident.details = times(sum.total, "scans within a minute at one gate.");
            break;
        case TallyKey::Kind::DeviceHour: {
            const std::int64_t percent = sum.marked * 100 / sum.total;
            incident.kind = "device_errors";
            incident.severity = percent >= kCriticalErrorsPercent ? "critical" : "warning";
            facts["device"] = key.subject;
            facts["scans"] = sum.total;
            facts["undecided"] = sum.marked;
            incident.told["device_id"] = id(key.subject);
            incident.details = times(percent, "% of a device's scans within an hour were not decided.");
            break;
        }
        case TallyKey::Kind::EventMinute:
            incident.kind = "conflict_rate";
            incident.severity = "critical";
            facts["conflicts"] = sum.marked;
            incident.details = times(sum.marked, "doubles within a minute.");
            break;
        }
        return incident;
    }

    /// What came late, from whom it should not come, and what has not come yet.
    void devices()
    {
        struct OfDevice
        {
            std::int64_t late = 0, revoked = 0, neverPosted = 0;
            base::Instant oldest = base::kLatest;
        };
        std::map<std::string, OfDevice> all;
        for (const NewRow &made : m_plan.rows) {
            const Brought &brought = *made.brought;
            if (!countedScan(brought.row))
                continue;
            OfDevice &of = all[brought.row.key.device.text];
            if (brought.unverified)
                ++(brought.neverPosted ? of.neverPosted : of.revoked);
            if (brought.source != Source::Json &&
                m_observed.receivedAt - brought.at > std::chrono::hours(m_alarms.lateUploadHours)) {
                ++of.late;
                of.oldest = std::min(of.oldest, brought.at);
            }
        }
        for (const auto &[device, of] : all) {
            if (of.late > 0)
                add(ofDevice({.kind = "late_upload", .severity = "info"}, device, of.late, "scans came late.",
                             {{"oldest", base::formatInstant(of.oldest)}}));
            if (of.revoked > 0)
                add(ofDevice({.kind = "revoked_device", .severity = "warning"}, device, of.revoked,
                             "scans came from a device that was revoked.", {}));
            if (of.neverPosted > 0)
                add(ofDevice({.kind = "device_not_assigned", .severity = "warning"}, device, of.neverPosted,
                             "scans came from a device that never stood at this event.", {}));
        }
        for (const auto &[device, said] : m_observed.said) {
            const auto usual = static_cast<std::uint64_t>(m_alarms.queuedRows);
            if (said.queued >= usual)
                add(ofDevice(
                    {.kind = "queue_length", .severity = said.queued >= usual * kManyTimes ? "warning" : "info"},
                    device, static_cast<std::int64_t>(said.queued), "rows wait on a device.", {}));
            if (said.failures >= static_cast<std::uint32_t>(m_alarms.failedSyncs))
                add(ofDevice({.kind = "failed_syncs", .severity = "info"}, device,
                             static_cast<std::int64_t>(said.queued),
                             "rows waited while a device could not reach the server.", {{"failures", said.failures}}));
        }
    }

    Incident ofDevice(Incident incident, const std::string &device, std::int64_t rows, const char *what,
                      boost::json::object more) const
    {
        incident.subject = device;
        incident.at = m_observed.receivedAt;
        incident.details = times(rows, what);
        incident.told = {{"device_id", id(device)}, {"rows", rows}};
        more["device"] = device;
        more["rows"] = rows;
        incident.facts = std::move(more);
        return incident;
    }

    void full();
    void fill(const char *what, const std::string &name, std::int64_t capacity, std::int64_t before,
              std::int64_t after);

    const Watch &m_watch;
    const Facts &m_facts;
    const Plan &m_plan;
    const Observed &m_observed;
    const contracts::AlarmThresholds &m_alarms;
    std::set<domain::RowKey> m_fresh;
    std::vector<Incident> m_found;
};

void Watcher::fill(const char *what, const std::string &name, std::int64_t capacity, std::int64_t before,
                   std::int64_t after)
{
    const auto percent = [&](std::int64_t persons) { return percentFull(persons, capacity); };
    const bool isNowFull = percent(before) < 100 && percent(after) >= 100;
    const bool isNowNearly =
        percent(before) < m_alarms.nearlyFullPercent && percent(after) >= m_alarms.nearlyFullPercent;
    if (!isNowFull && !isNowNearly)
        return;
    Incident incident{.kind = "nearly_full",
                      .severity = percent(after) >= 100 ? "critical" : "warning",
                      .subject = name.empty() ? std::string(what) : std::string(what) + "/" + name,
                      .at = m_observed.receivedAt,
                      .facts = {{what, name}, {"inside", after}, {"capacity", capacity}, {"percent", percent(after)}},
                      .told = {{"current_occupancy", after}, {"capacity", capacity}, {"percent_full", percent(after)}},
                      .details = times(percent(after), "% full.")};
    if (!name.empty())
        incident.told[std::string(what) + "_id"] = id(name);
    add(std::move(incident));
}

/// Gates, checkpoints or the zones that they share, and the event, which this batch filled.
void Watcher::full()
{
    const admission::Rulebook *rulebook = m_facts.rulebook.get();
    if (!rulebook)
        return;
    const std::map<GateKey, GateDelta> after = occupancyAfter(m_facts, m_plan);
    const base::Instant now = m_observed.receivedAt;
    if (const auto &capacity = m_watch.alarms.eventCapacity; capacity && !m_plan.gates.empty())
        fill("event", {}, *capacity, insideEvent(m_facts.occupancy, rulebook, now), insideEvent(after, rulebook, now));
    std::set<std::string> gates, areas;
    for (const auto &[key, delta] : m_plan.gates) {
        const domain::Gate *gate = rulebook->gate(key.gate);
        if (gate && gate->capacity && gates.insert(key.gate).second)
            fill("gate", key.gate, *gate->capacity, throughGate(m_facts.occupancy, key.gate),
                 throughGate(after, key.gate));
        const auto *checkpoint = rulebook->checkpoint(key.checkpoint);
        if (!checkpoint || !checkpoint->definition.capacity)
            continue;
        const auto &zone = checkpoint->definition.zone;
        const std::string name = zone ? zone->text : key.checkpoint;
        if (areas.insert(name).second)
            fill(zone ? "zone" : "checkpoint", name, *checkpoint->definition.capacity,
                 insideArea(m_facts.occupancy, *rulebook, *checkpoint, m_observed.receivedAt),
                 insideArea(after, *rulebook, *checkpoint, m_observed.receivedAt));
    }
}

} // namespace

std::vector<Incident> incidentsOf(const Facts &facts, const Plan &plan, const Observed &observed)
{
    return Watcher(facts, plan, observed).look();
}

} // namespace voelgoed::scanning
