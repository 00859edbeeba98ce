#pragma once

#include "server/slices/scanning/live/mirror.h"
#include "server/slices/scanning/live/shapes.h"
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
    std::int64_t inside = 0; ///< entries less exits through this gate, whatever closes: below 0 where people leave by
                             ///< another one
    std::optional<std::int64_t> capacity, percentFull; ///< of the gate with all its checkpoints
};
BOOST_DESCRIBE_STRUCT(GateOccupancy, (), (gate, entries, exits, denied, inside, capacity, percentFull))

struct CheckpointOccupancy
{
    std::string checkpoint;
    std::optional<std::string> zone;
    std::int64_t entries = 0, exits = 0, denied = 0;   ///< of all time
    std::int64_t inside = 0;                           ///< since its last closing
    std::optional<std::int64_t> capacity, percentFull; ///< of those inside its zone, where it has one
    std::vector<GateOccupancy> gates;
};
BOOST_DESCRIBE_STRUCT(CheckpointOccupancy, (),
                      (checkpoint, zone, entries, exits, denied, inside, capacity, percentFull, gates))

struct ZoneOccupancy
{
    std::string zone;
    std::int64_t entries = 0, exits = 0, denied = 0, inside = 0;
    std::optional<std::int64_t> capacity, percentFull; ///< the least of its checkpoints' that somebody has passed
};
BOOST_DESCRIBE_STRUCT(ZoneOccupancy, (), (zone, entries, exits, denied, inside, capacity, percentFull))

struct EventOccupancy
{
    base::Uuid event{};
    std::int64_t batch = 0; ///< of scans, that is in these figures
    std::int64_t entries = 0, exits = 0, denied = 0, inside = 0;
    std::optional<std::int64_t> capacity, percentFull;
    std::vector<CheckpointOccupancy> checkpoints;
    std::vector<ZoneOccupancy> zones;
    std::vector<GateOccupancy> gates; ///< each at all its checkpoints
};
BOOST_DESCRIBE_STRUCT(EventOccupancy, (),
                      (event, batch, entries, exits, denied, inside, capacity, percentFull, checkpoints, zones, gates))

/// The sums of figures by gate, as they are at `now`. `shape`: what they are held against, or null.
EventOccupancy occupancyOf(const base::Uuid &event, const Mirror::Figures &figures, const admission::Rulebook *shape,
                           base::Instant now);

/// Where figures come from.
struct Figures
{
    Mirror &mirror;
    Shapes &shapes;
    contracts::Badges &badges;
    Lanes &lanes; ///< which know how many the event holds
    base::Clock &clock;

    async::Task<base::Result<EventOccupancy>> of(EventKey event);
};

async::Task<base::Result<EventOccupancy>> showOccupancy(actions::Context &context, Figures &figures, OfEvent in);
async::Task<base::Result<CheckpointOccupancy>> showCheckpointOccupancy(actions::Context &context, Figures &figures,
                                                                       OfCheckpoint in);

void addOccupancyActions(actions::Registry &actions, Figures &figures);

} // namespace voelgoed::scanning
