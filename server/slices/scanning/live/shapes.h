#pragma once

#include "server/platform/kernel/kernel.h"
#include "server/platform/tiers/cached.h"
#include "server/platform/work/database.h"
#include "server/slices/scanning/live/warm.h"
#include "shared/admission/rulebook.h"

namespace voelgoed::scanning {

/// What an event's figures are held against: its gates, checkpoints and zones, as the feed has them. From the hot tier;
/// a new definition is seen a few seconds later. The server's thread.
class Shapes
{
public:
    explicit Shapes(platform::Kernel &kernel);

    /// Null when there is none, or none that this build knows, or nobody can be asked: figures are shown without.
    async::Task<std::shared_ptr<const admission::Rulebook>> of(EventKey event);

private:
    struct Hash
    {
        std::size_t operator()(const EventKey &key) const;
    };
    static async::Task<base::Result<std::shared_ptr<const admission::Rulebook>>> load(work::Database &database,
                                                                                      EventKey event);

    tiers::Cached<EventKey, admission::Rulebook, Hash> m_cached;
};

} // namespace voelgoed::scanning
