#include "server/slices/events/moving.h"

#include <algorithm>

namespace voelgoed::events {

using base::Result;
using domain::EventStatus;

namespace {

Window windowOf(const StoredEvent &event)
{
    return events::windowOf(event.definition, event.details.grace);
}

/// Nobody would be let in any more who is let in now, or would have been.
bool closesSooner(const Window &before, const Window &after, base::Instant now)
{
    // What is no draft has an end (no_window).
    return (after.until && before.until && *after.until < *before.until) ||
           (after.from && *after.from > now && (!before.from || *after.from > *before.from));
}

} // namespace

Result<void> notOver(const StoredEvent &event)
{
    const EventStatus status = event.status();
    if (status == EventStatus::Ended || status == EventStatus::Cancelled || status == EventStatus::Archived)
        return actions::conflict("event_over", "An event that is over stays as it was.");
    return {};
}

std::vector<std::string> movedTimes(const StoredEvent &before, const StoredEvent &after)
{
    std::vector<std::string> moved;
    const auto compare = [&moved](const auto &was, const auto &is, const std::string &place) {
        if (was != is)
            moved.push_back(place);
    };
    const domain::Event &was = before.definition.event, &is = after.definition.event;
    compare(was.startsAt, is.startsAt, "event.starts_at");
    compare(was.endsAt, is.endsAt, "event.ends_at");
    compare(was.doorsAt, is.doorsAt, "event.doors_at");
    compare(was.scanFrom, is.scanFrom, "event.scan_from");
    compare(was.scanUntil, is.scanUntil, "event.scan_until");
    const auto &old = before.definition.dates, &now = after.definition.dates;
    for (std::size_t i = 0; i < now.size(); ++i) {
        const auto found =
            std::find_if(old.begin(), old.end(), [&](const domain::EventDate &date) { return date.id == now[i].id; });
        if (found == old.end())
            continue;
        const std::string place = "dates[" + std::to_string(i) + "].";
        compare(found->startsAt, now[i].startsAt, place + "starts_at");
        compare(found->endsAt, now[i].endsAt, place + "ends_at");
        compare(found->doorsAt, now[i].doorsAt, place + "doors_at");
    }
    compare(windowOf(before).from, windowOf(after).from, "scan_from");
    compare(windowOf(before).until, windowOf(after).until, "scan_until");
    return moved;
}

Result<void> timesMayMove(const actions::Context &context, const StoredEvent &before, const StoredEvent &after,
                          const std::string &reason)
{
    if (before.status() == EventStatus::Draft)
        return {};
    const auto moved = movedTimes(before, after);
    if (moved.empty())
        return {};
    const auto policy = access::Policy::may(access::Permission::MoveEvents);
    if (access::check(policy, context.actor()) == access::Grant::No || reason.empty()) {
        return actions::conflict("use_reschedule",
                                 "This would move " + moved.front() +
                                     (moved.size() == 1 ? "" : " and " + std::to_string(moved.size() - 1) + " more") +
                                     ". An event that is no draft is moved by events.reschedule; who may do that may "
                                     "also change single times here, and says why.");
    }
    if (before.status() == EventStatus::Live && closesSooner(windowOf(before), windowOf(after), context.now())) {
        return actions::conflict("use_end", "This would close a live event sooner. Use events.end when it is over, or "
                                            "events.postpone.");
    }
    return {};
}

} // namespace voelgoed::events
