#pragma once

#include "server/slices/scanning/scanning.h"
#include "tests/support/no_devices.h"

#include <set>
#include <tuple>

namespace voelgoed::test {

/// What scanning needs of its neighbours, where there are none: no devices, badges as the test hands them out, and the
/// alarms that it wants.
class ScanningNeeds
{
public:
    class Badges final : public contracts::Badges
    {
    public:
        async::Task<base::Result<bool>> isWorn(base::Uuid organization, base::Uuid user, base::Uuid event) override
        {
            co_return worn.contains({organization, user, event});
        }
        async::Task<base::Result<std::vector<base::Uuid>>> wornBy(base::Uuid organization, base::Uuid user) override
        {
            std::vector<base::Uuid> events;
            for (const auto &[of, wearer, event] : worn) {
                if (of == organization && wearer == user)
                    events.push_back(event);
            }
            co_return events;
        }
        async::Task<base::Result<bool>> isWornIn(pg::Tx &tx, base::Uuid user, base::Uuid event) override
        {
            return isWorn(tx.scope().organization.value_or(base::Uuid{}), user, event);
        }

        async::Task<base::Result<contracts::OverrideAnswer>> mayOverride(contracts::OverrideAsk ask) override
        {
            co_return contracts::OverrideAnswer{.may = supervisors.contains({ask.event, ask.badge, ask.pin}),
                                                .wait = wait};
        }

        std::set<std::tuple<base::Uuid, base::Uuid, base::Uuid>> worn;
        std::set<std::tuple<base::Uuid, base::Uuid, std::string>> supervisors; ///< event, badge, PIN
        std::optional<base::Milliseconds> wait;
    };

    class Organizations final : public contracts::Organizations
    {
    public:
        async::Task<base::Result<std::optional<contracts::OrganizationStatus>>> status(base::Uuid) override
        {
            co_return std::optional(contracts::OrganizationStatus::Active);
        }
        async::Task<base::Result<std::optional<contracts::OrganizationStatus>>> statusIn(pg::Tx &) override
        {
            return status({});
        }
        async::Task<base::Result<contracts::AlarmThresholds>> alarms(base::Uuid) override { co_return thresholds; }

        contracts::AlarmThresholds thresholds;
    };

    NoDevices devices;
    Badges badges;
    Organizations organizations;

    scanning::Needs needs() { return {.devices = devices, .badges = badges, .organizations = organizations}; }
};

} // namespace voelgoed::test
