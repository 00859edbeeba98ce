#pragma once

#include "server/contracts/devices.h"
#include "server/contracts/event_feed.h"
#include "server/platform/kernel/kernel.h"
#include "server/platform/kernel/slice.h"

#include <memory>

namespace voelgoed::scanning {

struct Made
{
    std::unique_ptr<platform::Slice> slice;
    contracts::EventFeed *feed = nullptr; ///< the slice's own
};

/// Feeds that gates follow, and the scans that they bring.
Made make(platform::Kernel &kernel, contracts::Devices &devices);

} // namespace voelgoed::scanning
