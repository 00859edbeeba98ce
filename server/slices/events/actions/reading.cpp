#include "server/slices/events/actions/reading.h"

#include "server/slices/events/own.h"
#include "shared/domain/definition_write.h"
#include "shared/domain/words.h"

#include <algorithm>

namespace voelgoed::events {

using actions::Context;
using async::Task;
using base::Result;

namespace {

constexpr std::int32_t kPageMax = 100;

constexpr pg::Sql kVersions{R"(
SELECT number, change, reason, saved_at, saved_by_type, saved_by FROM events.event_versions
WHERE organization_id = app.org() AND event_id = $1 AND ($2::int IS NULL OR number < $2)
ORDER BY number DESC LIMIT $3)"};
constexpr pg::Sql kVersion{R"(
SELECT number, change, reason, saved_at, saved_by_type, saved_by, definition::text FROM events.event_versions
WHERE organization_id = app.org() AND event_id = $1 AND number = $2)"};

VersionOut versionOf(const pg::Rows::Row &row)
{
    return {.number = row.get<std::int32_t>(0),
            .change = row.get<std::string>(1),
            .reason = row.get<std::string>(2),
            .savedAt = row.get<base::Instant>(3),
            .savedByType = row.get<std::string>(4),
            .savedBy = row.get<base::Uuid>(5),
            .definition = {}};
}

} // namespace

// Asked for more often than anything else. What another server changed is seen within a second.
Task<Result<ShownEvent>> showEvent(Context &context, Events &events, ShowEvent in)
{
    if (const auto sees = co_await seesEvent(context, events.needs.badges, in.event); !sees)
        co_return sees.error();
    const auto found = co_await events.known.show(context.organization(), in.event);
    if (!found)
        co_return found.error();
    const auto &event = found->event;
    if (!event)
        co_return actions::notFound("event");
    ShownEvent shown;
    context.answerVersion(event->version);
    context.answerStale(found->staleBy);
    if (in.format.value == EventFormat::Definition) {
        shown.definition = domain::writeDefinition(event->definition);
        co_return shown;
    }
    auto &text = found->texts->at(isOnSaleAt(*event, context.now()) ? 1 : 0);
    if (!text)
        text = std::make_shared<const std::string>(base::toText(actions::written(outOf(*event, context.now()))));
    shown.event = text;
    co_return shown;
}

Task<Result<EventList>> listEvents(Context &context, Events &events, ListEvents in)
{
    auto own = co_await ownEvents(events.needs.badges, context.actor(), context.grant());
    if (!own)
        co_return own.error();
    Filter filter{.after = in.after,
                  .only = std::move(*own),
                  .statuses = {},
                  .slug = {},
                  .limit = std::clamp(in.limit.value, 1, kPageMax)};
    for (const domain::EventStatus status : in.status)
        filter.statuses.emplace_back(domain::wordFor(status));
    if (in.slug)
        filter.slug = in.slug->value;
    const pg::Query query = selectEvents(filter);
    const auto rows = co_await context.run(query.sql, query.params);
    if (!rows)
        co_return rows.error();
    EventList list;
    const std::size_t most = static_cast<std::size_t>(filter.limit);
    for (std::size_t i = 0; i < std::min(rows->size(), most); ++i) {
        const auto event = storedOf((*rows)[i]);
        if (event)
            list.data.push_back(outOf(*event, context.now()));
        else // The others are there all the same.
            events.kernel.log.of("events").failure("an event is left out of a list", event.error());
    }
    list.hasMore = rows->size() > most;
    if (list.hasMore)
        list.next = (*rows)[most - 1].get<base::Uuid>(0);
    co_return list;
}

Task<Result<VersionList>> listVersions(Context &context, Events &events, ListVersions in)
{
    if (const auto event = co_await loadEvent(context, events, in.event); !event)
        co_return event.error();
    const std::int32_t limit = std::clamp(in.limit.value, 1, kPageMax);
    const auto rows = co_await context.run(kVersions, pg::Params::of(in.event, in.after, limit + 1));
    if (!rows)
        co_return rows.error();
    VersionList list;
    for (std::size_t i = 0; i < rows->size() && i < static_cast<std::size_t>(limit); ++i)
        list.data.push_back(versionOf((*rows)[i]));
    list.hasMore = rows->size() > list.data.size();
    if (list.hasMore)
        list.next = list.data.back().number;
    co_return list;
}

Task<Result<VersionOut>> showVersion(Context &context, Events &events, OneVersion in)
{
    if (const auto event = co_await loadEvent(context, events, in.event); !event)
        co_return event.error();
    const auto rows = co_await context.run(kVersion, pg::Params::of(in.event, in.number));
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return actions::notFound("version");
    VersionOut version = versionOf(rows->front());
    auto definition = base::parseJson(rows->front().get<std::string>(6), kStoredLimits);
    if (!definition)
        co_return base::corrupt("a version's definition: " + definition.error().message);
    version.definition = std::move(*definition);
    co_return version;
}

void addReadingActions(Events &events)
{
    using access::Permission;
    using access::Policy;
    using http::Method;
    auto &actions = events.kernel.actions;
    actions.add({.name = "events.list",
                 .method = Method::Get,
                 .route = "/v1/events",
                 .summary = "Events, newest first",
                 .policy = Policy::may(Permission::ReadEvents)},
                events, &listEvents);
    actions.add({.name = "events.show",
                 .method = Method::Get,
                 .route = "/v1/events/{event}",
                 .summary = "An event, or with format=definition its definition in the words of scenario files",
                 .policy = Policy::may(Permission::ReadEvents)},
                events, &showEvent);
    actions.add({.name = "events.list_versions",
                 .method = Method::Get,
                 .route = "/v1/events/{event}/versions",
                 .summary = "Every definition that an event had, newest first: when it was saved, and by whom",
                 .policy = Policy::may(Permission::EditEvents)},
                events, &listVersions);
    actions.add({.name = "events.show_version",
                 .method = Method::Get,
                 .route = "/v1/events/{event}/versions/{number}",
                 .summary = "One of the definitions that an event had",
                 .policy = Policy::may(Permission::EditEvents)},
                events, &showVersion);
}

} // namespace voelgoed::events
