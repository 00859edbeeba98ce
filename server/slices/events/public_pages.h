#pragma once

#include "server/platform/kernel/kernel.h"
#include "server/platform/tiers/warm.h"
#include "server/slices/events/public_event.h"

namespace voelgoed::events {

/// What everybody may see of events, as JSON with the organization, by event.
inline constexpr redis::Key kPublicKey{"vg:{sys}:public:event:{event}", redis::KeyType::Hash,
                                       std::chrono::duration_cast<base::Milliseconds>(std::chrono::minutes(10)),
                                       "events: from Postgres"};

/// An event's public page, of one version.
struct PublicPage
{
    std::int32_t version = 0;
    base::Uuid organization{};
    PublicEvent event;
    /// Of one that Redis had and Postgres could not be asked about: when it was made.
    std::optional<base::Instant> uncheckedSince{};
};

/// Public pages through all tiers: from the hot one, which asks for the version each second, ahead of time and for
/// all callers at once; a page of another version comes from Redis, or else from Postgres. While Postgres is away a
/// page is served as it was for ten minutes, also one that only Redis has. The server's thread; outlives its
/// coroutines.
class PublicPages
{
public:
    /// `kernel` outlives it.
    explicit PublicPages(platform::Kernel &kernel);

    /// Nothing when there is no such event, or none that everybody may see.
    using Page = std::shared_ptr<const PublicPage>;
    struct Found
    {
        Page page;
        base::Milliseconds staleBy{}; ///< while Postgres is away: how much older it is than it ought to be
    };
    async::Task<base::Result<Found>> find(base::Uuid event);

    /// It was changed here, and that is committed.
    void forget(const base::Uuid &event) { m_cache.invalidate(base::toText(event)); }

    tiers::CacheFigures figures() const { return m_cache.figures(); }

private:
    using Cache = tiers::Cached<std::string, PublicPage>;
    async::Task<base::Result<Page>> load(std::string key);
    async::Task<Page> fromWarm(std::string key, std::optional<std::int32_t> version);

    platform::Kernel &m_kernel;
    tiers::Warm m_warm;
    Cache m_cache;
};

} // namespace voelgoed::events
