#include "server/slices/tenancy/known_organizations.h"

#include "server/platform/kernel/cache_counts.h"

namespace voelgoed::tenancy {

using async::Task;
using base::Result;
using contracts::OrganizationStatus;
using namespace std::chrono_literals;

namespace {

constexpr pg::Sql kKnown{R"(
SELECT o.status, coalesce(s.alarms, '{}') FROM tenancy.organizations o
LEFT JOIN tenancy.organization_settings s USING (organization_id) WHERE o.organization_id = app.org())"};
constexpr pg::Sql kStatus{"SELECT status FROM tenancy.organizations WHERE organization_id = app.org()"};
constexpr tiers::CacheOptions kOptions{.capacity = 10'000, .fresh = 2s, .staleMax = 15min, .missing = 1s};

Result<OrganizationStatus> statusFrom(const std::string &word)
{
    if (word == "active")
        return OrganizationStatus::Active;
    if (word == "suspended")
        return OrganizationStatus::Suspended;
    if (word == "archived")
        return OrganizationStatus::Archived;
    return base::corrupt("an organization is " + word);
}

} // namespace

KnownOrganizations::KnownOrganizations(platform::Kernel &kernel)
    : m_database(kernel.database),
      m_cache(
          {kernel.executor, kernel.clock, kernel.random, platform::countsOf(kernel.metrics, "tenancy.organizations")},
          kOptions, [this](std::string id) { return load(std::move(id)); })
{}

Task<Result<KnownOrganizations::Cache::Shared>> KnownOrganizations::load(std::string id)
{
    const auto rows = co_await m_database.read(*base::uuidFrom(id), kKnown);
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return Cache::Shared();
    const auto status = statusFrom(rows->front().get<std::string>(0));
    if (!status)
        co_return status.error();
    const Known known{*status, alarmsFrom(rows->front().get<pg::Jsonb>(1).text)};
    co_return std::make_shared<const Known>(known);
}

Task<Result<std::optional<OrganizationStatus>>> KnownOrganizations::status(base::Uuid organization)
{
    const auto known = co_await m_cache.get(base::toText(organization));
    if (!known)
        co_return known.error();
    co_return *known ? std::optional((*known)->status) : std::nullopt;
}

Task<Result<contracts::AlarmThresholds>> KnownOrganizations::alarms(base::Uuid organization)
{
    const auto known = co_await m_cache.get(base::toText(organization));
    if (!known)
        co_return known.error();
    co_return *known ? (*known)->alarms : contracts::AlarmThresholds{};
}

Task<Result<std::optional<OrganizationStatus>>> KnownOrganizations::statusIn(pg::Tx &tx)
{
    const auto rows = co_await tx.run(kStatus);
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return std::optional<OrganizationStatus>();
    const auto status = statusFrom(rows->front().get<std::string>(0));
    if (!status)
        co_return status.error();
    co_return std::optional(*status);
}

void KnownOrganizations::forget(const base::Uuid &organization)
{
    m_cache.invalidate(base::toText(organization));
}

} // namespace voelgoed::tenancy
