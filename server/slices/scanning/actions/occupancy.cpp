#include "server/slices/scanning/actions/occupancy.h"

#include "server/slices/scanning/own.h"

#include <algorithm>

namespace voelgoed::scanning {

using actions::Context;
using async::Task;
using base::Result;

namespace {

template <class Sums>
void add(Sums &sums, const GateCount &count, std::int64_t inside)
{
    sums.entries += count.sum.entries;
    sums.exits += count.sum.exits;
    sums.denied += count.sum.refused;
    sums.inside += inside;
}

std::optional<std::int64_t> percentOf(std::int64_t inside, const std::optional<std::uint32_t> &capacity)
{
    if (!capacity)
        return std::nullopt;
    return percentFull(inside, *capacity);
}

ZoneOccupancy &zoneIn(EventOccupancy &all, const std::string &zone)
{
    for (ZoneOccupancy &one : all.zones) {
        if (one.zone == zone)
            return one;
    }
    all.zones.emplace_back();
    all.zones.back().zone = zone;
    return all.zones.back();
}

GateOccupancy &gateIn(EventOccupancy &all, const std::string &gate)
{
    for (GateOccupancy &one : all.gates) {
        if (one.gate == gate)
            return one;
    }
    all.gates.emplace_back();
    all.gates.back().gate = gate;
    return all.gates.back();
}

void holdZoneAgainst(const std::optional<std::uint32_t> &capacity, ZoneOccupancy &zone)
{
    if (!capacity || (zone.capacity && *zone.capacity <= *capacity))
        return;
    zone.capacity = *capacity;
    zone.percentFull = percentFull(zone.inside, *capacity);
}

/// Capacities, once all sums are there.
void holdAgainst(const admission::Rulebook &shape, EventOccupancy &all)
{
    for (GateOccupancy &one : all.gates) {
        if (const domain::Gate *gate = shape.gate(one.gate)) {
            one.capacity = gate->capacity;
            one.percentFull = percentOf(one.inside, gate->capacity);
        }
    }
    for (CheckpointOccupancy &checkpoint : all.checkpoints) {
        for (GateOccupancy &one : checkpoint.gates) {
            const GateOccupancy &whole = gateIn(all, one.gate);
            one.capacity = whole.capacity;
            one.percentFull = whole.percentFull;
        }
        if (const auto *known = shape.checkpoint(checkpoint.checkpoint)) {
            const std::optional<std::uint32_t> &capacity = known->definition.capacity;
            const std::int64_t inside = checkpoint.zone ? zoneIn(all, *checkpoint.zone).inside : checkpoint.inside;
            checkpoint.capacity = capacity;
            checkpoint.percentFull = percentOf(inside, capacity);
            if (checkpoint.zone)
                holdZoneAgainst(capacity, zoneIn(all, *checkpoint.zone));
        }
    }
}

} // namespace

EventOccupancy occupancyOf(const base::Uuid &event, const Mirror::Figures &figures, const admission::Rulebook *shape,
                           base::Instant now)
{
    EventOccupancy all;
    all.event = event;
    all.batch = figures.batch;
    for (const GateCount &count : figures.gates) {
        if (all.checkpoints.empty() || all.checkpoints.back().checkpoint != count.of.checkpoint) {
            all.checkpoints.emplace_back();
            all.checkpoints.back().checkpoint = count.of.checkpoint;
            const auto *known = shape ? shape->checkpoint(count.of.checkpoint) : nullptr;
            if (known && known->definition.zone)
                all.checkpoints.back().zone = known->definition.zone->text;
        }
        CheckpointOccupancy &checkpoint = all.checkpoints.back();
        GateOccupancy gate;
        gate.gate = count.of.gate;
        const std::int64_t inside = insideOf(count, shape, now);
        add(gate, count, count.sum.entries - count.sum.exits);
        add(checkpoint, count, inside);
        add(all, count, inside);
        if (checkpoint.zone)
            add(zoneIn(all, *checkpoint.zone), count, inside);
        add(gateIn(all, gate.gate), count, gate.inside);
        checkpoint.gates.push_back(std::move(gate));
    }
    if (shape)
        holdAgainst(*shape, all);
    return all;
}

Task<Result<EventOccupancy>> Figures::of(EventKey event)
{
    const auto found = co_await mirror.figures(event);
    if (!found)
        co_return found.error().code == base::ErrorCode::NotFound ? actions::notFound("event") : found.error();
    const auto shape = co_await shapes.of(event);
    EventOccupancy all = occupancyOf(event.event, *found, shape.get(), clock.now().wall);
    const Alarms alarms = co_await lanes.alarmsOf(event.organization, event.event);
    if (alarms.eventCapacity) {
        all.capacity = *alarms.eventCapacity;
        all.percentFull = percentFull(all.inside, *alarms.eventCapacity);
    }
    co_return all;
}

Task<Result<EventOccupancy>> showOccupancy(Context &context, Figures &figures, OfEvent in)
{
    if (const auto reached = co_await reachEvent(context, figures.badges, in.event); !reached)
        co_return reached.error();
    const EventKey event{context.organization(), in.event};
    co_return co_await figures.of(event);
}

Task<Result<CheckpointOccupancy>> showCheckpointOccupancy(Context &context, Figures &figures, OfCheckpoint in)
{
    OfEvent event;
    event.event = in.event;
    auto all = co_await showOccupancy(context, figures, event);
    if (!all)
        co_return all.error();
    for (CheckpointOccupancy &one : all->checkpoints) {
        if (one.checkpoint == in.checkpoint.value)
            co_return std::move(one);
    }
    co_return actions::notFound("checkpoint");
}

void addOccupancyActions(actions::Registry &actions, Figures &figures)
{
    using access::Permission;
    using access::Policy;
    actions.add({.name = "scanning.occupancy",
                 .method = http::Method::Get,
                 .route = "/v1/events/{event}/occupancy",
                 .summary = "How many came in and went out, by checkpoint and gate",
                 .policy = Policy::may(Permission::ReadScans)},
                figures, &showOccupancy);
    actions.add({.name = "scanning.checkpoint_occupancy",
                 .method = http::Method::Get,
                 .route = "/v1/events/{event}/checkpoints/{checkpoint}/occupancy",
                 .summary = "The same of one checkpoint that somebody has passed",
                 .policy = Policy::may(Permission::ReadScans)},
                figures, &showCheckpointOccupancy);
}

} // namespace voelgoed::scanning
