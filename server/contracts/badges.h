#pragma once

#include "server/platform/async/task.h"
#include "server/platform/pg/pool.h"
#include "shared/base/instant.h"
#include "shared/base/uuid.h"

#include <optional>
#include <string>
#include <vector>

/// Badges as others need to know them. Kept by tenancy.
namespace voelgoed::contracts {

/// Somebody who wants to decide against the rules shows a badge, and proves with its PIN that it is his own.
struct OverrideAsk
{
    base::Uuid organization{}, event{};
    base::Uuid caller{}; ///< the user, device or key that asks for him
    base::Uuid badge{};
    std::string pin;
};

struct OverrideAnswer
{
    bool may = false;
    std::optional<base::Milliseconds> wait; ///< too many were wrong: nothing was looked at, and in so long it will be
};

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
    /// Whether the badge is one of the event, was not taken back, is a supervisor's, and has this PIN; which of them is
    /// not so is not said, and takes as long. Wrong ones are counted, of the badge and of the caller. Asks for a
    /// connection of its own: not inside a transaction.
    virtual async::Task<base::Result<OverrideAnswer>> mayOverride(OverrideAsk ask) = 0;
};

} // namespace voelgoed::contracts
