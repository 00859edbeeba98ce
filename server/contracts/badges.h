#pragma once

#include "server/platform/async/task.h"
#include "server/platform/pg/pool.h"
#include "shared/base/uuid.h"

#include <vector>

/// Badges as others need to know them. Kept by tenancy.
namespace voelgoed::contracts {

class Badges
{
public:
    virtual ~Badges() = default;

    /// Whether the member wears a badge of the event that was not taken back: then the event is the member's own.
    virtual async::Task<base::Result<bool>> isWorn(base::Uuid organization, base::Uuid user, base::Uuid event) = 0;
    /// The events of which the member wears such a badge; of more than kWornMax the latest.
    virtual async::Task<base::Result<std::vector<base::Uuid>>> wornBy(base::Uuid organization, base::Uuid user) = 0;
    static constexpr std::int32_t kWornMax = 1000;
    /// Of one event, inside a transaction of the organization: asks for no other connection.
    virtual async::Task<base::Result<bool>> isWornIn(pg::Tx &tx, base::Uuid user, base::Uuid event) = 0;
};

} // namespace voelgoed::contracts
