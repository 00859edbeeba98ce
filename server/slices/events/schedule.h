#pragma once

#include "shared/domain/event.h"

#include <optional>

/// When an event scans, and what becomes of its times when it moves.
namespace voelgoed::events {

/// How long before doors scanning begins, and how long after the end it goes on, where the definition does not say.
struct Grace
{
    std::chrono::minutes before{240};
    std::chrono::minutes after{120};

    friend bool operator==(const Grace &, const Grace &) = default;
};

struct Window
{
    std::optional<base::Instant> from, until;

    bool isWhole() const { return from && until; }
    friend bool operator==(const Window &, const Window &) = default;
};

/// What the definition says; else from doors (or the start) and the end, with grace; of an event that names none, from
/// the earliest and the latest of its dates. Absent where there is nothing to go by, and where it would contradict what
/// the definition says.
Window windowOf(const domain::EventDefinition &definition, const Grace &grace);

/// What decides whether an event sells.
struct Sale
{
    domain::EventStatus status = domain::EventStatus::Draft;
    std::optional<base::Instant> from, until;
    bool hasNewDate = false; ///< it was postponed to a known date
};

/// Published or live, or postponed to a known date, and inside the sale window.
bool isOnSale(const Sale &sale, base::Instant now);

struct NewTimes
{
    base::Instant startsAt;
    std::optional<base::Instant> endsAt, doorsAt; ///< absent: as far from the start as before
};

/// The event at another time: all its times move as far as its start does, those of its dates too, and rescheduledAt
/// says so. Times within rules stay. Invalid for an event without a start.
base::Result<domain::EventDefinition> rescheduled(domain::EventDefinition definition, const NewTimes &times);

} // namespace voelgoed::events
