#pragma once

#include "server/slices/scanning/live/mirror.h"
#include "server/slices/scanning/scanning.h"

/// How many are where.
namespace voelgoed::scanning {

struct OfEvent
{
    base::Uuid event{};
};
BOOST_DESCRIBE_STRUCT(OfEvent, (), (event))

struct OfCheckpoint
{
    base::Uuid event{};
    actions::Text<100> checkpoint;
};
BOOST_DESCRIBE_STRUCT(OfCheckpoint, (), (event, checkpoint))

struct GateOccupancy
{
    std::string gate;
    std::int64_t entries = 0, exits = 0, denied = 0;
    std::int64_t inside = 0; ///< entries less exits through this gate: below 0 where people leave by another one
};
BOOST_DESCRIBE_STRUCT(GateOccupancy, (), (gate, entries, exits, denied, inside))

struct CheckpointOccupancy
{
    std::string checkpoint;
    std::int64_t entries = 0, exits = 0, denied = 0, inside = 0;
    std::vector<GateOccupancy> gates;
};
BOOST_DESCRIBE_STRUCT(CheckpointOccupancy, (), (checkpoint, entries, exits, denied, inside, gates))

struct EventOccupancy
{
    base::Uuid event{};
    std::int64_t batch = 0; ///< of scans, that is in these figures
    std::int64_t entries = 0, exits = 0, denied = 0, inside = 0;
    std::vector<CheckpointOccupancy> checkpoints;
};
BOOST_DESCRIBE_STRUCT(EventOccupancy, (), (event, batch, entries, exits, denied, inside, checkpoints))

/// The sums of figures by gate.
EventOccupancy occupancyOf(const base::Uuid &event, const Mirror::Figures &figures);

async::Task<base::Result<EventOccupancy>> showOccupancy(actions::Context &context, Mirror &mirror, OfEvent in);
async::Task<base::Result<CheckpointOccupancy>> showCheckpointOccupancy(actions::Context &context, Mirror &mirror,
                                                                       OfCheckpoint in);

void addOccupancyActions(actions::Registry &actions, Mirror &mirror);

} // namespace voelgoed::scanning
