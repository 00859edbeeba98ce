#pragma once

#include "server/contracts/event_feed.h"
#include "server/contracts/event_keys.h"
#include "server/contracts/organizations.h"

namespace voelgoed::events {

/// What this slice asks of others. Outlives it.
struct Needs
{
    contracts::EventFeed &feed;
    contracts::EventKeyRings &keys;
    contracts::Organizations &organizations;
};

} // namespace voelgoed::events
