#pragma once

#include "server/contracts/badges.h"
#include "server/contracts/devices.h"
#include "server/contracts/organizations.h"
#include "server/platform/kernel/kernel.h"
#include "server/slices/scanning/area_books.h"
#include "server/slices/scanning/guesses.h"
#include "server/slices/scanning/lane.h"
#include "server/slices/scanning/snapshots.h"

namespace voelgoed::scanning {

/// What this slice needs of its neighbours.
struct Needs
{
    contracts::Devices &devices;
    contracts::Badges &badges;
    contracts::Organizations &organizations;
};

/// What the actions of this slice share. The server's thread.
struct Scanning
{
    Scanning(platform::Kernel &kernel, Needs needs);

    platform::Kernel &kernel;
    contracts::Devices &devices;
    contracts::Badges &badges;
    Waiting waiting;
    Feed feed;
    Lanes lanes;
    Guesses guesses;
    metrics::Histogram judgedHere, brought; ///< seconds
    metrics::Histogram lag;                 ///< seconds
    metrics::Counter doubles;
    Rulebooks rulebooks; ///< of the scans that are judged here
    AreaBooks areas;     ///< likewise
    Snapshots snapshots;
};

} // namespace voelgoed::scanning
