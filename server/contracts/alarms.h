#pragma once

#include <boost/describe/class.hpp>

#include <cstdint>

/// From where on an organization wants to be told of something at its gates. The values are the owner's; each
/// organization may set others (its settings, `alarms`). Kept by tenancy, acted on by scanning.
namespace voelgoed::contracts {

struct AlarmThresholds
{
    std::int32_t gateScansPerMinute = 60; ///< more than these at one gate
    std::int32_t repeatsPerHour = 5;      ///< more than these of one ticket that was used up
    std::int32_t farGatesSeconds = 300;   ///< one ticket at two gates within these
    std::int32_t deviceErrorsPercent = 10;
    std::int32_t lateUploadHours = 8;
    std::int32_t nearlyFullPercent = 90;
    std::int32_t conflictsPerMinute = 10;
    std::int32_t queuedRows = 1'000; ///< on one device, not yet brought
    std::int32_t failedSyncs = 5;    ///< of one device, one after the other

    friend bool operator==(const AlarmThresholds &, const AlarmThresholds &) = default;
};
BOOST_DESCRIBE_STRUCT(AlarmThresholds, (),
                      (gateScansPerMinute, repeatsPerHour, farGatesSeconds, deviceErrorsPercent, lateUploadHours,
                       nearlyFullPercent, conflictsPerMinute, queuedRows, failedSyncs))

} // namespace voelgoed::contracts
