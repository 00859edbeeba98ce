#include "server/slices/events/actions/saving.h"

#include "server/slices/events/checking.h"
#include "server/slices/events/moving.h"
#include "server/slices/events/notices.h"
#include "server/slices/events/slug.h"
#include "server/slices/events/slug_store.h"
#include "shared/domain/definition_write.h"

#include <algorithm>

namespace voelgoed::events {

using actions::Context;
using async::Task;
using base::Result;
using domain::EventDefinition;
using domain::EventStatus;

namespace {

bool hasNewType(const EventDefinition &before, const EventDefinition &after)
{
    for (const domain::TicketType &type : after.types) {
        const auto isIt = [&](const domain::TicketType &other) { return other.id == type.id; };
        if (std::none_of(before.types.begin(), before.types.end(), isIt))
            return true;
    }
    return false;
}

/// The parts that differ, by name; what each was is in event_versions.
boost::json::array changedParts(const EventDefinition &before, const EventDefinition &after)
{
    const base::Json old = domain::writeDefinition(before), now = domain::writeDefinition(after);
    boost::json::array parts;
    for (const auto &part : now.as_object()) {
        if (old.as_object().at(part.key()) != part.value())
            parts.push_back(boost::json::string(part.key()));
    }
    return parts;
}

std::string listed(const std::vector<std::string> &what)
{
    std::string list;
    for (const std::string &one : what)
        list += (list.empty() ? "" : ", ") + one;
    return list.size() <= 300 ? list : list.substr(0, list.rfind(", ", 300)) + ", …";
}

/// Gates open and close by an action of their own. A file that was written before, or that says nothing of it, opens
/// none again.
void keepStates(const EventDefinition &before, EventDefinition &after)
{
    for (domain::Gate &gate : after.gates) {
        const auto isIt = [&](const domain::Gate &other) { return other.id == gate.id; };
        const auto found = std::find_if(before.gates.begin(), before.gates.end(), isIt);
        if (found != before.gates.end())
            gate.state = found->state;
    }
}

/// The slug that a definition asks for in place of `now`; its UUID, or what is no slug, leaves it.
std::string slugOf(const EventDefinition &definition, const std::string &now)
{
    return isSlug(definition.event.id.text) ? definition.event.id.text : now;
}

} // namespace

/// Whatever status the file gives it, an event begins as a draft.
Task<Result<EventOut>> createEvent(Context &context, Events &events, NewEvent in)
{
    if (const auto may = co_await mayAdd(context, events); !may)
        co_return may.error();
    const DetailsIn none;
    const auto details = detailsOf(context, in.details ? *in.details : none, "/details");
    if (!details)
        co_return details.error();
    auto definition = definitionOf(context, events, in);
    if (!definition)
        co_return definition.error();
    StoredEvent event{.id = context.newId(),
                      .definition = std::move(*definition),
                      .details = *details,
                      .window = {},
                      .postponementReason = {},
                      .replacedBy = {},
                      .createdAt = context.now(),
                      .updatedAt = context.now()};
    domain::Event &said = event.definition.event;
    WantedSlug wanted{.of = Slugs::OfEvents, .slug = said.id.text, .isGiven = isSlug(said.id.text)};
    if (!wanted.isGiven)
        wanted.slug = slugFrom(said.name.empty() ? said.id.text : said.name, "event");
    said.status = EventStatus::Draft;
    said.rescheduledAt.reset();
    event.window = windowOf(event.definition, event.details.grace);
    const auto written = co_await insertUnder(context.tx(), std::move(wanted), [&](const std::string &slug) {
        said.id.text = slug;
        return insertEvent(event);
    });
    if (!written)
        co_return inWords(written.error());
    pg::Query version = insertVersion(event, {.change = "created", .reason = {}}, context.unit());
    if (const auto kept = co_await context.run(version.sql, std::move(version.params)); !kept)
        co_return kept.error();
    tellCreated(context.unit(), event);
    context.audit(entryOf(event, boost::json::object{}, {{"slug", event.slug()}, {"name", said.name}}, {}));
    const auto opened = co_await events.needs.feed.open(context.tx(), event.id);
    if (!opened)
        co_return opened.error();
    const auto put = co_await events.known.putIntoFeed(context.tx(), event, KnownEvents::Names::Fit);
    if (!put)
        co_return put.error();
    // Somebody may have asked for the id before: "there is none" is remembered, too.
    context.unit().afterCommit(
        [&events, organization = context.organization(), id = event.id] { events.forget(organization, id); });
    context.answerField("Location", "/v1/events/" + base::toText(event.id));
    co_return answer(context, event);
}

Task<Result<EventOut>> changeDefinition(Context &context, Events &events, NewDefinition in)
{
    auto definition = definitionOf(context, events, in);
    if (!definition)
        co_return definition.error();
    const auto before = co_await loadToChange(context, in.eventId);
    if (!before)
        co_return before.error();
    if (const auto open = notOver(*before); !open)
        co_return open.error();
    const std::string reason = in.reason ? in.reason->value : "";
    const auto missing = missingIds(before->definition, *definition);
    if (before->status() != EventStatus::Draft && !missing.empty() && (!in.force || reason.empty())) {
        co_return actions::conflict("in_use", "Tickets may be out for what would go: " + listed(missing) +
                                                  ". Say force, and a reason, to take it away all the same.");
    }
    if (hasNewType(before->definition, *definition)) {
        if (const auto may = co_await mayAdd(context, events); !may)
            co_return may.error();
    }
    StoredEvent changed = *before;
    changed.definition = std::move(*definition);
    domain::Event &said = changed.definition.event;
    said.id.text = slugOf(changed.definition, before->slug());
    said.status = before->status();
    said.rescheduledAt = before->definition.event.rescheduledAt;
    if (before->status() != EventStatus::Draft)
        keepStates(before->definition, changed.definition);
    if (const auto may = timesMayMove(context, *before, changed, reason); !may)
        co_return may.error();
    const auto after = co_await write(context.unit(), events, std::move(changed), Saved{"updated", reason});
    if (!after)
        co_return after.error();
    tellDefinition(context.unit(), *after);
    boost::json::object audit{{"definition_version", after->definitionVersion},
                              {"changed", changedParts(before->definition, after->definition)}};
    if (!missing.empty())
        audit["gone"] = boost::json::string(listed(missing));
    context.audit(entryOf(*after, {{"definition_version", before->definitionVersion}}, std::move(audit), reason));
    co_return answer(context, *after);
}

Task<Result<EventOut>> changeDetails(Context &context, Events &events, NewDetails in)
{
    auto details = detailsOf(context, in, "");
    if (!details)
        co_return details.error();
    const auto before = co_await loadToChange(context, in.event);
    if (!before)
        co_return before.error();
    if (const auto open = notOver(*before); !open)
        co_return open.error();
    const std::string reason = in.reason ? in.reason->value : "";
    StoredEvent changed = *before;
    changed.details = std::move(*details);
    if (const auto may = timesMayMove(context, *before, changed, reason); !may)
        co_return may.error();
    const auto after = co_await write(context.unit(), events, std::move(changed));
    if (!after)
        co_return after.error();
    const auto shown = [](const StoredEvent &event) {
        boost::json::object all = actions::written(outOf(event, {})).as_object(), some;
        for (const char *name : {"description", "capacity", "venue", "series", "sale_from", "sale_until",
                                 "opens_before_minutes", "closes_after_minutes", "scan_from", "scan_until"})
            some[name] = all[name];
        return some;
    };
    tellDefinition(context.unit(), *after);
    context.audit(entryOf(*after, shown(*before), shown(*after), reason));
    co_return answer(context, *after);
}

void addSavingActions(Events &events)
{
    using access::Permission;
    using access::Policy;
    using http::Method;
    auto &actions = events.kernel.actions;
    actions.add({.name = "events.create",
                 .method = Method::Post,
                 .route = "/v1/events",
                 .summary = "Creates an event, as a draft, from a definition in the words of scenario files",
                 .policy = Policy::may(Permission::EditEvents),
                 .effect = actions::Effect::Writes,
                 .idempotency = actions::Idempotency::Optional,
                 .audited = actions::Audited::Yes,
                 .load = actions::LoadClass::Write,
                 .bodyMax = kDefinitionMax,
                 .status = 201},
                events, &createEvent);
    actions.add({.name = "events.update",
                 .method = Method::Put,
                 .route = "/v1/events/{event_id}/definition",
                 .summary = "Replaces an event's definition; its status, new date and gates' states move by actions of "
                            "their own",
                 .policy = Policy::may(Permission::EditEvents),
                 .effect = actions::Effect::Writes,
                 .audited = actions::Audited::Yes,
                 .load = actions::LoadClass::Write,
                 .bodyMax = kDefinitionMax,
                 .ifMatch = actions::IfMatch::Heeded},
                events, &changeDefinition);
    actions.add({.name = "events.update_details",
                 .method = Method::Put,
                 .route = "/v1/events/{event}/details",
                 .summary = "Replaces what is said of an event beside its definition; what is absent is cleared",
                 .policy = Policy::may(Permission::EditEvents),
                 .effect = actions::Effect::Writes,
                 .audited = actions::Audited::Yes,
                 .load = actions::LoadClass::Write,
                 .ifMatch = actions::IfMatch::Heeded},
                events, &changeDetails);
}

} // namespace voelgoed::events
