#pragma once

#include "device/core/replica/replica.h"
#include "shared/protocol/feed.h"

#include <functional>
#include <span>

namespace voelgoed::replica {

/// A part of the feed that goes into the list in force in one transaction: the changes behind the list's cursor, up to
/// and including `through`.
struct FeedPart
{
    std::uint32_t epoch = 0;
    std::uint64_t through = 0;
    std::span<const protocol::Change> changes; ///< ascending; ones up to the list's cursor are passed over
    base::ByteView resume;                     ///< the server's cursor for `through`; empty: the one before stays
    std::optional<base::Instant> asOf;         ///< by the server's time the list is complete as of this moment
};

/// A ticket before and after. Without `before` it is new.
struct TicketEffect
{
    std::optional<IndexedTicket> before;
    IndexedTicket after;
};

/// What is to be changed in memory, once it is durable.
struct FeedEffects
{
    std::vector<TicketEffect> tickets; ///< in their order; a ticket may be there more than once
    bool definition = false;           ///< another one is in force
    struct Passing
    {
        Logged kind;
        base::ByteView bytes; ///< borrows from the part
    };
    std::vector<Passing> passings;
};

/// Looks at what would be changed, before it is durable: a failure takes everything back.
using CheckEffects = std::function<base::Result<void>(const FeedEffects &)>;

/// Applies a part, durably, all of it or nothing. Conflict when it is of another epoch or ends before the list's
/// cursor: nothing is ever applied out of its order. Invalid or Unsupported, as the decoders say it, when a change
/// cannot be read: it is then not passed over, which would be a gap.
base::Result<FeedEffects> applyFeed(storage::Database &database, Replica &replica, const FeedPart &part,
                                    const SealName &sealName, const CheckEffects &check);

} // namespace voelgoed::replica
