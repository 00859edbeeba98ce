#include "server/slices/scanning/own.h"

#include "server/slices/scanning/delivery.h"

namespace voelgoed::scanning {

using async::Task;
using base::Result;

Task<Result<void>> hasEvent(actions::Context &context, base::Uuid event)
{
    constexpr pg::Sql kFeed{"SELECT 1 FROM scanning.feeds WHERE organization_id = app.org() AND event_id = $1"};
    const auto feed = co_await context.run(kFeed, pg::Params::of(event));
    if (!feed)
        co_return feed.error();
    if (feed->empty())
        co_return actions::notFound("event");
    co_return Result<void>();
}

Task<Result<bool>> isOwnEvent(contracts::Badges &badges, access::Actor actor, base::Uuid event)
{
    if (actor.device)
        co_return actor.device->event == base::toText(event);
    if (actor.kind != access::ActorKind::User || !actor.organization)
        co_return false;
    co_return co_await badges.isWorn(*actor.organization, actor.id, event);
}

Task<Result<void>> reachEvent(actions::Context &context, contracts::Badges &badges, base::Uuid event)
{
    if (context.grant() != access::Grant::Own)
        co_return Result<void>();
    const access::Actor &actor = context.actor();
    const bool isMember = !actor.device && actor.kind == access::ActorKind::User;
    // Whoever holds a transaction and waits for another connection may wait for those who wait for him.
    const auto isOwn = isMember && context.isInTransaction() ? co_await badges.isWornIn(context.tx(), actor.id, event)
                                                             : co_await isOwnEvent(badges, actor, event);
    if (!isOwn)
        co_return isOwn.error();
    co_return *isOwn ? Result<void>() : actions::notFound("event");
}

Result<void> checkUnlocked(const access::Actor &actor)
{
    if (actor.device && actor.device->isLocked)
        return actions::forbidden("device_locked", "This device is locked.");
    return {};
}

bool isAtGate(const access::Actor &actor, const std::string &gate)
{
    return !actor.device || actor.device->gate.empty() || gate.empty() || actor.device->gate == gate;
}

std::string scannerOf(const access::Actor &actor, const std::string &name)
{
    const std::string own = std::string(kJsonDevice) + base::toText(actor.id);
    return name.empty() ? own : own + "/" + name;
}

} // namespace voelgoed::scanning
