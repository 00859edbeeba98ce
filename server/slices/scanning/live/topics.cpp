#include "server/slices/scanning/live/topics.h"

#include "server/slices/scanning/own.h"

namespace voelgoed::scanning {

using async::Task;
using base::Result;
using topics::Family;
using topics::Joining;

namespace {

constexpr pg::Sql kEvent{"SELECT 1 FROM scanning.feeds WHERE organization_id = app.org() AND event_id = $1"};
constexpr pg::Sql kSession{
    "SELECT device, started_by FROM scanning.sessions WHERE organization_id = app.org() AND id = $1"};

/// Who may only see what is its own: a device and a steward their event, and nobody all events.
Task<Result<bool>> isEvent(work::Database &database, contracts::Badges &badges, Joining joining)
{
    const bool isOwn = joining.grant == access::Grant::Own;
    if (joining.id == "*")
        co_return !isOwn;
    const auto event = base::uuidFrom(joining.id);
    if (!event || !joining.actor.organization)
        co_return false;
    if (isOwn) {
        const auto own = co_await isOwnEvent(badges, joining.actor, *event);
        if (!own || !*own)
            co_return own;
    }
    const auto rows = co_await database.read(*joining.actor.organization, kEvent, pg::Params::of(*event));
    if (!rows)
        co_return rows.error();
    co_return !rows->empty();
}

Task<Result<bool>> isSession(work::Database &database, Joining joining)
{
    if (!joining.actor.organization)
        co_return false;
    const auto rows = co_await database.read(*joining.actor.organization, kSession, pg::Params::of(joining.id));
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return false;
    if (joining.grant != access::Grant::Own)
        co_return true;
    co_return joining.actor.device ? rows->front().get<std::string>(0) == base::toText(joining.actor.id)
                                   : rows->front().get<std::optional<base::Uuid>>(1) == joining.actor.id;
}

} // namespace

void addTopics(platform::Kernel &kernel, contracts::Badges &badges)
{
    const access::Policy policy = access::Policy::may(access::Permission::ReadScans);
    work::Database &database = kernel.database;
    kernel.topics.family(
        {.pattern = topics::kScanningOfEvent,
         .policy = policy,
         .whose = Family::Whose::Checked,
         .wildcard = Family::Wildcard::Yes,
         .check = [&database, &badges](Joining joining) { return isEvent(database, badges, std::move(joining)); }});
    kernel.topics.family({.pattern = topics::kScanningOfSession,
                          .policy = policy,
                          .whose = Family::Whose::Checked,
                          .check = [&database](Joining joining) { return isSession(database, std::move(joining)); }});
    kernel.topics.family({.pattern = topics::kScanningOfOrganization,
                          .policy = policy,
                          .whose = Family::Whose::Checked,
                          .check = [](Joining joining) -> Task<Result<bool>> {
                              co_return joining.grant != access::Grant::Own &&joining.actor.organization &&joining.id ==
                                  base::toText(*joining.actor.organization);
                          }});
}

} // namespace voelgoed::scanning
