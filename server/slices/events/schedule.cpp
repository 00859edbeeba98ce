#include "server/slices/events/schedule.h"

#include <algorithm>

namespace voelgoed::events {

namespace {

using Moment = std::optional<base::Instant>;

Moment orElse(const Moment &first, const Moment &second)
{
    return first ? first : second;
}

} // namespace

Window windowOf(const domain::EventDefinition &definition, const Grace &grace)
{
    const domain::Event &event = definition.event;
    Moment opens = orElse(event.doorsAt, event.startsAt);
    Moment ends = event.endsAt;
    if (!opens) {
        for (const domain::EventDate &date : definition.dates) {
            const Moment doors = orElse(date.doorsAt, date.startsAt);
            if (doors && (!opens || *doors < *opens))
                opens = doors;
        }
    }
    if (!ends) {
        for (const domain::EventDate &date : definition.dates) {
            if (date.endsAt && (!ends || *date.endsAt > *ends))
                ends = date.endsAt;
        }
    }
    Window window{.from = event.scanFrom, .until = event.scanUntil};
    if (!window.from && opens)
        window.from = std::max(*opens - grace.before, base::kEarliest);
    if (!window.until && ends)
        window.until = std::min(*ends + grace.after, base::kLatest);
    // What was said stands; what was made to go with it gives way.
    if (window.isWhole() && *window.from >= *window.until)
        (event.scanFrom ? window.until : window.from).reset();
    return window;
}

bool isOnSale(const Sale &sale, base::Instant now)
{
    using domain::EventStatus;
    if ((sale.from && now < *sale.from) || (sale.until && now >= *sale.until))
        return false;
    switch (sale.status) {
    case EventStatus::Published:
    case EventStatus::Live:
        return true;
    case EventStatus::Postponed:
        return sale.hasNewDate;
    case EventStatus::Draft:
    case EventStatus::Ended:
    case EventStatus::Cancelled:
    case EventStatus::Archived:
        return false;
    }
    return false;
}

base::Result<domain::EventDefinition> rescheduled(domain::EventDefinition definition, const NewTimes &times)
{
    domain::Event &event = definition.event;
    if (!event.startsAt)
        return base::invalid("event.starts_at: is missing", "An event without a start cannot move.");
    const base::Milliseconds by = times.startsAt - *event.startsAt;
    const auto move = [by](Moment &moment) {
        if (moment)
            *moment += by;
    };
    for (Moment *moment : {&event.startsAt, &event.endsAt, &event.doorsAt, &event.scanFrom, &event.scanUntil})
        move(*moment);
    for (domain::EventDate &date : definition.dates) {
        for (Moment *moment : {&date.startsAt, &date.endsAt, &date.doorsAt})
            move(*moment);
    }
    if (times.endsAt)
        event.endsAt = times.endsAt;
    if (times.doorsAt)
        event.doorsAt = times.doorsAt;
    event.rescheduledAt = times.startsAt;
    return definition;
}

} // namespace voelgoed::events
