#pragma once

#include "server/slices/scanning/scanning.h"

namespace voelgoed::scanning {

/// Rows of no event that the organization has, and the device that brought them.
struct Strays
{
    base::Uuid organization{};
    base::Uuid event{}; ///< that the device stands at; zeros: none
    std::string broughtBy;
    std::vector<Unusable> rows;
    base::Instant receivedAt;
};

/// Keeps them, each once, however often it comes: by the device's own event, or by the organization (scanning.strays)
/// where the device has none. What was told to be quarantined is gone from the device.
async::Task<base::Result<void>> setAside(Scanning &scanning, Strays strays);

} // namespace voelgoed::scanning
