#pragma once

#include "server/slices/scanning/scanning.h"
#include "shared/protocol/exchange_down.h"
#include "shared/protocol/exchange_up.h"

namespace voelgoed::scanning {

/// What a device is given of the feed that it follows: changes, or an order to fetch all of it anew.
struct Followed
{
    std::optional<protocol::FeedSlice> feed;
    std::optional<protocol::SnapshotOrder> snapshot;
};

/// The changes behind a device's position. One that says it is as far as the feed, and holds another list, gets all of
/// it anew, and an incident is raised: somebody should look at it.
async::Task<base::Result<Followed>> followFeed(Scanning &scanning, access::Actor device, base::Uuid event,
                                               protocol::Position position);

} // namespace voelgoed::scanning
