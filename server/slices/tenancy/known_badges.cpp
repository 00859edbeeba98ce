#include "server/slices/tenancy/known_badges.h"

namespace voelgoed::tenancy {

using async::Task;
using base::Result;

namespace {

constexpr pg::Sql kWorn{R"(
SELECT EXISTS (SELECT FROM tenancy.badges
               WHERE organization_id = app.org() AND event_id = $1 AND user_id = $2 AND revoked_at IS NULL))"};
constexpr pg::Sql kWornBy{R"(
SELECT event_id FROM tenancy.badges
WHERE organization_id = app.org() AND user_id = $1 AND revoked_at IS NULL ORDER BY id DESC LIMIT $2)"};

} // namespace

Task<Result<bool>> KnownBadges::isWorn(base::Uuid organization, base::Uuid user, base::Uuid event)
{
    const auto rows = co_await m_database.read(organization, kWorn, pg::Params::of(base::toText(event), user));
    if (!rows)
        co_return rows.error();
    co_return rows->front().get<bool>(0);
}

Task<Result<std::vector<base::Uuid>>> KnownBadges::wornBy(base::Uuid organization, base::Uuid user)
{
    const auto rows = co_await m_database.read(organization, kWornBy, pg::Params::of(user, kWornMax));
    if (!rows)
        co_return rows.error();
    std::vector<base::Uuid> events;
    for (const auto row : *rows) {
        if (const auto event = base::uuidFrom(row.get<std::string>(0)))
            events.push_back(*event);
    }
    co_return events;
}

Task<Result<bool>> KnownBadges::isWornIn(pg::Tx &tx, base::Uuid user, base::Uuid event)
{
    const auto rows = co_await tx.run(kWorn, pg::Params::of(base::toText(event), user));
    if (!rows)
        co_return rows.error();
    co_return rows->front().get<bool>(0);
}

} // namespace voelgoed::tenancy
