#pragma once

#include "server/contracts/event_feed.h"
#include "server/platform/kernel/kernel.h"
#include "server/platform/kernel/slice.h"
#include "server/slices/scanning/scanning.h"

#include <memory>

namespace voelgoed::scanning {

struct Made
{
    std::unique_ptr<platform::Slice> slice;
    contracts::EventFeed *feed = nullptr; ///< the slice's own
};

/// Feeds that gates follow, and the scans that they bring.
Made make(platform::Kernel &kernel, Needs needs);

} // namespace voelgoed::scanning
