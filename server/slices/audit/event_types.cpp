#include "server/slices/audit/event_types.h"

#include "server/platform/topics/names.h"

namespace voelgoed::audit {

void addEventTypes(work::EventTypes &types)
{
    using Kind = work::EventField::Kind;
    const work::EventField organization{"organization_id", Kind::Id, "whose trail"};
    const std::vector<std::string_view> topics{topics::kAuditOfOrganization.text};
    types.add({{"audit.sealed.v1",
                "The head of a trail was sealed",
                {organization,
                 {"seal", Kind::Integer, "the seal's number"},
                 {"entries", Kind::Integer, "how many it covers"}},
                topics},
               {"audit.broken.v1",
                "A trail is not what was sealed",
                {organization, {"problem", Kind::Text, "what was found, and at which seal"}},
                topics}});
}

} // namespace voelgoed::audit
