#pragma once

#include "server/slices/events/changing.h"
#include "server/slices/events/words.h"

/// The gates that a venue has, whatever happens there. A gate of an event with the code of one is that gate.
namespace voelgoed::events {

struct VenueGateIn
{
    base::Uuid venue{};
    actions::Text<64> code; ///< unique in the venue
    actions::Text<200> name;
    actions::Defaulted<domain::GateState, domain::GateState::Open> state;
    std::optional<std::int64_t> capacity;
    actions::Defaulted<domain::CapacityMode, domain::CapacityMode::Warn> capacityMode;
};
BOOST_DESCRIBE_STRUCT(VenueGateIn, (), (venue, code, name, state, capacity, capacityMode))

struct VenueGateChange : VenueGateIn
{
    base::Uuid gate{};
};
BOOST_DESCRIBE_STRUCT(VenueGateChange, (VenueGateIn), (gate))

struct OneVenueGate
{
    base::Uuid venue{}, gate{};
};
BOOST_DESCRIBE_STRUCT(OneVenueGate, (), (venue, gate))

struct VenueGateOut
{
    base::Uuid id{}, venue{};
    std::string code, name, state;
    std::optional<std::int64_t> capacity;
    std::string capacityMode;
    std::int32_t version = 1;
};
BOOST_DESCRIBE_STRUCT(VenueGateOut, (), (id, venue, code, name, state, capacity, capacityMode, version))

struct GatesOfVenue
{
    base::Uuid venue{};
    std::optional<actions::Text<100>> after; ///< a code
    actions::Defaulted<std::int32_t, 50> limit;
};
BOOST_DESCRIBE_STRUCT(GatesOfVenue, (), (venue, after, limit))

inline constexpr std::int32_t kVenueGatesMax = 1'000;

struct VenueGateList
{
    std::vector<VenueGateOut> data; ///< by code
    bool hasMore = false;
    std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(VenueGateList, (), (data, hasMore, next))

async::Task<base::Result<VenueGateOut>> createVenueGate(actions::Context &context, Events &events, VenueGateIn in);
async::Task<base::Result<VenueGateOut>> changeVenueGate(actions::Context &context, Events &events, VenueGateChange in);
async::Task<base::Result<actions::Nothing>> deleteVenueGate(actions::Context &context, Events &events, OneVenueGate in);
async::Task<base::Result<VenueGateList>> listVenueGates(actions::Context &context, Events &events, GatesOfVenue in);

void addVenueGateActions(Events &events);

} // namespace voelgoed::events
