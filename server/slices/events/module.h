#pragma once

#include "server/contracts/event_definitions.h"
#include "server/platform/kernel/kernel.h"
#include "server/platform/kernel/slice.h"
#include "server/slices/events/needs.h"

#include <memory>

namespace voelgoed::events {

struct Made
{
    std::unique_ptr<platform::Slice> slice;
    contracts::EventDefinitions *definitions; ///< of the slice
};

/// Events and what their gates need to know of them; venues and their gates.
Made make(platform::Kernel &kernel, Needs needs);

} // namespace voelgoed::events
