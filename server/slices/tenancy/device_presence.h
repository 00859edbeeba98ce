#pragma once

#include "server/contracts/devices.h"
#include "server/platform/work/database.h"

#include <vector>

/// Which devices are there, as those who watch the event's gates are told: one that was away and is heard of, and one
/// that says nothing for kSilentMax.
namespace voelgoed::tenancy {

inline constexpr std::chrono::minutes kSilentMax{5};

/// Writes down who was seen, all of one organization, and tells of those who were not there before.
async::Task<base::Result<void>> writeSightings(work::Database &database, base::Uuid organization,
                                               std::vector<contracts::DeviceSighting> sightings);

/// Tells of devices that have gone silent, of all organizations, once each.
async::Task<base::Result<void>> tellSilent(work::Database &database);

} // namespace voelgoed::tenancy
