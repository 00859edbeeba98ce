#include "server/slices/scanning/live/topics.h"

namespace voelgoed::scanning {

using async::Task;
using base::Result;
using topics::Family;
using topics::Joining;

namespace {

constexpr pg::Sql kEvent{"SELECT 1 FROM scanning.feeds WHERE organization_id = app.org() AND event_id = $1"};
constexpr pg::Sql kSession{"SELECT device FROM scanning.sessions WHERE organization_id = app.org() AND id = $1"};

bool isAtEvent(const access::Actor &actor, const std::string &event)
{
    return actor.device && actor.device->event == event;
}

/// Who may only see what is its own: a device its event, and nobody all events.
Task<Result<bool>> isEvent(work::Database &database, Joining joining)
{
    const bool isOwn = joining.grant == access::Grant::Own;
    if (joining.id == "*")
        co_return !isOwn;
    const auto event = base::uuidFrom(joining.id);
    if (!event || !joining.actor.organization || (isOwn && !isAtEvent(joining.actor, joining.id)))
        co_return false;
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
    co_return joining.grant != access::Grant::Own ||
        rows->front().get<std::string>(0) == base::toText(joining.actor.id);
}

} // namespace

void addTopics(platform::Kernel &kernel)
{
    const access::Policy policy = access::Policy::may(access::Permission::ReadScans);
    work::Database &database = kernel.database;
    kernel.topics.family({.pattern = topics::kScanningOfEvent,
                          .policy = policy,
                          .whose = Family::Whose::Checked,
                          .wildcard = Family::Wildcard::Yes,
                          .check = [&database](Joining joining) { return isEvent(database, std::move(joining)); }});
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
