#pragma once

#include "server/contracts/event_definitions.h"
#include "server/contracts/event_feed.h"
#include "server/contracts/event_keys.h"
#include "server/contracts/organizations.h"
#include "server/platform/kernel/kernel.h"
#include "server/platform/kernel/slice.h"

#include <memory>

namespace voelgoed::ticketing {

struct Made
{
    std::unique_ptr<platform::Slice> slice;
    contracts::EventKeyRings *keys = nullptr; ///< the slice's own
};

/// What it asks of others, which outlive it.
struct Needs
{
    contracts::EventDefinitions &events;
    contracts::EventFeed &feed;
    contracts::Organizations &organizations;
};

/// Tickets, their codes, and the keys that sign them.
Made make(platform::Kernel &kernel, const Needs &needs);

} // namespace voelgoed::ticketing
