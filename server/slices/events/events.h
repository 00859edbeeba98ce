#pragma once

#include "server/slices/events/known.h"
#include "server/slices/events/public_pages.h"

namespace voelgoed::events {

/// What the actions of this slice share. The server's thread.
struct Events
{
    Events(platform::Kernel &given, const Needs &asked)
        : kernel(given), needs(asked), known(given, asked, zones), pages(given)
    {}

    /// It was changed here, and that is committed.
    void forget(const base::Uuid &organization, const base::Uuid &event)
    {
        known.forget(organization, event);
        pages.forget(event);
    }

    platform::Kernel &kernel;
    Needs needs;
    Zones zones;
    KnownEvents known;
    PublicPages pages;
};

} // namespace voelgoed::events
