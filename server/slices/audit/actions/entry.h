#pragma once

#include "server/platform/actions/action.h"

namespace voelgoed::audit {

struct Entry
{
    std::int64_t id = 0;
    base::Instant at;
    std::string actorType;
    base::Uuid actorId{};
    std::optional<std::string> actorName; ///< none: whoever it was is forgotten
    std::string actorRole, origin, action, subjectType, subject;
    base::Json before, after;
    std::string reason, requestId, address, agent;
    bool isPlatformStaff = false, isPlatformAdmin = false; ///< who acted, whatever the role there
    std::string tenantApprovalReference;                   ///< where the organization's consent is written down
};
BOOST_DESCRIBE_STRUCT(Entry, (),
                      (id, at, actorType, actorId, actorName, actorRole, origin, action, subjectType, subject, before,
                       after, reason, requestId, address, agent, isPlatformStaff, isPlatformAdmin,
                       tenantApprovalReference))

/// Of a row that begins with an Entry's columns, in its order.
Entry entryOf(const pg::Rows::Row &row);

} // namespace voelgoed::audit
