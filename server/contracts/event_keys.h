#pragma once

#include "server/platform/pg/pool.h"
#include "shared/domain/event_keys.h"

#include <optional>
#include <string>
#include <vector>

/// The keys of an event's codes. Kept by ticketing's signer; the definition that devices get carries their public
/// halves.
namespace voelgoed::contracts {

class EventKeyRings
{
public:
    virtual ~EventKeyRings() = default;

    /// What devices are told of the event's keys: made with the event, if it has none yet. `types` and `zones` are the
    /// definition's ids in their order, which stays: a code names them by index, so that new ones are only ever added
    /// behind the others. Conflict, types_used_up or zones_used_up, when there is no place for one any more; without
    /// names, the keys as they are.
    struct Names
    {
        std::vector<std::string> types, zones;
    };
    virtual async::Task<base::Result<domain::EventKeys>> keysOf(pg::Tx &tx, base::Uuid event, Names names) = 0;
};

} // namespace voelgoed::contracts
