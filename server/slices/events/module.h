#pragma once

#include "server/contracts/event_definitions.h"
#include "server/platform/kernel/kernel.h"
#include "server/platform/kernel/slice.h"
#include "server/slices/events/needs.h"

#include <functional>
#include <memory>

namespace voelgoed::events {

struct Made
{
    std::unique_ptr<platform::Slice> slice;
    contracts::EventDefinitions *definitions; ///< of the slice
    /// Tells the slice who keeps the keys of codes (Needs::keys); before anything is served.
    std::function<void(contracts::EventKeyRings &)> useKeys;
};

/// Events and what their gates need to know of them; venues and their gates.
Made make(platform::Kernel &kernel, Needs needs);

} // namespace voelgoed::events
