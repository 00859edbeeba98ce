#pragma once

#include "server/contracts/event_definitions.h"
#include "server/platform/kernel/kernel.h"
#include "server/platform/tiers/cached.h"
#include "server/slices/events/needs.h"
#include "server/slices/events/store.h"
#include "server/slices/events/zones.h"

namespace voelgoed::events {

/// An event as its devices get it: named by its UUID, with the zone's offsets and always with the window, where there
/// is anything to make one of.
base::Result<domain::EventDefinition> forDevices(const StoredEvent &event, Zones &zones);

/// Definitions for other slices, from the hot tier: current within a second, and at once for changes of this process.
class KnownEvents final : public contracts::EventDefinitions
{
public:
    KnownEvents(platform::Kernel &kernel, const Needs &needs, Zones &zones);

    using Known = std::shared_ptr<const contracts::KnownEvent>;
    async::Task<base::Result<Known>> find(base::Uuid organization, base::Uuid event) override;
    async::Task<base::Result<Known>> findIn(pg::Tx &tx, base::Uuid event) override;
    async::Task<base::Result<Known>> hold(pg::Tx &tx, base::Uuid event) override;
    async::Task<base::Result<void>> publish(pg::Tx &tx, base::Uuid event) override;

    /// The event as it is answered with, off sale and on sale, once that was written: it is asked for again and again.
    using Texts = std::array<std::shared_ptr<const std::string>, 2>;
    struct Shown
    {
        std::shared_ptr<const StoredEvent> event; ///< null when the organization has no such event
        base::Milliseconds staleBy{};             ///< while Postgres is away: how much older it is than it ought to be
        std::shared_ptr<Texts> texts;
    };
    /// As its organizer made it, from the hot tier.
    async::Task<base::Result<Shown>> show(base::Uuid organization, base::Uuid event);

    enum class Names {
        Fit,       ///< codes can name every type and zone: Conflict, types_used_up or zones_used_up
        AsTheyAre, ///< they were saved as they are: what else becomes of the event goes on
    };
    /// The same for an event whose row is at hand. Last in a transaction; devices are woken after the commit.
    async::Task<base::Result<void>> putIntoFeed(pg::Tx &tx, const StoredEvent &event, Names names);
    void useKeys(contracts::EventKeyRings &keys) { m_needs.keys = &keys; }
    void forget(const base::Uuid &organization, const base::Uuid &event);

    tiers::CacheFigures figures() const { return m_cache.figures(); }

private:
    struct Kept : contracts::KnownEvent
    {
        StoredEvent stored;
        std::shared_ptr<Texts> texts = std::make_shared<Texts>();
    };
    using Cache = tiers::Cached<std::string, Kept>;
    async::Task<base::Result<Cache::Shared>> load(std::string key);
    async::Task<base::Result<Known>> asOf(pg::Tx &tx, base::Uuid event, Lock lock);
    base::Result<Cache::Shared> keptOf(const pg::Rows::Row &row);
    async::Task<base::Result<domain::EventKeys>> keysOf(pg::Tx &tx, const domain::EventDefinition &definition,
                                                        base::Uuid event, Names names);

    platform::Kernel &m_kernel;
    Needs m_needs;
    Zones &m_zones;
    Cache m_cache;
};

} // namespace voelgoed::events
