#pragma once

#include "server/platform/work/database.h"
#include "server/slices/scanning/feed.h"
#include "shared/base/crypto/digest.h"
#include "shared/protocol/exchange_down.h"

namespace voelgoed::scanning {

/// Under which scope cursors of an event are sealed.
base::Bytes cursorScope(const base::Uuid &organization, const base::Uuid &event);

/// Where a device's request says that it stands, once its cursor was opened.
struct Stand
{
    std::int32_t epoch = 0;
    std::int64_t after = 0;
    bitmap::RollingChecksum list, history;
};

struct Reading
{
    std::optional<protocol::FeedSlice> slice;
    std::optional<protocol::SnapshotReason> snapshot;
};

/// The changes behind a device's position, at most protocol::kSliceMax, or that it needs a snapshot. All of it is read
/// at one moment, so that the checksums of the head are those of the changes up to it.
async::Task<base::Result<Reading>> readFeed(work::Database &database, base::Uuid organization, base::Uuid event,
                                            Stand stand, base::Digest cursorKey);

} // namespace voelgoed::scanning
