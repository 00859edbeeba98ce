#include "server/slices/events/actions/moves.h"

#include "server/slices/events/checking.h"
#include "server/slices/events/notices.h"
#include "shared/domain/words.h"

namespace voelgoed::events {

using actions::Context;
using async::Task;
using base::Result;
using domain::EventStatus;

namespace {

std::string textOf(const std::optional<actions::Text<500>> &reason)
{
    return reason ? reason->value : std::string();
}

Task<Result<EventOut>> moveTo(Context &context, Events &events, PlainMove in, EventStatus to)
{
    const auto before = co_await loadToChange(context, in.event);
    if (!before)
        co_return before.error();
    Move move{.before = *before, .after = *before, .reason = textOf(in.reason)};
    move.after.definition.event.status = to;
    const auto after = co_await writeMove(context.unit(), events, std::move(move));
    if (!after)
        co_return after.error();
    co_return answer(context, *after);
}

/// The event at its new time, checked as any definition is.
Result<StoredEvent> atNewTimes(Context &context, Events &events, const StoredEvent &event, const NewTimes &times)
{
    StoredEvent moved = event;
    auto definition = rescheduled(event.definition, times);
    if (!definition)
        return actions::conflict("no_start", definition.error().hint);
    auto sound = checked(std::move(*definition), events.zones);
    if (!sound)
        return rejected(context, sound.error());
    moved.definition = std::move(*sound);
    return moved;
}

boost::json::object timesOf(const StoredEvent &event)
{
    const EventOut out = outOf(event, {});
    return {{"starts_at", actions::written(out.startsAt)},
            {"ends_at", actions::written(out.endsAt)},
            {"doors_at", actions::written(out.doorsAt)},
            {"rescheduled_at", actions::written(out.rescheduledAt)}};
}

} // namespace

Task<Result<EventOut>> publishEvent(Context &context, Events &events, PlainMove in)
{
    if (const auto may = co_await mayAdd(context, events); !may)
        co_return may.error();
    co_return co_await moveTo(context, events, std::move(in), EventStatus::Published);
}

Task<Result<EventOut>> openEvent(Context &context, Events &events, PlainMove in)
{
    co_return co_await moveTo(context, events, std::move(in), EventStatus::Live);
}

Task<Result<EventOut>> endEvent(Context &context, Events &events, PlainMove in)
{
    co_return co_await moveTo(context, events, std::move(in), EventStatus::Ended);
}

Task<Result<EventOut>> archiveEvent(Context &context, Events &events, PlainMove in)
{
    co_return co_await moveTo(context, events, std::move(in), EventStatus::Archived);
}

Task<Result<EventOut>> cancelEvent(Context &context, Events &events, Cancellation in)
{
    const auto before = co_await loadToChange(context, in.event);
    if (!before)
        co_return before.error();
    if (in.replacedBy == in.event)
        co_return context.reject("/replaced_by", "invalid", "No event replaces itself.");
    Move move{.before = *before, .after = *before, .reason = in.reason.value};
    move.after.definition.event.status = EventStatus::Cancelled;
    move.after.replacedBy = in.replacedBy;
    const auto after = co_await writeMove(context.unit(), events, std::move(move));
    if (!after)
        co_return after.error();
    co_return answer(context, *after);
}

Task<Result<EventOut>> postponeEvent(Context &context, Events &events, Postponement in)
{
    const auto before = co_await loadToChange(context, in.event);
    if (!before)
        co_return before.error();
    Move move{.before = *before, .after = *before, .reason = in.reason.value};
    if (in.startsAt) {
        auto moved = atNewTimes(context, events, *before, {*in.startsAt, in.endsAt, in.doorsAt});
        if (!moved)
            co_return moved.error();
        move.after = std::move(*moved);
        move.saved = Saved{"rescheduled", in.reason.value};
    } else if (in.endsAt || in.doorsAt) {
        co_return context.reject("/starts_at", "required", "A new end or doors need a new start.");
    } else {
        move.after.definition.event.rescheduledAt.reset();
    }
    move.after.definition.event.status = EventStatus::Postponed;
    move.after.postponementReason = in.reason.value;
    const auto after = co_await writeMove(context.unit(), events, std::move(move));
    if (!after)
        co_return after.error();
    if (in.startsAt)
        tellRescheduled(context.unit(), *before, *after);
    co_return answer(context, *after);
}

Task<Result<EventOut>> rescheduleEvent(Context &context, Events &events, Rescheduling in)
{
    const auto before = co_await loadToChange(context, in.event);
    if (!before)
        co_return before.error();
    if (before->status() != EventStatus::Published && before->status() != EventStatus::Postponed)
        co_return actions::conflict("illegal_move", "Only an event that is published or postponed gets a new date.");
    auto moved = atNewTimes(context, events, *before, {in.startsAt, in.endsAt, in.doorsAt});
    if (!moved)
        co_return moved.error();
    const std::string reason = textOf(in.reason);
    const auto after = co_await write(context.unit(), events, std::move(*moved), Saved{"rescheduled", reason});
    if (!after)
        co_return after.error();
    tellRescheduled(context.unit(), *before, *after);
    context.audit(entryOf(*after, timesOf(*before), timesOf(*after), reason));
    co_return answer(context, *after);
}

void addMovingActions(Events &events)
{
    using access::Permission;
    auto &actions = events.kernel.actions;
    const auto move = [](std::string_view name, std::string_view route, std::string_view summary,
                         Permission permission) {
        return actions::Declaration{.name = name,
                                    .method = http::Method::Post,
                                    .route = route,
                                    .summary = summary,
                                    .policy = access::Policy::may(permission),
                                    .effect = actions::Effect::Writes,
                                    .idempotency = actions::Idempotency::Optional,
                                    .audited = actions::Audited::Yes,
                                    .load = actions::LoadClass::Write,
                                    .ifMatch = actions::IfMatch::Heeded};
    };
    actions.add(move("events.publish", "/v1/events/{event}/publish", "Shows and sells an event; it opens at doors",
                     Permission::PublishEvents),
                events, &publishEvent);
    actions.add(move("events.open", "/v1/events/{event}/open", "Makes an event live before its time",
                     Permission::PublishEvents),
                events, &openEvent);
    // It is for good, as cancelling is: support needs the organization's word for both.
    auto end = move("events.end", "/v1/events/{event}/end", "Ends a live event: nobody is let in any more",
                    Permission::MoveEvents);
    end.consent = actions::Consent::Needed;
    actions.add(end, events, &endEvent);
    auto cancel = move("events.cancel", "/v1/events/{event}/cancel", "Cancels an event", Permission::MoveEvents);
    cancel.consent = actions::Consent::Needed;
    actions.add(cancel, events, &cancelEvent);
    actions.add(move("events.postpone", "/v1/events/{event}/postpone",
                     "Postpones an event, to a new time or to one that is not known yet", Permission::MoveEvents),
                events, &postponeEvent);
    actions.add(move("events.reschedule", "/v1/events/{event}/reschedule",
                     "Gives an event a new time; all its times move along", Permission::MoveEvents),
                events, &rescheduleEvent);
    actions.add(move("events.archive", "/v1/events/{event}/archive", "Puts away an event that is over, or a draft",
                     Permission::MoveEvents),
                events, &archiveEvent);
}

} // namespace voelgoed::events
