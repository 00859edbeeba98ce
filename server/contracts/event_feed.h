#pragma once

#include "server/platform/pg/pool.h"
#include "shared/domain/ids.h"

#include <vector>

/// The one feed of an event, which its devices follow. Kept by scanning; whoever changes what gates need says so here,
/// in the transaction of the change.
namespace voelgoed::contracts {

struct FeedTicket
{
    domain::Ordinal ordinal;
    base::Bytes message; ///< protocol::ListedTicket, encoded
    std::string holder;  ///< goes to devices where the event's policy lets names out, as it says at the time
};

class EventFeed
{
public:
    virtual ~EventFeed() = default;

    /// An event without a feed gets one, empty.
    virtual async::Task<base::Result<void>> open(pg::Tx &tx, base::Uuid event) = 0;

    /// Each change gets the feed's next number; the feed is locked until the transaction ends, so that the order of
    /// numbers is the order in which they become visible. Call it last in a transaction. Tickets replace those of their
    /// ordinal, the definition replaces the one before.
    virtual async::Task<base::Result<void>> putTickets(pg::Tx &tx, base::Uuid event,
                                                       std::vector<FeedTicket> tickets) = 0;
    virtual async::Task<base::Result<void>> putDefinition(pg::Tx &tx, base::Uuid event, base::Bytes definition) = 0;

    /// After the commit of either: whoever waits for changes is woken.
    virtual void wake(base::Uuid event) = 0;
};

} // namespace voelgoed::contracts
