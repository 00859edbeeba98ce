#include "server/slices/events/due.h"

#include "server/slices/events/changing.h"

namespace voelgoed::events {

using async::Task;
using base::Result;
using domain::EventStatus;

namespace {

constexpr std::int32_t kAtOnce = 200;
constexpr const char *kAction = "events.move_due";

constexpr pg::Sql kDue{"SELECT organization_id, event_id FROM events.due($1, $2)"};

/// Where it goes at this time; nothing: it stays.
std::optional<EventStatus> dueMove(const StoredEvent &event, base::Instant now)
{
    const bool opens = event.status() == EventStatus::Published ||
                       (event.status() == EventStatus::Postponed && event.definition.event.rescheduledAt);
    if (opens && event.window.from && *event.window.from <= now)
        return EventStatus::Live;
    if (event.status() == EventStatus::Live && event.window.until && *event.window.until <= now)
        return EventStatus::Ended;
    return std::nullopt;
}

Task<Result<bool>> moveOne(work::UnitOfWork &unit, Events &events, base::Uuid id)
{
    pg::Query query = selectEvent(id, Lock::ToChange);
    const auto rows = co_await unit.tx().run(query.sql, std::move(query.params));
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return false;
    const auto stored = storedOf(rows->front());
    if (!stored)
        co_return stored.error();
    const auto to = dueMove(*stored, unit.now());
    if (!to)
        co_return false;
    Move move{.before = *stored, .after = *stored, .reason = unit.actor().reason};
    move.after.definition.event.status = *to;
    const auto moved = co_await writeMove(unit, events, std::move(move));
    if (!moved)
        co_return moved.error();
    unit.outgoing().audits.back().action = kAction;
    co_return true;
}

} // namespace

Task<Result<void>> moveDue(Events &events)
{
    const base::Instant now = events.kernel.clock.now().wall;
    const auto due = co_await events.kernel.database.read(work::kPlatform, kDue, pg::Params::of(now, kAtOnce));
    if (!due)
        co_return due.error();
    Result<void> result;
    for (const auto row : *due) {
        const auto actor = access::Actor::system(row.get<base::Uuid>(0), "its scanning window");
        const auto moved = co_await events.kernel.database.transact<bool>(
            {actor, {}},
            [&events, id = row.get<base::Uuid>(1)](work::UnitOfWork &unit) { return moveOne(unit, events, id); });
        if (!moved)
            result = moved.error().at("event " + base::toText(row.get<base::Uuid>(1)));
    }
    co_return result;
}

} // namespace voelgoed::events
