#pragma once

#include "server/slices/scanning/store.h"

/// What others are told of a batch: pure. At most 1 KB each, flat, ids alone, and nothing that was read.
namespace voelgoed::scanning {

inline constexpr std::size_t kIncidentsTold = 20; ///< of one batch; all of them are in the table

/// For the transaction's outbox: what a batch has newly made known. What may be fraud is told as such, too.
std::vector<work::Event> incidentEvents(const base::Uuid &organization, const base::Uuid &event, const Plan &plan);

/// A word for each scan that is no test: at the event, and at its session. Of who was let in also how full the gate is
/// now. `rulebook`: or none; then nothing is said of names and capacities.
std::vector<work::Event> scanEvents(const base::Uuid &event, const Plan &plan, const Standing &standing,
                                    const admission::Rulebook *rulebook);

/// That a shift has begun or ended: at the event, and at its session.
std::vector<work::Event> shiftEvents(const ShiftNews &shift);

/// In their place where there are many: how many of what.
work::Event batchEvent(const base::Uuid &event, const Plan &plan, const Standing &standing);

/// `count` is one of a checkpoint and a gate; how full the gate is counts all its checkpoints, as its capacity does.
/// `rulebook`: or none; then nothing is said of capacities.
work::Event occupancyEvent(const base::Uuid &event, const GateCount &count, const Standing &standing,
                           const admission::Rulebook *rulebook);

} // namespace voelgoed::scanning
