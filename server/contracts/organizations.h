#pragma once

#include "server/contracts/alarms.h"
#include "server/platform/async/task.h"
#include "server/platform/pg/pool.h"
#include "shared/base/uuid.h"

#include <optional>

/// Organizations as others need to know them. Kept by tenancy.
namespace voelgoed::contracts {

enum class OrganizationStatus {
    Active,
    Suspended, ///< nothing new: no events, no ticket types, no sales; its gates go on
    Archived,
};

class Organizations
{
public:
    virtual ~Organizations() = default;

    /// Nothing when there is no such organization. At most a few seconds old.
    virtual async::Task<base::Result<std::optional<OrganizationStatus>>> status(base::Uuid organization) = 0;
    /// Of the transaction's own one, as it is now: asks for no other connection.
    virtual async::Task<base::Result<std::optional<OrganizationStatus>>> statusIn(pg::Tx &tx) = 0;

    /// What it wants to be told of: the defaults where it has said nothing. As old.
    virtual async::Task<base::Result<AlarmThresholds>> alarms(base::Uuid organization) = 0;
};

} // namespace voelgoed::contracts
