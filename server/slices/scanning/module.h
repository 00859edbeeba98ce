#pragma once

#include "server/contracts/event_feed.h"
#include "server/platform/kernel/kernel.h"
#include "server/platform/kernel/slice.h"
#include "server/slices/scanning/scanning.h"

#include <functional>
#include <memory>

namespace voelgoed::scanning {

struct Made
{
    std::unique_ptr<platform::Slice> slice;
    contracts::EventFeed *feed = nullptr; ///< the slice's own
    /// Tells the slice who knows how many an event holds; before anything is served.
    std::function<void(contracts::EventDefinitions &)> useEvents{};
};

/// Feeds that gates follow, and the scans that they bring.
Made make(platform::Kernel &kernel, Needs needs);

} // namespace voelgoed::scanning
