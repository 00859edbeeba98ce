#include "server/slices/api/event_types.h"

#include "server/platform/topics/names.h"

namespace voelgoed::api {

namespace {

using Kind = work::EventField::Kind;
using work::EventField;

const std::vector<std::string_view> kTopics{topics::kKeysOfOrganization.text};
const std::vector<EventField> kKey{{"key_id", Kind::Id, "the key"},
                                   {"prefix", Kind::Text, "how the key begins; nothing of its secret"}};

} // namespace

void addEventTypes(work::EventTypes &types)
{
    types.add({{"api.key_created.v1", "An API key was made", kKey, kTopics},
               {"api.key_rolled.v1", "An API key was made in another one's place", kKey, kTopics},
               {"api.key_revoked.v1", "An API key was taken back", kKey, kTopics},
               {"api.quota_warning.v1",
                "Much of a day's calls are used, or all of them",
                {{"percent", Kind::Integer, "how much, at least"},
                 {"used", Kind::Integer, "calls of this day"},
                 {"calls_per_day", Kind::Integer, "how many a day has"},
                 {"day", Kind::Text, "which day, in UTC: \"2026-12-05\""}},
                kTopics}});
}

} // namespace voelgoed::api
