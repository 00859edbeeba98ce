#include "server/slices/events/actions/venues.h"

#include "server/slices/events/own.h"
#include "server/slices/events/slug.h"
#include "server/slices/events/slug_store.h"

#include <algorithm>

namespace voelgoed::events {

using actions::Context;
using async::Task;
using base::Result;

namespace {

constexpr std::int32_t kPageMax = 100;

constexpr pg::Sql kShow{R"(
SELECT id, slug, name, timezone, address, city, postal_code, country, max_capacity, status, version
FROM events.venues v WHERE organization_id = app.org() AND id = $1
  AND ($2::uuid[] IS NULL OR EXISTS (SELECT FROM events.events e WHERE e.organization_id = v.organization_id
                                     AND e.venue_id = v.id AND e.id = ANY ($2))))"};
constexpr pg::Sql kLock{R"(
SELECT id, slug, name, timezone, address, city, postal_code, country, max_capacity, status, version
FROM events.venues WHERE organization_id = app.org() AND id = $1 FOR UPDATE)"};
constexpr pg::Sql kList{R"(
SELECT id, slug, name, timezone, address, city, postal_code, country, max_capacity, status, version
FROM events.venues v WHERE organization_id = app.org() AND ($1::uuid IS NULL OR id < $1)
  AND ($2::uuid[] IS NULL OR EXISTS (SELECT FROM events.events e WHERE e.organization_id = v.organization_id
                                     AND e.venue_id = v.id AND e.id = ANY ($2)))
ORDER BY id DESC LIMIT $3)"};
constexpr pg::Sql kCreate{R"(
INSERT INTO events.venues (organization_id, id, slug, name, timezone, address, city, postal_code, country, max_capacity,
                           status)
VALUES (app.org(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT ON CONSTRAINT venues_slug DO NOTHING
RETURNING id, slug, name, timezone, address, city, postal_code, country, max_capacity, status, version)"};
constexpr pg::Sql kChange{R"(
UPDATE events.venues SET slug = $2, name = $3, timezone = $4, address = $5, city = $6, postal_code = $7, country = $8,
       max_capacity = $9, status = $10, version = version + 1, updated_at = now()
WHERE organization_id = app.org() AND id = $1
RETURNING id, slug, name, timezone, address, city, postal_code, country, max_capacity, status, version)"};

VenueOut venueOf(const pg::Rows::Row &row)
{
    return {.id = row.get<base::Uuid>(0),
            .slug = row.get<std::string>(1),
            .name = row.get<std::string>(2),
            .timezone = row.get<std::string>(3),
            .address = row.get<std::string>(4),
            .city = row.get<std::string>(5),
            .postalCode = row.get<std::string>(6),
            .country = row.get<std::string>(7),
            .maxCapacity = row.get<std::optional<std::int64_t>>(8),
            .status = row.get<std::string>(9),
            .version = row.get<std::int32_t>(10)};
}

template <std::size_t Max>
std::string orEmpty(const std::optional<actions::Text<Max>> &text)
{
    return text ? text->value : std::string();
}

Result<void> check(Context &context, Events &events, const VenueIn &in)
{
    if (in.name.value.empty())
        return context.reject("/name", "required", "A name is needed.");
    if (in.slug && !isSlug(in.slug->value))
        return context.reject("/slug", "not_a_slug", "Lower-case letters and digits, with single dashes between them.");
    if (const auto zone = events.zones.find(in.timezone.value); !zone)
        return context.reject("/timezone", "not_found", zone.error().hint);
    if (in.maxCapacity && *in.maxCapacity < 0)
        return context.reject("/max_capacity", "out_of_range", "Nobody less than none.");
    return {};
}

pg::Params paramsOf(const base::Uuid &id, const VenueIn &in, const std::string &slug)
{
    return pg::Params::of(id, slug, in.name.value, in.timezone.value, orEmpty(in.address), orEmpty(in.city),
                          orEmpty(in.postalCode), orEmpty(in.country), in.maxCapacity,
                          std::string(actions::written(in.status.value).as_string()));
}

base::Error venueInWords(const base::Error &error)
{
    return pg::SqlState::isUniqueViolation(error, "venues_slug")
               ? actions::conflict("slug_taken", "Another venue has this short name.")
               : error;
}

work::AuditEntry entry(const VenueOut &venue, base::Json before)
{
    return {.action = {},
            .subjectType = "venue",
            .subject = base::toText(venue.id),
            .before = std::move(before),
            .after = actions::written(venue),
            .reason = {}};
}

} // namespace

Task<Result<VenueOut>> createVenue(Context &context, Events &events, VenueIn in)
{
    if (const auto sound = check(context, events, in); !sound)
        co_return sound.error();
    const base::Uuid id = context.newId();
    WantedSlug wanted{.of = Slugs::OfVenues,
                      .slug = in.slug ? in.slug->value : slugFrom(in.name.value, "venue"),
                      .isGiven = in.slug.has_value()};
    const auto rows = co_await insertUnder(context.tx(), std::move(wanted), [&](const std::string &slug) {
        return pg::Query{kCreate, paramsOf(id, in, slug)};
    });
    if (!rows)
        co_return rows.error();
    const VenueOut venue = venueOf(rows->front());
    context.audit(entry(venue, boost::json::object{}));
    context.answerField("Location", "/v1/venues/" + base::toText(venue.id));
    context.answerVersion(venue.version);
    co_return venue;
}

Task<Result<VenueOut>> changeVenue(Context &context, Events &events, VenueChange in)
{
    if (const auto sound = check(context, events, in); !sound)
        co_return sound.error();
    const auto old = co_await context.run(kLock, pg::Params::of(in.venue));
    if (!old)
        co_return old.error();
    if (old->empty())
        co_return actions::notFound("venue");
    const VenueOut before = venueOf(old->front());
    if (const auto expected = context.expectedVersion(); expected && *expected != before.version)
        co_return actions::preconditionFailed();
    const auto rows = co_await context.run(kChange, paramsOf(in.venue, in, in.slug ? in.slug->value : before.slug));
    if (!rows)
        co_return venueInWords(rows.error());
    const VenueOut venue = venueOf(rows->front());
    context.audit(entry(venue, actions::written(before)));
    context.answerVersion(venue.version);
    co_return venue;
}

Task<Result<VenueOut>> showVenue(Context &context, Events &events, OneVenue in)
{
    const auto own = co_await ownEvents(events.needs.badges, context.actor(), context.grant());
    if (!own)
        co_return own.error();
    const auto rows = co_await context.run(kShow, pg::Params::of(in.venue, *own));
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return actions::notFound("venue");
    const VenueOut venue = venueOf(rows->front());
    context.answerVersion(venue.version);
    co_return venue;
}

Task<Result<VenueList>> listVenues(Context &context, Events &events, ListVenues in)
{
    const auto own = co_await ownEvents(events.needs.badges, context.actor(), context.grant());
    if (!own)
        co_return own.error();
    const std::int32_t limit = std::clamp(in.limit.value, 1, kPageMax);
    const auto rows = co_await context.run(kList, pg::Params::of(in.after, *own, limit + 1));
    if (!rows)
        co_return rows.error();
    VenueList list;
    for (std::size_t i = 0; i < rows->size() && i < static_cast<std::size_t>(limit); ++i)
        list.data.push_back(venueOf((*rows)[i]));
    list.hasMore = rows->size() > list.data.size();
    if (list.hasMore)
        list.next = list.data.back().id;
    co_return list;
}

void addVenueActions(Events &events)
{
    using access::Permission;
    using access::Policy;
    using http::Method;
    auto &actions = events.kernel.actions;
    actions.add({.name = "events.create_venue",
                 .method = Method::Post,
                 .route = "/v1/venues",
                 .summary = "Creates a venue",
                 .policy = Policy::may(Permission::ManageVenues),
                 .effect = actions::Effect::Writes,
                 .idempotency = actions::Idempotency::Optional,
                 .audited = actions::Audited::Yes,
                 .load = actions::LoadClass::Write,
                 .status = 201},
                events, &createVenue);
    actions.add({.name = "events.list_venues",
                 .method = Method::Get,
                 .route = "/v1/venues",
                 .summary = "Venues, newest first",
                 .policy = Policy::may(Permission::ReadEvents)},
                events, &listVenues);
    actions.add({.name = "events.show_venue",
                 .method = Method::Get,
                 .route = "/v1/venues/{venue}",
                 .summary = "A venue",
                 .policy = Policy::may(Permission::ReadEvents)},
                events, &showVenue);
    actions.add({.name = "events.update_venue",
                 .method = Method::Put,
                 .route = "/v1/venues/{venue}",
                 .summary = "Replaces what is said of a venue, or archives it",
                 .policy = Policy::may(Permission::ManageVenues),
                 .effect = actions::Effect::Writes,
                 .audited = actions::Audited::Yes,
                 .load = actions::LoadClass::Write,
                 .ifMatch = actions::IfMatch::Heeded},
                events, &changeVenue);
}

} // namespace voelgoed::events
