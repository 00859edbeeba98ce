#pragma once

#include "server/contracts/alarms.h"
#include "server/platform/actions/codec.h"

/// An organization's alarms as they are stored: what it has set itself, by name.
namespace voelgoed::tenancy {

/// What is absent stays.
struct AlarmsChange
{
    std::optional<std::int32_t> gateScansPerMinute, repeatsPerHour, farGatesSeconds, deviceErrorsPercent,
        lateUploadHours, nearlyFullPercent, conflictsPerMinute, queuedRows, failedSyncs;
};
BOOST_DESCRIBE_STRUCT(AlarmsChange, (),
                      (gateScansPerMinute, repeatsPerHour, farGatesSeconds, deviceErrorsPercent, lateUploadHours,
                       nearlyFullPercent, conflictsPerMinute, queuedRows, failedSyncs))

inline constexpr std::int32_t kAlarmMax = 1'000'000;

/// The defaults, with what was stored in their place. What this server does not know is passed over.
contracts::AlarmThresholds alarmsFrom(const std::string &stored);
/// What differs from the defaults, to be stored.
std::string alarmsText(const contracts::AlarmThresholds &alarms);
contracts::AlarmThresholds changedBy(contracts::AlarmThresholds alarms, const AlarmsChange &change);
/// The first of the change's names whose value is none that an alarm can have; empty: all are.
std::string wrongAlarmIn(const AlarmsChange &change);

} // namespace voelgoed::tenancy
