#include "server/slices/scanning/telling.h"

#include "server/platform/topics/names.h"
#include "shared/base/text.h"
#include "shared/domain/verdict.h"

#include <algorithm>

namespace voelgoed::scanning {

namespace {

// Ids are what a device wrote down: whatever they are, an event stays below its limit.
constexpr std::size_t kIdMax = 40;

std::string id(const std::string &text)
{
    return base::printable(text, kIdMax);
}

std::string_view wordOf(domain::Direction direction)
{
    return direction == domain::Direction::Entry ? "entry" : "exit";
}

bool isAdmitted(const domain::ScanRecord &scan)
{
    return scan.outcome == domain::word(domain::Outcome::Admit);
}

const domain::ScanRecord *toldScanIn(const NewRow &row)
{
    const auto *scan = std::get_if<domain::ScanRecord>(&row.brought->row.what);
    return scan && !scan->test ? scan : nullptr;
}

/// What the platform's owner calls it, where it may be fraud.
std::string_view alertOf(std::string_view kind)
{
    if (kind == "impossible_travel")
        return "impossible_travel";
    if (kind == "repeated_attempts")
        return "duplicate_spam";
    if (kind == "gate_rate")
        return "high_velocity";
    return {};
}

void addAt(std::vector<work::Event> &events, std::vector<std::string> topics, const work::Event &event)
{
    for (std::string &topic : topics) {
        events.push_back(event);
        events.back().topic = std::move(topic);
    }
}

/// The event's, and the session's where it can have one.
std::vector<std::string> topicsOf(const base::Uuid &event, const std::string &session)
{
    std::vector<std::string> topics{topics::kScanningOfEvent.of(event)};
    if (topics::isTopicId(session) && session.size() <= 2 * kIdMax)
        topics.push_back(topics::kScanningOfSession.of(session));
    return topics;
}

/// Names are free text of an organizer's.
constexpr std::size_t kNameMax = 80;

/// What the event's definition says of the gate.
void addGate(boost::json::object &data, const domain::Gate *gate)
{
    if (!gate)
        return;
    data["gate_name"] = base::printable(gate->name, kNameMax);
    if (gate->capacity)
        data["gate_capacity"] = *gate->capacity;
}

std::int64_t throughIn(const Standing &standing, const std::string &gate)
{
    const auto found = standing.through.find(gate);
    return found == standing.through.end() ? 0 : std::max<std::int64_t>(found->second, 0);
}

} // namespace

std::vector<work::Event> incidentEvents(const base::Uuid &organization, const base::Uuid &event, const Plan &plan)
{
    const std::vector<std::string> topics{topics::kScanningOfEvent.of(event),
                                          topics::kScanningOfOrganization.of(organization)};
    std::vector<work::Event> events;
    std::size_t told = 0;
    for (const Incident &incident : plan.incidents) {
        if (!incident.isNew)
            continue;
        if (++told > kIncidentsTold)
            break;
        boost::json::object data = incident.told;
        data["kind"] = incident.kind;
        data["severity"] = incident.severity;
        data["event_id"] = base::toText(event);
        data["details"] = incident.details;
        const auto ordinal = data.if_contains("ordinal");
        work::Event raised{.topic = {},
                           .type = "scanning.incident_raised.v1",
                           .subject = ordinal ? base::toText(*ordinal) : id(incident.subject),
                           .data = data};
        addAt(events, topics, raised);
        if (const std::string_view alert = alertOf(incident.kind); !alert.empty()) {
            data["alert_type"] = alert;
            raised.type = "scanning.fraud_alert.v1";
            raised.data = std::move(data);
            addAt(events, topics, raised);
        }
    }
    return events;
}

std::vector<work::Event> scanEvents(const base::Uuid &event, const Plan &plan, const Standing &standing,
                                    const admission::Rulebook *rulebook)
{
    std::vector<work::Event> events;
    for (const NewRow &row : plan.rows) {
        const domain::ScanRecord *scan = toldScanIn(row);
        if (!scan)
            continue;
        const domain::RowKey &key = row.brought->row.key;
        boost::json::object data{{"event_id", base::toText(event)},
                                 {"checkpoint_id", id(scan->checkpoint.text)},
                                 {"gate_id", id(scan->gate.text)},
                                 {"device_id", id(key.device.text)},
                                 {"direction", wordOf(scan->direction)},
                                 {"reason", id(scan->reason)},
                                 {"at", base::formatInstant(row.brought->at)}};
        if (scan->ordinal.value > 0)
            data["ordinal"] = scan->ordinal.value;
        addGate(data, rulebook ? rulebook->gate(scan->gate.text) : nullptr);
        if (isAdmitted(*scan)) {
            data["count"] = scan->count;
            data["gate_occupancy"] = throughIn(standing, scan->gate.text);
        } else {
            data["outcome"] = id(scan->outcome);
        }
        addAt(events, topicsOf(event, scan->session.text),
              {.topic = {},
               .type = isAdmitted(*scan) ? "scanning.scan_admitted.v1" : "scanning.scan_denied.v1",
               .subject = id(key.device.text) + "/" + std::to_string(key.epoch.value) + "/" +
                          std::to_string(key.sequence.value),
               .data = std::move(data)});
    }
    return events;
}

std::vector<work::Event> shiftEvents(const ShiftNews &shift)
{
    boost::json::object data{{"event_id", base::toText(shift.event)},
                             {"session_id", id(shift.session)},
                             {"device_id", id(shift.device)},
                             {"gate_id", id(shift.gate)},
                             {"started_at", base::formatInstant(shift.startedAt)}};
    if (shift.endedAt) {
        data["ended_at"] = base::formatInstant(*shift.endedAt);
        data["scan_count"] = shift.scans;
    }
    std::vector<work::Event> events;
    addAt(events, topicsOf(shift.event, shift.session),
          {.topic = {},
           .type = shift.endedAt ? "scanning.session_ended.v1" : "scanning.session_started.v1",
           .subject = id(shift.session),
           .data = std::move(data)});
    return events;
}

work::Event batchEvent(const base::Uuid &event, const Plan &plan, const Standing &standing)
{
    std::int64_t admitted = 0, denied = 0;
    for (const NewRow &row : plan.rows) {
        if (const domain::ScanRecord *scan = toldScanIn(row))
            ++(isAdmitted(*scan) ? admitted : denied);
    }
    return {.topic = topics::kScanningOfEvent.of(event),
            .type = "scanning.batch_taken.v1",
            .subject = std::to_string(standing.batch),
            .data = {{"event_id", base::toText(event)},
                     {"batch", standing.batch},
                     {"scans_added", plan.rows.size()},
                     {"admitted", admitted},
                     {"denied", denied},
                     {"errors", plan.quarantined.size()}}};
}

work::Event occupancyEvent(const base::Uuid &event, const GateCount &count, const Standing &standing,
                           const admission::Rulebook *rulebook)
{
    const std::int64_t inside = count.sum.entries - count.sum.exits;
    boost::json::object data{{"event_id", base::toText(event)},
                             {"checkpoint_id", id(count.of.checkpoint)},
                             {"gate_id", id(count.of.gate)},
                             {"entries", count.sum.entries},
                             {"exits", count.sum.exits},
                             {"denied", count.sum.refused},
                             {"current_occupancy", std::max<std::int64_t>(inside, 0)},
                             {"gate_occupancy", throughIn(standing, count.of.gate)},
                             {"total_occupancy", standing.inside}};
    const domain::Gate *gate = rulebook ? rulebook->gate(count.of.gate) : nullptr;
    addGate(data, gate);
    if (gate && gate->capacity)
        data["percent_full"] = percentFull(throughIn(standing, count.of.gate), *gate->capacity);
    return {.topic = topics::kScanningOfEvent.of(event),
            .type = "scanning.occupancy_updated.v1",
            .subject = id(count.of.gate),
            .data = std::move(data)};
}

} // namespace voelgoed::scanning
