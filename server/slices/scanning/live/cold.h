#pragma once

#include "server/platform/work/database.h"
#include "server/slices/scanning/live/warm.h"

#include <set>

/// An event's figures as Postgres has them: what they are made from again.
namespace voelgoed::scanning {

/// All of it of one moment.
struct ColdFigures
{
    std::int64_t batch = 0, head = 0;
    std::uint32_t ordinalMax = 0; ///< of a ticket that was used
    std::vector<GateCount> gates;
    std::vector<SessionCount> sessions;
};

/// NotFound when the organization has no such event.
async::Task<base::Result<ColdFigures>> readFigures(work::Database &database, EventKey event);

/// Claims of the ordinals from `first` on, so many of them, by the rows up to a place in the feed.
struct ClaimRange
{
    std::uint32_t first = 1, count = 0;
    std::int64_t head = 0;
};
async::Task<base::Result<std::vector<Claim>>> readClaims(work::Database &database, EventKey event, ClaimRange range);

inline constexpr std::int64_t kCaughtUpMax = 20'000; ///< rows

/// Claims of all tickets that were used between two places in the feed, as they are at the second. Nothing when there
/// are too many rows between them: making all anew is the shorter way.
async::Task<base::Result<std::optional<std::vector<Claim>>>> readClaimsBetween(work::Database &database, EventKey event,
                                                                               std::int64_t after, std::int64_t head);

} // namespace voelgoed::scanning
