#include "server/slices/events/own.h"

#include <algorithm>

namespace voelgoed::events {

using async::Task;
using base::Result;

Task<Result<OwnEvents>> ownEvents(contracts::Badges &badges, access::Actor actor, access::Grant grant)
{
    if (grant != access::Grant::Own)
        co_return OwnEvents();
    std::vector<base::Uuid> own;
    if (actor.device) {
        if (const auto event = base::uuidFrom(actor.device->event))
            own.push_back(*event);
    } else if (actor.kind == access::ActorKind::User && actor.organization) {
        auto worn = co_await badges.wornBy(*actor.organization, actor.id);
        if (!worn)
            co_return worn.error();
        own = std::move(*worn);
    }
    co_return OwnEvents(std::move(own));
}

Task<Result<void>> seesEvent(actions::Context &context, contracts::Badges &badges, base::Uuid event)
{
    const auto own = co_await ownEvents(badges, context.actor(), context.grant());
    if (!own)
        co_return own.error();
    if (*own && std::find((*own)->begin(), (*own)->end(), event) == (*own)->end())
        co_return actions::notFound("event");
    co_return Result<void>();
}

} // namespace voelgoed::events
