#include "server/slices/events/store.h"

#include "server/platform/actions/context.h"
#include "shared/base/json_reader.h"
#include "shared/domain/definition_json.h"
#include "shared/domain/definition_write.h"
#include "shared/domain/words.h"

namespace voelgoed::events {

using base::Result;

namespace {

#define EVENT_COLUMNS                                                                                                  \
    "SELECT id, slug, status, version, definition_version, definition::text, description, venue_id, series, "          \
    "capacity, "                                                                                                       \
    "sale_from, sale_until, opens_before, closes_after, scan_from, scan_until, rescheduled_at, postponement_reason, "  \
    "replaced_by, created_at, updated_at FROM events.events WHERE organization_id = app.org() "

constexpr pg::Sql kSelect{EVENT_COLUMNS "AND id = $1"};
constexpr pg::Sql kSelectShared{EVENT_COLUMNS "AND id = $1 FOR SHARE"};
constexpr pg::Sql kSelectLocked{EVENT_COLUMNS "AND id = $1 FOR UPDATE"};
constexpr pg::Sql kSelectUnless{EVENT_COLUMNS "AND id = $1 AND version <> $2"};
constexpr pg::Sql kSelectVersion{"SELECT version FROM events.events WHERE organization_id = app.org() AND id = $1"};
constexpr pg::Sql kSelectMany{
    EVENT_COLUMNS "AND ($1::uuid IS NULL OR id < $1) AND ($2::uuid[] IS NULL OR id = ANY ($2)) "
                  "AND (cardinality($3::text[]) = 0 OR status = ANY ($3)) AND ($4::text IS NULL OR slug = $4) "
                  "ORDER BY id DESC LIMIT $5"};
#undef EVENT_COLUMNS

constexpr pg::Sql kInsert{R"(
INSERT INTO events.events (organization_id, id, slug, status, version, definition_version, definition, name, timezone,
    starts_at, ends_at, doors_at, rescheduled_at, description, venue_id, series, capacity, sale_from, sale_until,
    opens_before, closes_after, scan_from, scan_until, postponement_reason, replaced_by, created_at, updated_at)
VALUES (app.org(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
        $23, $24, $25, $25)
ON CONFLICT ON CONSTRAINT events_slug DO NOTHING RETURNING id)"};
constexpr pg::Sql kUpdate{R"(
UPDATE events.events SET slug = $2, status = $3, version = $4, definition_version = $5, definition = $6, name = $7,
    timezone = $8, starts_at = $9, ends_at = $10, doors_at = $11, rescheduled_at = $12, description = $13,
    venue_id = $14, series = $15, capacity = $16, sale_from = $17, sale_until = $18, opens_before = $19,
    closes_after = $20, scan_from = $21, scan_until = $22, postponement_reason = $23, replaced_by = $24,
    updated_at = $25
WHERE organization_id = app.org() AND id = $1)"};
constexpr pg::Sql kInsertVersion{R"(
INSERT INTO events.event_versions (organization_id, event_id, number, definition, change, reason, saved_at,
                                   saved_by_type, saved_by)
VALUES (app.org(), $1, $2, $3, $4, $5, $6, $7, $8))"};

pg::Jsonb jsonOf(const domain::EventDefinition &definition)
{
    return {base::toText(domain::writeDefinition(definition))};
}

pg::Params paramsOf(const StoredEvent &event)
{
    const domain::Event &said = event.definition.event;
    const Details &details = event.details;
    return pg::Params::of(event.id, event.slug(), domain::wordFor(said.status), event.version, event.definitionVersion,
                          jsonOf(event.definition), said.name, said.timezone, said.startsAt, said.endsAt, said.doorsAt,
                          said.rescheduledAt, details.description, details.venue, details.series, details.capacity,
                          details.saleFrom, details.saleUntil, static_cast<std::int32_t>(details.grace.before.count()),
                          static_cast<std::int32_t>(details.grace.after.count()), event.window.from, event.window.until,
                          event.postponementReason, event.replacedBy, event.updatedAt);
}

} // namespace

pg::Query selectEvent(const base::Uuid &event, Lock lock)
{
    switch (lock) {
    case Lock::None:
        return {kSelect, pg::Params::of(event)};
    case Lock::AgainstChange:
        return {kSelectShared, pg::Params::of(event)};
    case Lock::ToChange:
        return {kSelectLocked, pg::Params::of(event)};
    }
    return {kSelect, pg::Params::of(event)};
}

pg::Query selectUnless(const base::Uuid &event, std::int32_t version)
{
    return {kSelectUnless, pg::Params::of(event, version)};
}

pg::Query selectVersion(const base::Uuid &event)
{
    return {kSelectVersion, pg::Params::of(event)};
}

pg::Query selectEvents(const Filter &filter)
{
    return {kSelectMany, pg::Params::of(filter.after, filter.only, filter.statuses, filter.slug, filter.limit + 1)};
}

Result<StoredEvent> storedOf(const pg::Rows::Row &row)
{
    StoredEvent event;
    event.id = row.get<base::Uuid>(0);
    const auto broken = [&event](const std::string &what) {
        return base::corrupt("event " + base::toText(event.id) + ": its definition: " + what);
    };
    const auto json = base::parseJson(row.get<std::string>(5), kStoredLimits);
    if (!json)
        return broken(json.error().message);
    base::JsonFailure failure;
    const base::JsonPlace place{*json, {}, failure};
    base::ObjectReader fields(place);
    event.definition = domain::readDefinition(fields);
    if (failure.happened())
        return broken(failure.error()->message);
    domain::Event &said = event.definition.event;
    said.id.text = row.get<std::string>(1);
    const auto status = domain::fromWord<domain::EventStatus>(row.get<std::string>(2));
    base::ensure(status.has_value(), "an event of a status that there is not");
    said.status = *status;
    said.rescheduledAt = row.get<std::optional<base::Instant>>(16);
    event.version = row.get<std::int32_t>(3);
    event.definitionVersion = row.get<std::int32_t>(4);
    event.details = {.description = row.get<std::string>(6),
                     .venue = row.get<std::optional<base::Uuid>>(7),
                     .series = row.get<std::optional<base::Uuid>>(8),
                     .capacity = row.get<std::optional<std::int64_t>>(9),
                     .saleFrom = row.get<std::optional<base::Instant>>(10),
                     .saleUntil = row.get<std::optional<base::Instant>>(11),
                     .grace = {.before = std::chrono::minutes(row.get<std::int32_t>(12)),
                               .after = std::chrono::minutes(row.get<std::int32_t>(13))}};
    event.window = {row.get<std::optional<base::Instant>>(14), row.get<std::optional<base::Instant>>(15)};
    event.postponementReason = row.get<std::string>(17);
    event.replacedBy = row.get<std::optional<base::Uuid>>(18);
    event.createdAt = row.get<base::Instant>(19);
    event.updatedAt = row.get<base::Instant>(20);
    return event;
}

pg::Query insertEvent(const StoredEvent &event)
{
    return {kInsert, paramsOf(event)};
}

pg::Query updateEvent(const StoredEvent &event)
{
    return {kUpdate, paramsOf(event)};
}

base::Error inWords(const base::Error &error)
{
    const auto state = pg::SqlState::of(error);
    if (!state)
        return error;
    const auto is = [&](std::string_view constraint) { return state->constraint == constraint; };
    if (is("events_slug"))
        return actions::conflict("slug_taken", "Another event has this short name.");
    if (is("legal_move"))
        return actions::conflict("illegal_move", "From where it is now, the event cannot go there.");
    if (is("events_venue"))
        return {base::ErrorCode::Invalid, "no such venue", "There is no such venue.", "no_such_venue"};
    if (is("events_replaced_by"))
        return {base::ErrorCode::Invalid, "no such event", "There is no event that could replace it.", "no_such_event"};
    if (is("events_has_window"))
        return actions::conflict("no_window", "Say when the event begins and ends, or when it scans.");
    if (is("events_window") || is("events_sale") || is("events_times"))
        return {base::ErrorCode::Invalid, error.message, "It would end before it begins.", "times_contradict"};
    return error;
}

pg::Query insertVersion(const StoredEvent &event, const Saved &saved, const work::UnitOfWork &unit)
{
    return {kInsertVersion, pg::Params::of(event.id, event.definitionVersion, jsonOf(event.definition), saved.change,
                                           saved.reason, unit.now(), access::word(unit.actor().kind), unit.actor().id)};
}

} // namespace voelgoed::events
