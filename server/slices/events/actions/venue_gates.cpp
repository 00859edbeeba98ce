#include "server/slices/events/actions/venue_gates.h"

#include "server/slices/events/own.h"

#include <algorithm>

namespace voelgoed::events {

using actions::Context;
using async::Task;
using base::Result;

namespace {

constexpr std::int32_t kPageMax = 100;

constexpr pg::Sql kVenue{"SELECT FROM events.venues WHERE organization_id = app.org() AND id = $1 FOR SHARE"};
constexpr pg::Sql kCount{"SELECT count(*)::int FROM events.gates WHERE organization_id = app.org() AND venue_id = $1"};
constexpr pg::Sql kList{R"(
SELECT id, venue_id, code, name, state, capacity, capacity_mode, version FROM events.gates
WHERE organization_id = app.org() AND venue_id = $1 AND ($2::text IS NULL OR code > $2) ORDER BY code LIMIT $3)"};
// Of an event that is among these; null: of any, or of none.
constexpr pg::Sql kSeen{R"(
SELECT FROM events.venues v WHERE organization_id = app.org() AND id = $1
  AND ($2::uuid[] IS NULL OR EXISTS (SELECT FROM events.events e WHERE e.organization_id = v.organization_id
                                     AND e.venue_id = v.id AND e.id = ANY ($2))))"};
constexpr pg::Sql kLock{R"(
SELECT id, venue_id, code, name, state, capacity, capacity_mode, version FROM events.gates
WHERE organization_id = app.org() AND venue_id = $1 AND id = $2 FOR UPDATE)"};
constexpr pg::Sql kCreate{R"(
INSERT INTO events.gates (organization_id, id, venue_id, code, name, state, capacity, capacity_mode)
VALUES (app.org(), $1, $2, $3, $4, $5, $6, $7)
RETURNING id, venue_id, code, name, state, capacity, capacity_mode, version)"};
constexpr pg::Sql kChange{R"(
UPDATE events.gates SET code = $3, name = $4, state = $5, capacity = $6, capacity_mode = $7, version = version + 1,
       updated_at = now()
WHERE organization_id = app.org() AND id = $1 AND venue_id = $2
RETURNING id, venue_id, code, name, state, capacity, capacity_mode, version)"};
constexpr pg::Sql kDelete{"DELETE FROM events.gates WHERE organization_id = app.org() AND id = $1"};
// Gates of this venue's events follow the code.
constexpr pg::Sql kLink{R"(
UPDATE events.event_gates g SET venue_gate_id = (
    SELECT v.id FROM events.gates v WHERE v.organization_id = app.org() AND v.venue_id = $1 AND v.code = g.code)
FROM events.events e
WHERE g.organization_id = app.org() AND e.organization_id = g.organization_id AND e.id = g.event_id AND e.venue_id = $1
  AND g.code = ANY ($2))"};

VenueGateOut gateOf(const pg::Rows::Row &row)
{
    return {.id = row.get<base::Uuid>(0),
            .venue = row.get<base::Uuid>(1),
            .code = row.get<std::string>(2),
            .name = row.get<std::string>(3),
            .state = row.get<std::string>(4),
            .capacity = row.get<std::optional<std::int64_t>>(5),
            .capacityMode = row.get<std::string>(6),
            .version = row.get<std::int32_t>(7)};
}

Result<void> check(Context &context, const VenueGateIn &in)
{
    if (in.code.value.empty())
        return context.reject("/code", "required", "A code is needed.");
    if (in.name.value.empty())
        return context.reject("/name", "required", "A name is needed.");
    if (in.capacity && *in.capacity < 0)
        return context.reject("/capacity", "out_of_range", "Nobody less than none.");
    return {};
}

pg::Params paramsOf(const base::Uuid &id, const VenueGateIn &in)
{
    return pg::Params::of(id, in.venue, in.code.value, in.name.value,
                          std::string(actions::written(in.state.value).as_string()), in.capacity,
                          std::string(actions::written(in.capacityMode.value).as_string()));
}

base::Error gateInWords(const base::Error &error)
{
    return pg::SqlState::isUniqueViolation(error, "gates_code")
               ? actions::conflict("code_taken", "Another gate of the venue has this code.")
               : error;
}

work::AuditEntry entry(const base::Uuid &gate, base::Json before, base::Json after)
{
    return {.action = {},
            .subjectType = "gate",
            .subject = base::toText(gate),
            .before = std::move(before),
            .after = std::move(after),
            .reason = {}};
}

/// Locked. NotFound also for a gate of another venue.
Task<Result<VenueGateOut>> lockGate(Context &context, base::Uuid venue, base::Uuid gate)
{
    const auto rows = co_await context.run(kLock, pg::Params::of(venue, gate));
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return actions::notFound("gate");
    const VenueGateOut found = gateOf(rows->front());
    if (const auto expected = context.expectedVersion(); expected && *expected != found.version)
        co_return actions::preconditionFailed();
    co_return found;
}

Task<Result<void>> link(Context &context, base::Uuid venue, std::vector<std::string> codes)
{
    const auto linked = co_await context.run(kLink, pg::Params::of(venue, codes));
    if (!linked)
        co_return linked.error();
    co_return Result<void>();
}

} // namespace

Task<Result<VenueGateOut>> createVenueGate(Context &context, Events &, VenueGateIn in)
{
    if (const auto sound = check(context, in); !sound)
        co_return sound.error();
    const auto venue =
        co_await context.tx().run({{kVenue, pg::Params::of(in.venue)}, {kCount, pg::Params::of(in.venue)}});
    if (!venue)
        co_return venue.error();
    if (venue->at(0).empty())
        co_return actions::notFound("venue");
    if (venue->at(1).front().get<std::int32_t>(0) >= kVenueGatesMax)
        co_return actions::conflict("too_many", "The venue has all the gates that one can have.");
    const auto rows = co_await context.run(kCreate, paramsOf(context.newId(), in));
    if (!rows)
        co_return gateInWords(rows.error());
    const VenueGateOut gate = gateOf(rows->front());
    if (const auto linked = co_await link(context, in.venue, {gate.code}); !linked)
        co_return linked.error();
    context.audit(entry(gate.id, boost::json::object{}, actions::written(gate)));
    context.answerVersion(gate.version);
    co_return gate;
}

Task<Result<VenueGateOut>> changeVenueGate(Context &context, Events &, VenueGateChange in)
{
    if (const auto sound = check(context, in); !sound)
        co_return sound.error();
    const auto before = co_await lockGate(context, in.venue, in.gate);
    if (!before)
        co_return before.error();
    const auto rows = co_await context.run(kChange, paramsOf(in.gate, in));
    if (!rows)
        co_return gateInWords(rows.error());
    const VenueGateOut gate = gateOf(rows->front());
    if (const auto linked = co_await link(context, in.venue, {before->code, gate.code}); !linked)
        co_return linked.error();
    context.audit(entry(gate.id, actions::written(*before), actions::written(gate)));
    context.answerVersion(gate.version);
    co_return gate;
}

Task<Result<actions::Nothing>> deleteVenueGate(Context &context, Events &, OneVenueGate in)
{
    const auto before = co_await lockGate(context, in.venue, in.gate);
    if (!before)
        co_return before.error();
    const auto gone = co_await context.run(kDelete, pg::Params::of(in.gate));
    if (!gone)
        co_return gone.error();
    context.audit(entry(in.gate, actions::written(*before), boost::json::object{}));
    co_return actions::Nothing{};
}

Task<Result<VenueGateList>> listVenueGates(Context &context, Events &events, GatesOfVenue in)
{
    const auto own = co_await ownEvents(events.needs.badges, context.actor(), context.grant());
    if (!own)
        co_return own.error();
    const auto venue = co_await context.run(kSeen, pg::Params::of(in.venue, *own));
    if (!venue)
        co_return venue.error();
    if (venue->empty())
        co_return actions::notFound("venue");
    const std::int32_t limit = std::clamp(in.limit.value, 1, kPageMax);
    const auto after = in.after ? std::optional(in.after->value) : std::nullopt;
    const auto rows = co_await context.run(kList, pg::Params::of(in.venue, after, limit + 1));
    if (!rows)
        co_return rows.error();
    VenueGateList list;
    for (std::size_t i = 0; i < rows->size() && i < static_cast<std::size_t>(limit); ++i)
        list.data.push_back(gateOf((*rows)[i]));
    list.hasMore = rows->size() > list.data.size();
    if (list.hasMore)
        list.next = list.data.back().code;
    co_return list;
}

void addVenueGateActions(Events &events)
{
    using access::Permission;
    using access::Policy;
    using http::Method;
    auto &actions = events.kernel.actions;
    const auto writes = [](std::string_view name, Method method, std::string_view route, std::string_view summary) {
        return actions::Declaration{.name = name,
                                    .method = method,
                                    .route = route,
                                    .summary = summary,
                                    .policy = Policy::may(Permission::ManageVenues),
                                    .effect = actions::Effect::Writes,
                                    .audited = actions::Audited::Yes,
                                    .load = actions::LoadClass::Write,
                                    .status = method == Method::Post ? 201 : 200,
                                    .ifMatch =
                                        method == Method::Post ? actions::IfMatch::No : actions::IfMatch::Heeded};
    };
    actions.add(writes("events.create_venue_gate", Method::Post, "/v1/venues/{venue}/gates", "Adds a gate to a venue"),
                events, &createVenueGate);
    actions.add(writes("events.update_venue_gate", Method::Put, "/v1/venues/{venue}/gates/{gate}",
                       "Replaces what is said of a venue's gate"),
                events, &changeVenueGate);
    actions.add(writes("events.delete_venue_gate", Method::Delete, "/v1/venues/{venue}/gates/{gate}",
                       "Takes a gate away from a venue; gates of events stay"),
                events, &deleteVenueGate);
    actions.add({.name = "events.list_venue_gates",
                 .method = Method::Get,
                 .route = "/v1/venues/{venue}/gates",
                 .summary = "The gates of a venue, by code",
                 .policy = Policy::may(Permission::ReadEvents)},
                events, &listVenueGates);
}

} // namespace voelgoed::events
