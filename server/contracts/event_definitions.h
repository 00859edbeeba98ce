#pragma once

#include "server/platform/pg/pool.h"
#include "shared/domain/event.h"

#include <memory>

/// Events as others need to know them. Kept by events.
namespace voelgoed::contracts {

struct KnownEvent
{
    base::Uuid id{};
    std::int32_t version = 1;
    domain::EventDefinition definition;
    std::optional<std::int64_t> capacity; ///< persons, of all its places together
};

class EventDefinitions
{
public:
    virtual ~EventDefinitions() = default;

    /// From the hot tier; null when the organization has no such event.
    virtual async::Task<base::Result<std::shared_ptr<const KnownEvent>>> find(base::Uuid organization,
                                                                              base::Uuid event) = 0;

    /// The same, as of this transaction.
    virtual async::Task<base::Result<std::shared_ptr<const KnownEvent>>> findIn(pg::Tx &tx, base::Uuid event) = 0;

    /// The same, and locked against a change until it ends.
    virtual async::Task<base::Result<std::shared_ptr<const KnownEvent>>> hold(pg::Tx &tx, base::Uuid event) = 0;

    /// Puts the definition, with the keys as they are now, into the event's feed: after the keys changed.
    virtual async::Task<base::Result<void>> publish(pg::Tx &tx, base::Uuid event) = 0;
};

} // namespace voelgoed::contracts
