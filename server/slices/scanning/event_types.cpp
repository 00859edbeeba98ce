#include "server/slices/scanning/event_types.h"

#include "server/platform/topics/names.h"

namespace voelgoed::scanning {

namespace {

using Kind = work::EventField::Kind;
using work::EventField;

constexpr EventField::Presence kSometimes = EventField::Presence::Sometimes;
constexpr EventField kEvent{"event_id", Kind::Id, "the event"}, kGate{"gate_id", Kind::Text, "the gate"},
    kDevice{"device_id", Kind::Text, "the device"}, kGateName{"gate_name", Kind::Text, "its name", kSometimes},
    kGateCapacity{"gate_capacity", Kind::Integer, "how many the gate lets be inside, where that is limited",
                  kSometimes};

const std::vector<std::string_view> kEventAndSession{topics::kScanningOfEvent.text, topics::kScanningOfSession.text},
    kEventAndOrganization{topics::kScanningOfEvent.text, topics::kScanningOfOrganization.text};

std::vector<EventField> with(std::vector<EventField> fields, std::vector<EventField> more)
{
    fields.insert(fields.end(), more.begin(), more.end());
    return fields;
}

std::vector<EventField> scan(std::vector<EventField> more)
{
    return with({kEvent,
                 {"checkpoint_id", Kind::Text, "the checkpoint"},
                 kGate,
                 kGateName,
                 kGateCapacity,
                 kDevice,
                 {"direction", Kind::Text, "\"entry\" or \"exit\""},
                 {"reason", Kind::Text, "the rules' word for it"},
                 {"at", Kind::Time, "when, with the device's clock corrected"},
                 {"ordinal", Kind::Integer, "the ticket's number within its event, where it is one", kSometimes}},
                std::move(more));
}

std::vector<EventField> session(std::vector<EventField> more)
{
    return with({kEvent,
                 {"session_id", Kind::Text, "the session"},
                 kDevice,
                 {"gate_id", Kind::Text, "the gate; empty: none"},
                 {"started_at", Kind::Time, "when it began"}},
                std::move(more));
}

std::vector<EventField> incident(std::vector<EventField> more)
{
    return with({kEvent,
                 {"kind", Kind::Text, "\"double\", \"gate_rate\" and so on"},
                 {"severity", Kind::Text, "\"info\", \"warning\" or \"critical\""},
                 {"details", Kind::Text, "a sentence"},
                 {"ordinal", Kind::Integer, "the ticket that it is about", kSometimes},
                 {"checkpoint_id", Kind::Text, "where", kSometimes},
                 {"zone_id", Kind::Text, "where: the zone that checkpoints share", kSometimes},
                 {"gate_id", Kind::Text, "at which gate", kSometimes},
                 {"device_id", Kind::Text, "on which device", kSometimes},
                 {"at", Kind::Time, "when", kSometimes},
                 {"earlier_gate_id", Kind::Text, "at which gate the ticket was before", kSometimes},
                 {"earlier_device_id", Kind::Text, "on which device the ticket was before", kSometimes},
                 {"earlier_at", Kind::Time, "when the ticket was there", kSometimes},
                 {"rows", Kind::Integer, "how many rows it is about", kSometimes},
                 {"reason", Kind::Text, "why they were not taken", kSometimes},
                 {"current_occupancy", Kind::Integer, "persons inside", kSometimes},
                 {"capacity", Kind::Integer, "how many may be", kSometimes},
                 {"percent_full", Kind::Integer, "the one as a share of the other", kSometimes}},
                std::move(more));
}

} // namespace

void addEventTypes(work::EventTypes &types)
{
    types.add(
        {{"scanning.scan_admitted.v1", "Somebody was let through a checkpoint",
          scan({{"count", Kind::Integer, "for how many persons of the ticket"},
                {"gate_occupancy", Kind::Integer, "who came in through the gate and did not go out there"}}),
          kEventAndSession},
         {"scanning.scan_denied.v1", "A scan did not let anybody through",
          scan({{"outcome", Kind::Text, "what the gate decided"}}), kEventAndSession},
         {"scanning.batch_taken.v1",
          "Scans came together, too many to tell one by one",
          {kEvent,
           {"batch", Kind::Integer, "the batch's number within its event"},
           {"scans_added", Kind::Integer, "rows that are new"},
           {"admitted", Kind::Integer, "of these: let through"},
           {"denied", Kind::Integer, "of these: not let through"},
           {"errors", Kind::Integer, "rows that were set aside"}},
          {topics::kScanningOfEvent.text}},
         {"scanning.occupancy_updated.v1",
          "How many went through a gate at a checkpoint",
          {kEvent,
           {"checkpoint_id", Kind::Text, "the checkpoint"},
           kGate,
           kGateName,
           {"entries", Kind::Integer, "persons who came in"},
           {"exits", Kind::Integer, "persons who went out"},
           {"denied", Kind::Integer, "scans that let nobody through"},
           {"current_occupancy", Kind::Integer, "who came in here and did not go out here"},
           {"gate_occupancy", Kind::Integer, "the same of the gate at all its checkpoints"},
           {"total_occupancy", Kind::Integer, "persons inside the event; who is inside two places counts in both"},
           kGateCapacity,
           {"percent_full", Kind::Integer, "the gate's occupancy as a share of it", kSometimes}},
          {topics::kScanningOfEvent.text}},
         {"scanning.rates_updated.v1",
          "How many are scanned just now, at all gates of the event; once a second while anybody is",
          {kEvent,
           {"admitted_per_second", Kind::Integer, "scans of the last whole second that let somebody through"},
           {"denied_per_second", Kind::Integer, "scans of the last whole second that did not"},
           {"admitted_per_minute", Kind::Integer, "the same of the last sixty seconds"},
           {"denied_per_minute", Kind::Integer, "the same of the last sixty seconds"}},
          {topics::kScanningOfEvent.text}},
         {"scanning.session_started.v1", "A device began to scan", session({}), kEventAndSession},
         {"scanning.session_ended.v1", "A device ended its scanning",
          session({{"ended_at", Kind::Time, "when"}, {"scan_count", Kind::Integer, "its scans"}}), kEventAndSession},
         {"scanning.incident_raised.v1", "Something happened that somebody ought to look at", incident({}),
          kEventAndOrganization},
         {"scanning.fraud_alert.v1", "An incident may be fraud",
          incident({{"alert_type", Kind::Text, "\"impossible_travel\", \"duplicate_spam\" or \"high_velocity\""}}),
          kEventAndOrganization}});
}

} // namespace voelgoed::scanning
