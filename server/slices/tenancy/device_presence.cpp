#include "server/slices/tenancy/device_presence.h"

#include "server/platform/topics/names.h"
#include "shared/base/text.h"

namespace voelgoed::tenancy {

using async::Task;
using base::Result;

namespace {

constexpr std::int32_t kOrganizationsMax = 200;
constexpr std::size_t kNameMax = 60;
constexpr std::size_t kIdMax = 40;

// Two servers may hear of one device at once: who was away is read under the lock, so that one of them tells of it.
constexpr pg::Sql kSeen{R"(
WITH before AS MATERIALIZED (
    SELECT id, online_since FROM tenancy.devices
    WHERE organization_id = app.org() AND id = ANY ($1) ORDER BY id FOR UPDATE)
UPDATE tenancy.devices d
SET last_seen_at = greatest(d.last_seen_at, s.at), battery = s.battery, software = s.software, health = s.health::jsonb,
    online_since = coalesce(d.online_since, s.at)
FROM unnest($1::uuid[], $2::timestamptz[], $3::int[], $4::text[], $5::text[]) AS s (id, at, battery, software, health)
JOIN before ON before.id = s.id
WHERE d.organization_id = app.org() AND d.id = s.id
RETURNING d.id, d.name, coalesce(d.event_id, ''), coalesce(d.gate_id, ''), d.battery::int, d.last_seen_at, 0::bigint,
    before.online_since IS NULL AND d.status = 'active')"};

constexpr pg::Sql kOrganizations{
    "SELECT organization_id FROM tenancy.organizations_with_silent_devices(make_interval(mins => $1), $2)"};

constexpr pg::Sql kSilent{R"(
UPDATE tenancy.devices d SET online_since = NULL
WHERE d.organization_id = app.org() AND d.online_since IS NOT NULL AND d.last_seen_at < now() - make_interval(mins => $1)
RETURNING d.id, d.name, coalesce(d.event_id, ''), coalesce(d.gate_id, ''), d.battery::int, d.last_seen_at,
    extract(epoch FROM now() - d.last_seen_at)::bigint, d.status = 'active')"};

enum class Now { Online, Offline };

void tell(work::UnitOfWork &unit, const pg::Rows::Row &row, Now now)
{
    const std::string device = base::toText(row.get<base::Uuid>(0));
    const auto eventId = row.get<std::string>(2);
    boost::json::object data{{"device_id", device},
                             {"device_name", base::printable(row.get<std::string>(1), kNameMax)},
                             {"event_id", base::printable(eventId, kIdMax)},
                             {"gate_id", base::printable(row.get<std::string>(3), kIdMax)}};
    if (const auto battery = row.get<std::optional<std::int32_t>>(4))
        data["battery_percent"] = *battery;
    if (now == Now::Offline) {
        data["last_heartbeat"] = base::formatInstant(row.get<base::Instant>(5));
        data["offline_duration_seconds"] = row.get<std::int64_t>(6);
    }
    work::Event event{.topic = topics::kScanningOfOrganization.of(unit.organization()),
                      .type = now == Now::Online ? "scanning.device_online.v1" : "scanning.device_offline.v1",
                      .subject = device,
                      .data = std::move(data)};
    unit.emit(event);
    if (const auto id = base::uuidFrom(eventId)) {
        event.topic = topics::kScanningOfEvent.of(*id);
        unit.emit(std::move(event));
    }
}

/// Runs a statement, and tells of the rows whose last column says so.
Task<Result<bool>> runAndTell(work::UnitOfWork &unit, pg::Query query, Now now)
{
    const auto rows = co_await unit.tx().run(query.sql, std::move(query.params));
    if (!rows)
        co_return rows.error();
    for (const auto row : *rows) {
        if (row.get<bool>(7))
            tell(unit, row, now);
    }
    co_return true;
}

Task<Result<void>> change(work::Database &database, base::Uuid organization, pg::Query query, Now now)
{
    const std::function<Task<Result<bool>>(work::UnitOfWork &)> run = [&query, now](work::UnitOfWork &unit) {
        return runAndTell(unit, query, now);
    };
    const auto done =
        co_await database.transact<bool>({access::Actor::system(organization, "devices that are there"), {}}, run);
    co_return done ? Result<void>() : Result<void>(done.error());
}

} // namespace

Task<Result<void>> writeSightings(work::Database &database, base::Uuid organization,
                                  std::vector<contracts::DeviceSighting> sightings)
{
    std::vector<base::Uuid> ids;
    std::vector<base::Instant> times;
    std::vector<std::optional<std::int32_t>> batteries;
    std::vector<std::string> software, health;
    for (const contracts::DeviceSighting &sighting : sightings) {
        ids.push_back(sighting.device);
        times.push_back(sighting.at);
        batteries.push_back(sighting.battery ? std::optional<std::int32_t>(*sighting.battery) : std::nullopt);
        software.push_back(sighting.software);
        health.push_back(sighting.health);
    }
    co_return co_await change(database, organization, {kSeen, pg::Params::of(ids, times, batteries, software, health)},
                              Now::Online);
}

Task<Result<void>> tellSilent(work::Database &database)
{
    const auto minutes = static_cast<std::int32_t>(kSilentMax.count());
    const auto organizations =
        co_await database.read(work::kPlatform, kOrganizations, pg::Params::of(minutes, kOrganizationsMax));
    if (!organizations)
        co_return organizations.error();
    std::optional<base::Error> first;
    for (const auto row : *organizations) {
        const auto told =
            co_await change(database, row.get<base::Uuid>(0), {kSilent, pg::Params::of(minutes)}, Now::Offline);
        if (!told && !first)
            first = told.error();
    }
    co_return first ? Result<void>(*first) : Result<void>();
}

} // namespace voelgoed::tenancy
