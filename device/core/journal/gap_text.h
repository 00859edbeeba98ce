#pragma once

#include "device/core/journal/journal.h"

#include <string>

namespace voelgoed::journal {

// Settings that a repair leaves in the device's file.
inline constexpr std::string_view kGaps = "gaps";
inline constexpr std::string_view kNumberedThrough = "numbered_through";
inline constexpr std::string_view kEpochsThrough = "epochs_through";

/// "3-7 12-12": in order, not overlapping.
std::string textOf(const std::vector<Gap> &gaps);
base::Result<std::vector<Gap>> parseGaps(const std::string &text);

/// The mark in a row of: device's number, device's id, epoch, seq, ordinal, checkpoint, gate, direction, persons,
/// overridden, at, rotating. Number 0 is `own`.
Mark markIn(const storage::Statement &statement, const domain::DeviceId &own);

} // namespace voelgoed::journal
