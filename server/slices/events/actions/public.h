#pragma once

#include "server/slices/events/events.h"

/// Public pages.
namespace voelgoed::events {

struct OnePublicEvent
{
    base::Uuid event{};
};
BOOST_DESCRIBE_STRUCT(OnePublicEvent, (), (event))

/// NotFound unless it is published, live or postponed, and of an organization that is active.
async::Task<base::Result<PublicEvent>> showPublicEvent(actions::Context &context, Events &events, OnePublicEvent in);

void addPublicActions(Events &events);

} // namespace voelgoed::events
