#pragma once

#include "server/slices/scanning/event_key.h"
#include "server/slices/scanning/store.h"

namespace voelgoed::scanning {

/// Counters that were not what the rows add up to.
struct Drift
{
    std::vector<GateKey> gates;
    std::vector<std::string> sessions;

    bool empty() const { return gates.empty() && sessions.empty(); }
};

/// Counts all of an event's scans and sets its counters in Postgres right where they say something else. First it only
/// looks, and holds up nobody; what seems wrong is counted again with the feed locked. What was wrong is returned.
/// NotFound when the organization has no such event.
async::Task<base::Result<Drift>> reconcileCounters(work::Database &database, EventKey event, Rulebooks &rulebooks);

} // namespace voelgoed::scanning
