#pragma once

#include "server/contracts/devices.h"
#include "server/platform/kernel/kernel.h"
#include "server/slices/scanning/lane.h"
#include "server/slices/scanning/snapshots.h"

namespace voelgoed::scanning {

/// What the actions of this slice share. The server's thread.
struct Scanning
{
    Scanning(platform::Kernel &kernel, contracts::Devices &devices);

    platform::Kernel &kernel;
    contracts::Devices &devices;
    Waiting waiting;
    Feed feed;
    Lanes lanes;
    Rulebooks rulebooks; ///< of the scans that are judged here
    Snapshots snapshots;
};

} // namespace voelgoed::scanning
