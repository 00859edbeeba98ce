#pragma once

#include "server/contracts/badges.h"
#include "server/platform/actions/context.h"

/// Which events are somebody's own, for who may see no others.
namespace voelgoed::events {

/// Events by id; nothing: all that the organization has.
using OwnEvents = std::optional<std::vector<base::Uuid>>;

/// With Grant::Own a device's event is the one that it was put at, a member's are those of which a badge is worn;
/// anybody else has none. With any other grant: all.
async::Task<base::Result<OwnEvents>> ownEvents(contracts::Badges &badges, access::Actor actor, access::Grant grant);

/// NotFound where the event is not among those, as for one that is not there.
async::Task<base::Result<void>> seesEvent(actions::Context &context, contracts::Badges &badges, base::Uuid event);

} // namespace voelgoed::events
