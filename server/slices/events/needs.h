#pragma once

#include "server/contracts/badges.h"
#include "server/contracts/event_feed.h"
#include "server/contracts/event_keys.h"
#include "server/contracts/organizations.h"

namespace voelgoed::events {

/// What this slice asks of others. Outlives it.
struct Needs
{
    contracts::EventFeed &feed;
    contracts::Organizations &organizations;
    contracts::Badges &badges;
    /// Who keeps the keys asks this slice for definitions, and is made after it. Null: codes of events are not signed.
    contracts::EventKeyRings *keys = nullptr;
};

} // namespace voelgoed::events
