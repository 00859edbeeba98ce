#pragma once

#include "server/slices/events/actions/event_out.h"

/// Reading events, their definitions, and the versions these had.
namespace voelgoed::events {

enum class EventFormat { Event, Definition };
BOOST_DESCRIBE_ENUM(EventFormat, Event, Definition)

struct ShowEvent
{
    base::Uuid event{};
    actions::Defaulted<EventFormat, EventFormat::Event> format;
};
BOOST_DESCRIBE_STRUCT(ShowEvent, (), (event, format))

/// With format=definition: the definition and nothing else, as events.update takes it.
struct ShownEvent
{
    std::shared_ptr<const std::string> event; ///< an EventOut, written
    base::Json definition;
};

struct ListEvents
{
    std::optional<base::Uuid> after;
    actions::Defaulted<std::int32_t, 50> limit;
    std::vector<domain::EventStatus> status; ///< empty: all
    std::optional<actions::Text<63>> slug;
};
BOOST_DESCRIBE_STRUCT(ListEvents, (), (after, limit, status, slug))

struct EventList
{
    std::vector<EventOut> data; ///< newest first; one that cannot be read any more is left out, and logged
    bool hasMore = false;
    std::optional<base::Uuid> next;
};
BOOST_DESCRIBE_STRUCT(EventList, (), (data, hasMore, next))

struct VersionOut
{
    std::int32_t number = 0;
    std::string change; ///< "created", "updated", "rescheduled"
    std::string reason;
    base::Instant savedAt;
    std::string savedByType;
    base::Uuid savedBy{};
    std::optional<base::Json> definition; ///< not in lists
};
BOOST_DESCRIBE_STRUCT(VersionOut, (), (number, change, reason, savedAt, savedByType, savedBy, definition))

struct ListVersions
{
    base::Uuid event{};
    std::optional<std::int32_t> after;
    actions::Defaulted<std::int32_t, 50> limit;
};
BOOST_DESCRIBE_STRUCT(ListVersions, (), (event, after, limit))

struct VersionList
{
    std::vector<VersionOut> data; ///< newest first
    bool hasMore = false;
    std::optional<std::int32_t> next;
};
BOOST_DESCRIBE_STRUCT(VersionList, (), (data, hasMore, next))

struct OneVersion
{
    base::Uuid event{};
    std::int32_t number = 0;
};
BOOST_DESCRIBE_STRUCT(OneVersion, (), (event, number))

async::Task<base::Result<ShownEvent>> showEvent(actions::Context &context, Events &events, ShowEvent in);
async::Task<base::Result<EventList>> listEvents(actions::Context &context, Events &events, ListEvents in);
async::Task<base::Result<VersionList>> listVersions(actions::Context &context, Events &events, ListVersions in);
async::Task<base::Result<VersionOut>> showVersion(actions::Context &context, Events &events, OneVersion in);

void addReadingActions(Events &events);

} // namespace voelgoed::events

template <>
struct voelgoed::actions::Codec<voelgoed::events::ShownEvent>
{
    static std::shared_ptr<const std::string> textOf(const events::ShownEvent &shown) { return shown.event; }
    static base::Json write(const events::ShownEvent &shown) { return shown.definition; }
    static base::Json schema() { return {{"anyOf", {schemaOf<events::EventOut>(), {{"type", "object"}}}}}; }
};
