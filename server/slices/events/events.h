#pragma once

#include "server/slices/events/known.h"

namespace voelgoed::events {

/// What the actions of this slice share. The server's thread.
struct Events
{
    Events(platform::Kernel &given, const Needs &asked) : kernel(given), needs(asked), known(given, asked, zones) {}

    platform::Kernel &kernel;
    Needs needs;
    Zones zones;
    KnownEvents known;
};

} // namespace voelgoed::events
