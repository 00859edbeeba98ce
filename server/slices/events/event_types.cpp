#include "server/slices/events/event_types.h"

#include "server/platform/topics/names.h"

namespace voelgoed::events {

namespace {

using Kind = work::EventField::Kind;
using work::EventField;

constexpr EventField::Presence kSometimes = EventField::Presence::Sometimes;
constexpr EventField kReason{"reason", Kind::Text, "why, or the first of it"};
const std::vector<std::string_view> kTopics{topics::kEventsOfEvent.text, topics::kEventsOfOrganization.text};

/// These, and what all of them say.
std::vector<EventField> of(std::vector<EventField> fields)
{
    fields.push_back({"event_id", Kind::Id, "the event"});
    fields.push_back({"version", Kind::Integer, "the event's version, with this change"});
    return fields;
}

} // namespace

void addEventTypes(work::EventTypes &types)
{
    types.add(
        {{"events.created.v1", "An event was made, as a draft", of({{"slug", Kind::Text, "its short name"}}), kTopics},
         {"events.definition_changed.v1", "An event's definition was replaced",
          of({{"definition_version", Kind::Integer, "the definition's version"}}), kTopics},
         {"events.status_changed.v1", "An event has another status",
          of({{"old_status", Kind::Text, "the status it had"},
              {"new_status", Kind::Text, "the status it has"},
              {"rescheduled_at", Kind::Time, "when a postponed event begins, once that is known", kSometimes},
              {"replaced_by_event_id", Kind::Id, "the event in its place", kSometimes}}),
          kTopics},
         {"events.published.v1", "Everybody may see an event now",
          of({{"name", Kind::Text, "its name, or the first of it"},
              {"starts_at", Kind::Time, "when it begins", kSometimes},
              {"ends_at", Kind::Time, "when it ends", kSometimes},
              {"capacity", Kind::Integer, "how many it takes", kSometimes}}),
          kTopics},
         {"events.cancelled.v1", "An event will not take place", of({kReason}), kTopics},
         {"events.postponed.v1", "An event will take place later", of({kReason}), kTopics},
         {"events.rescheduled.v1", "An event has another time",
          of({{"old_starts_at", Kind::Time, "when it was to begin", kSometimes},
              {"new_starts_at", Kind::Time, "when it begins", kSometimes}}),
          kTopics},
         {"events.gate_state_changed.v1", "A gate of an event was opened or closed",
          of({{"gate_id", Kind::Text, "the gate, as the definition calls it"},
              {"state", Kind::Text, "\"open\" or \"closed\""}}),
          kTopics}});
}

} // namespace voelgoed::events
