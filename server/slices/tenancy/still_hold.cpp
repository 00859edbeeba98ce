#include "server/slices/tenancy/still_hold.h"

#include <algorithm>

namespace voelgoed::tenancy {

using async::Task;
using base::Result;

namespace {

constexpr pg::Sql kSessions{R"(
SELECT session_id, role, grants, is_platform_admin, is_platform_staff FROM tenancy.sessions_now($1))"};
constexpr pg::Sql kDevices{R"(
SELECT device_id, status, event_id, gate_id, checkpoint_id, direction FROM tenancy.devices_now($1))"};

bool isSame(const access::Actor &actor, const pg::Rows::Row &row)
{
    const auto role = row.get<std::optional<std::string>>(1);
    if (actor.kind == access::ActorKind::SuperAdmin)
        return !role && row.get<bool>(3);
    std::set<access::Permission> grants;
    for (const std::string &grant :
         row.get<std::optional<std::vector<std::string>>>(2).value_or(std::vector<std::string>())) {
        if (const auto permission = access::permissionFrom(grant))
            grants.insert(*permission);
    }
    const auto now = role ? access::roleFrom(*role) : std::nullopt;
    return now == actor.role && grants == actor.grants && row.get<bool>(4) == actor.platformStaff;
}

bool isSamePost(const access::Actor &actor, const pg::Rows::Row &row)
{
    const auto text = [&](std::size_t column) { return row.get<std::optional<std::string>>(column).value_or(""); };
    const std::string status = text(1);
    if (!actor.device || (status != "active" && status != "locked"))
        return false;
    return actor.device->isLocked == (status == "locked") && actor.device->event == text(2) &&
           actor.device->gate == text(3) && actor.device->checkpoint == text(4) &&
           actor.device->isExit == (text(5) == "exit");
}

/// In the actors' order: whether what the statement answers for an id is still so.
Task<Result<std::vector<bool>>> stillHold(work::Database &database, pg::Sql sql, std::vector<base::Uuid> ids,
                                          std::vector<access::Actor> actors,
                                          bool (*isStill)(const access::Actor &, const pg::Rows::Row &))
{
    const auto rows = co_await database.read(work::kPlatform, sql, pg::Params::of(ids));
    if (!rows)
        co_return rows.error();
    std::map<base::Uuid, std::size_t> byId;
    for (std::size_t i = 0; i < rows->size(); ++i)
        byId[rows->get<base::Uuid>(i, 0)] = i;
    std::vector<bool> hold;
    for (std::size_t i = 0; i < actors.size(); ++i) {
        const auto found = byId.find(ids[i]);
        hold.push_back(found != byId.end() && isStill(actors[i], (*rows)[found->second]));
    }
    co_return hold;
}

} // namespace

Task<Result<std::vector<bool>>> peopleStillHold(work::Database &database, std::vector<access::Actor> actors)
{
    std::vector<base::Uuid> ids;
    for (const access::Actor &actor : actors)
        ids.push_back(actor.session.value_or(base::Uuid()));
    co_return co_await stillHold(database, kSessions, std::move(ids), std::move(actors), &isSame);
}

Task<Result<std::vector<bool>>> devicesStillHold(work::Database &database, std::vector<access::Actor> actors)
{
    std::vector<base::Uuid> ids;
    for (const access::Actor &actor : actors)
        ids.push_back(actor.id);
    co_return co_await stillHold(database, kDevices, std::move(ids), std::move(actors), &isSamePost);
}

} // namespace voelgoed::tenancy
