#pragma once

#include "server/contracts/event_definitions.h"
#include "server/contracts/event_feed.h"
#include "server/contracts/organizations.h"
#include "server/platform/kernel/kernel.h"
#include "server/slices/ticketing/signer.h"

namespace voelgoed::ticketing {

/// What the actions of this slice share. The server's thread.
struct Ticketing
{
    platform::Kernel &kernel;
    contracts::EventDefinitions &events;
    contracts::EventFeed &feed;
    contracts::Organizations &organizations;
    Signer signer;
};

} // namespace voelgoed::ticketing
