#pragma once

#include "shared/base/crypto/digest.h"

#include <cstdint>

/// Cursors as the server hands them out. To a device they are bytes that it gives back.
namespace voelgoed::protocol {

/// Where in an event's feed: everything up to and including `sequence`.
struct FeedPoint
{
    std::uint32_t epoch = 0;
    std::uint64_t sequence = 0;

    friend bool operator==(const FeedPoint &, const FeedPoint &) = default;
};

/// version (1 byte, = 1) · epoch (u32) · sequence (u64) · HMAC-SHA256, cut to 16 bytes, under the server's key over
/// "VG-CURSOR-1\0" · scope's length (u16) · scope · the bytes before. `scope` says what the cursor is good for and is
/// not in it: organization and event, in a spelling of the server's own, at most 65,535 bytes.
base::Bytes sealCursor(const FeedPoint &point, base::ByteView scope, const base::Digest &key);

/// Unauthorized when it was not made with this key for this scope.
base::Result<FeedPoint> openCursor(base::ByteView sealed, base::ByteView scope, const base::Digest &key);

} // namespace voelgoed::protocol
