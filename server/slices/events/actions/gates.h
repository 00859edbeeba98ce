#pragma once

#include "server/slices/events/actions/event_out.h"

/// Opening and closing the lanes of an event.
namespace voelgoed::events {

struct GateStateChange
{
    base::Uuid event{};
    actions::Text<256> gate; ///< its id in the definition
    domain::GateState state = domain::GateState::Open;
    std::optional<actions::Text<500>> reason;
};
BOOST_DESCRIBE_STRUCT(GateStateChange, (), (event, gate, state, reason))

struct GateStateOut
{
    base::Uuid event{};
    std::string gate;
    domain::GateState state = domain::GateState::Open;
    std::int32_t version = 1; ///< of the event
};
BOOST_DESCRIBE_STRUCT(GateStateOut, (), (event, gate, state, version))

/// No version of the definition is kept of it: gates open and close all evening, and the audit trail has it.
async::Task<base::Result<GateStateOut>> changeGateState(actions::Context &context, Events &events, GateStateChange in);

void addGateActions(Events &events);

} // namespace voelgoed::events
