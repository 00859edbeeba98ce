#pragma once

#include "shared/base/uuid.h"

namespace voelgoed::scanning {

/// Which event, of whom. What a device or a caller names is an event of its own organization or nothing: whatever is
/// kept by event in memory is kept by this, and never by the event alone.
struct EventKey
{
    base::Uuid organization{}, event{};

    friend auto operator<=>(const EventKey &, const EventKey &) = default;
};

} // namespace voelgoed::scanning
