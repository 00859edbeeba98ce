#pragma once

#include "shared/domain/event.h"
#include "shared/domain/scan.h"

#include <chrono>
#include <optional>
#include <span>

/// How many persons are inside, from passages alone.
namespace voelgoed::admission {

/// The latest moment at or before `at` at which all inside are booked out: `closeAt` o'clock, every day, in the event's
/// zone.
base::Instant lastClose(const domain::ZoneTable &zone, std::chrono::seconds closeAt, base::Instant at);

/// When an area is emptied. Several checkpoints of a zone may each have a time of their own: each of them empties it.
struct Closing
{
    const domain::ZoneTable &zone;
    std::span<const std::chrono::seconds> times;

    /// The latest of all closings at or before `at`.
    std::optional<base::Instant> lastBefore(base::Instant at) const;
};

/// Persons of one ticket who are inside at `now`: entries less exits in the order given, never below 0, and 0 again at
/// each closing. `history` holds the ticket's passages at every checkpoint of the area, in the total order.
std::uint32_t insideOf(std::span<const domain::Passage> history, const Closing &closing, base::Instant now);

/// Persons whom the passages let in, exits left out.
std::uint32_t admittedOf(std::span<const domain::Passage> history);

/// How often a ticket may be used at one checkpoint.
struct Allowance
{
    std::uint32_t admits = 1; ///< persons
    domain::Reentry reentry = domain::Reentry::Never;
    Closing closing; ///< of the checkpoint alone, whatever its zone's others do
};

/// Persons who want to come in.
struct Party
{
    base::Instant at;
    std::uint32_t count = 1;
};

/// Persons who count against the allowance at a moment: with `never` all who were let in, with `after_exit` those who
/// are inside. Nothing where every entry is allowed.
std::optional<std::uint32_t> spentOf(std::span<const domain::Passage> history, const Allowance &allowance,
                                     base::Instant at);

/// Whether the allowance still holds the party.
bool isWithin(std::span<const domain::Passage> history, const Allowance &allowance, const Party &party);

} // namespace voelgoed::admission
