#pragma once

#include "server/slices/events/actions/event_out.h"

/// The life of an event, move by move. Which moves there are stands in events.event_transitions; any other is Conflict,
/// illegal_move.
namespace voelgoed::events {

struct PlainMove
{
    base::Uuid event{};
    std::optional<actions::Text<500>> reason;
};
BOOST_DESCRIBE_STRUCT(PlainMove, (), (event, reason))

struct Cancellation
{
    base::Uuid event{};
    actions::Reason reason;
    std::optional<base::Uuid> replacedBy; ///< another event of the organization
};
BOOST_DESCRIBE_STRUCT(Cancellation, (), (event, reason, replacedBy))

/// Without a new time it scans and sells nothing until it is rescheduled.
struct Postponement
{
    base::Uuid event{};
    actions::Reason reason;
    std::optional<base::Instant> startsAt, endsAt, doorsAt;
};
BOOST_DESCRIBE_STRUCT(Postponement, (), (event, reason, startsAt, endsAt, doorsAt))

/// Of an event that is published or postponed. What is absent stays as far from the start as it was.
struct Rescheduling
{
    base::Uuid event{};
    base::Instant startsAt;
    std::optional<base::Instant> endsAt, doorsAt;
    std::optional<actions::Text<500>> reason;
};
BOOST_DESCRIBE_STRUCT(Rescheduling, (), (event, startsAt, endsAt, doorsAt, reason))

async::Task<base::Result<EventOut>> publishEvent(actions::Context &context, Events &events, PlainMove in);
async::Task<base::Result<EventOut>> openEvent(actions::Context &context, Events &events, PlainMove in);
async::Task<base::Result<EventOut>> endEvent(actions::Context &context, Events &events, PlainMove in);
async::Task<base::Result<EventOut>> archiveEvent(actions::Context &context, Events &events, PlainMove in);
async::Task<base::Result<EventOut>> cancelEvent(actions::Context &context, Events &events, Cancellation in);
async::Task<base::Result<EventOut>> postponeEvent(actions::Context &context, Events &events, Postponement in);
async::Task<base::Result<EventOut>> rescheduleEvent(actions::Context &context, Events &events, Rescheduling in);

void addMovingActions(Events &events);

} // namespace voelgoed::events
