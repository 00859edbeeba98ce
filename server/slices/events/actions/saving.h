#pragma once

#include "server/slices/events/actions/event_out.h"

/// Creating an event; changing its definition and its details.
namespace voelgoed::events {

struct NewEvent : DefinitionIn
{
    std::optional<DetailsIn> details;
};
BOOST_DESCRIBE_STRUCT(NewEvent, (DefinitionIn), (details))

/// What goes with tickets that may be out already (types, dates, gates, checkpoints) goes by force, and with a reason.
/// Of an event that is no draft the states of its gates stay, and times move only as timesMayMove() says.
struct NewDefinition : DefinitionIn
{
    base::Uuid eventId{}; ///< of the path; `event` is a part of the definition
    bool force = false;
    std::optional<actions::Text<500>> reason;
};
BOOST_DESCRIBE_STRUCT(NewDefinition, (DefinitionIn), (eventId, force, reason))

/// Grace that moves the scanning window of an event that is no draft is a move of its times.
struct NewDetails : DetailsIn
{
    base::Uuid event{};
    std::optional<actions::Text<500>> reason;
};
BOOST_DESCRIBE_STRUCT(NewDetails, (DetailsIn), (event, reason))

async::Task<base::Result<EventOut>> createEvent(actions::Context &context, Events &events, NewEvent in);
async::Task<base::Result<EventOut>> changeDefinition(actions::Context &context, Events &events, NewDefinition in);
async::Task<base::Result<EventOut>> changeDetails(actions::Context &context, Events &events, NewDetails in);

void addSavingActions(Events &events);

} // namespace voelgoed::events
