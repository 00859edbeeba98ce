#pragma once

#include "server/slices/scanning/store.h"

/// How shifts are written down, whoever says them: rows that were made in one, the notes of devices, and people.
namespace voelgoed::scanning {

/// Adds what writes the shifts that a batch tells of. At most one stays open on a device: the one that began last, and
/// before it those that the device itself began. What was closed is not opened again.
void addSessions(const Plan &plan, const Batch &batch, Writing &writing);

/// Whoever writes shifts of devices holds this until the transaction ends.
pg::Query lockDevices(const std::vector<std::string> &devices);

} // namespace voelgoed::scanning
