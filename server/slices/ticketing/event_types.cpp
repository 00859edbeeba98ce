#include "server/slices/ticketing/event_types.h"

#include "server/platform/topics/names.h"

namespace voelgoed::ticketing {

namespace {

using Kind = work::EventField::Kind;
using work::EventField;

const std::vector<std::string_view> kTopics{topics::kTicketingOfEvent.text};

/// These, and what all of them say.
std::vector<EventField> of(std::vector<EventField> fields)
{
    fields.push_back({"event_id", Kind::Id, "the event"});
    return fields;
}

} // namespace

void addEventTypes(work::EventTypes &types)
{
    types.add(
        {{"ticketing.tickets_issued.v1", "Tickets were issued, with ordinals that follow each other",
          of({{"tickets", Kind::Integer, "how many"}, {"first_ordinal", Kind::Integer, "the first one's ordinal"}}),
          kTopics},
         {"ticketing.tickets_imported.v1", "A guest list was taken",
          of({{"added", Kind::Integer, "tickets that are new"},
              {"changed", Kind::Integer, "tickets that were changed"}}),
          kTopics},
         {"ticketing.ticket_changed.v1", "A ticket has another state, block or code",
          of({{"ordinal", Kind::Integer, "the ticket's number within its event"},
              {"state", Kind::Text, "its state, as rules have it"},
              {"blocked", Kind::Boolean, "whether it is blocked for the time being"},
              {"generation", Kind::Integer, "which of its codes is good"}}),
          kTopics},
         {"ticketing.keys_changed.v1", "The keys of an event's codes are others", of({}), kTopics}});
}

} // namespace voelgoed::ticketing
