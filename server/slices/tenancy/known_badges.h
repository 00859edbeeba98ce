#pragma once

#include "server/contracts/badges.h"
#include "server/platform/kernel/kernel.h"

#include <set>

namespace voelgoed::tenancy {

/// Wrong PINs: five of one badge at once, then ten an hour; ten of one caller, then twenty an hour. On all servers
/// together.
inline constexpr limits::Policy kWrongPinsOfBadge{
    .name = "badge.pin", .burst = 5, .rate = 10, .period = std::chrono::hours(1)};
inline constexpr limits::Policy kWrongPinsOfCaller{
    .name = "badge.pin_caller", .burst = 10, .rate = 20, .period = std::chrono::hours(1)};

/// Whose badges stand, for other slices: asked of Postgres each time, so that a badge that was taken back is one at
/// once.
class KnownBadges final : public contracts::Badges
{
public:
    explicit KnownBadges(platform::Kernel &kernel) : m_kernel(kernel) {}

    async::Task<base::Result<bool>> isWorn(base::Uuid organization, base::Uuid user, base::Uuid event) override;
    async::Task<base::Result<std::vector<base::Uuid>>> wornBy(base::Uuid organization, base::Uuid user) override;
    async::Task<base::Result<bool>> isWornIn(pg::Tx &tx, base::Uuid user, base::Uuid event) override;
    async::Task<base::Result<contracts::OverrideAnswer>> mayOverride(contracts::OverrideAsk ask) override;

private:
    async::Task<base::Result<bool>> isSupervisors(const contracts::OverrideAsk &ask);

    platform::Kernel &m_kernel;
    std::set<base::Uuid> m_inHand; ///< badges whose PIN is looked at: one at a time, or many would be tried at once
};

} // namespace voelgoed::tenancy
