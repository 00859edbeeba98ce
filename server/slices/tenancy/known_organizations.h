#pragma once

#include "server/slices/tenancy/alarms.h"

#include "server/contracts/organizations.h"
#include "server/platform/kernel/kernel.h"
#include "server/platform/tiers/cached.h"

namespace voelgoed::tenancy {

/// How organizations stand, for other slices: from the hot tier, current within two seconds.
class KnownOrganizations final : public contracts::Organizations
{
public:
    explicit KnownOrganizations(platform::Kernel &kernel);

    async::Task<base::Result<std::optional<contracts::OrganizationStatus>>> status(base::Uuid organization) override;
    async::Task<base::Result<std::optional<contracts::OrganizationStatus>>> statusIn(pg::Tx &tx) override;
    async::Task<base::Result<contracts::AlarmThresholds>> alarms(base::Uuid organization) override;
    /// Its status or its settings were changed here.
    void forget(const base::Uuid &organization);

private:
    /// What was loaded of one.
    struct Known
    {
        contracts::OrganizationStatus status = contracts::OrganizationStatus::Active;
        contracts::AlarmThresholds alarms;
    };
    using Cache = tiers::Cached<std::string, Known>;
    async::Task<base::Result<Cache::Shared>> load(std::string id);

    work::Database &m_database;
    Cache m_cache;
};

} // namespace voelgoed::tenancy
