#include "server/slices/scanning/actions/occupancy.h"

namespace voelgoed::scanning {

using actions::Context;
using async::Task;
using base::Result;

namespace {

/// A device sees the event that it was put at; people who see only their own shifts see no event's figures.
bool mayRead(Context &context, const base::Uuid &event)
{
    if (context.grant() != access::Grant::Own)
        return true;
    return context.actor().device && context.actor().device->event == base::toText(event);
}

template <class Sums>
void add(Sums &sums, const GateCount &count)
{
    sums.entries += count.entries;
    sums.exits += count.exits;
    sums.denied += count.refused;
    sums.inside += count.entries - count.exits;
}

} // namespace

EventOccupancy occupancyOf(const base::Uuid &event, const Mirror::Figures &figures)
{
    EventOccupancy all;
    all.event = event;
    all.batch = figures.batch;
    for (const GateCount &count : figures.gates) {
        if (all.checkpoints.empty() || all.checkpoints.back().checkpoint != count.of.checkpoint) {
            all.checkpoints.emplace_back();
            all.checkpoints.back().checkpoint = count.of.checkpoint;
        }
        GateOccupancy gate;
        gate.gate = count.of.gate;
        add(gate, count);
        add(all.checkpoints.back(), count);
        add(all, count);
        all.checkpoints.back().gates.push_back(std::move(gate));
    }
    return all;
}

Task<Result<EventOccupancy>> showOccupancy(Context &context, Mirror &mirror, OfEvent in)
{
    if (!mayRead(context, in.event))
        co_return actions::notFound("event");
    const auto figures = co_await mirror.figures({context.organization(), in.event});
    if (!figures)
        co_return figures.error().code == base::ErrorCode::NotFound ? actions::notFound("event") : figures.error();
    co_return occupancyOf(in.event, *figures);
}

Task<Result<CheckpointOccupancy>> showCheckpointOccupancy(Context &context, Mirror &mirror, OfCheckpoint in)
{
    OfEvent event;
    event.event = in.event;
    auto all = co_await showOccupancy(context, mirror, event);
    if (!all)
        co_return all.error();
    for (CheckpointOccupancy &one : all->checkpoints) {
        if (one.checkpoint == in.checkpoint.value)
            co_return std::move(one);
    }
    co_return actions::notFound("checkpoint");
}

void addOccupancyActions(actions::Registry &actions, Mirror &mirror)
{
    using access::Permission;
    using access::Policy;
    actions.add({.name = "scanning.occupancy",
                 .method = http::Method::Get,
                 .route = "/v1/events/{event}/occupancy",
                 .summary = "How many came in and went out, by checkpoint and gate",
                 .policy = Policy::may(Permission::ReadScans)},
                mirror, &showOccupancy);
    actions.add({.name = "scanning.checkpoint_occupancy",
                 .method = http::Method::Get,
                 .route = "/v1/events/{event}/checkpoints/{checkpoint}/occupancy",
                 .summary = "The same of one checkpoint that somebody has passed",
                 .policy = Policy::may(Permission::ReadScans)},
                mirror, &showCheckpointOccupancy);
}

} // namespace voelgoed::scanning
