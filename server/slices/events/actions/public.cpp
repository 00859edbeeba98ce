#include "server/slices/events/actions/public.h"

#include "server/slices/events/schedule.h"

namespace voelgoed::events {

using actions::Context;
using async::Task;
using base::Result;

PublicEvent publicOf(const StoredEvent &event)
{
    const domain::Event &said = event.definition.event;
    PublicEvent page{.id = event.id,
                     .slug = event.slug(),
                     .name = said.name,
                     .description = {event.details.description},
                     .status = said.status,
                     .notice = said.status == domain::EventStatus::Postponed ? event.postponementReason : std::string(),
                     .timezone = said.timezone,
                     .startsAt = said.startsAt,
                     .endsAt = said.endsAt,
                     .doorsAt = said.doorsAt,
                     .saleFrom = event.details.saleFrom,
                     .saleUntil = event.details.saleUntil,
                     .rescheduledAt = said.rescheduledAt,
                     .version = event.version};
    for (const domain::EventDate &date : event.definition.dates)
        page.dates.push_back({date.id.text, date.startsAt, date.endsAt, date.doorsAt});
    for (const domain::TicketType &type : event.definition.types)
        page.ticketTypes.push_back({type.id.text, type.name, type.admits});
    return page;
}

Task<Result<PublicEvent>> showPublicEvent(Context &context, Events &events, OnePublicEvent in)
{
    const auto page = co_await events.pages.find(in.event);
    if (!page)
        co_return page.error();
    if (!*page)
        co_return actions::notFound("event");
    std::vector<actions::FieldError> errors;
    PublicEvent event = actions::readAs<PublicEvent>(actions::Input((*page)->json, errors));
    if (!errors.empty())
        co_return base::corrupt("a public page: " + errors.front().pointer);
    event.onSale =
        isOnSale({event.status, event.saleFrom, event.saleUntil, event.rescheduledAt.has_value()}, context.now());
    // Who is on sale changes by itself, so that the version alone does not tell two answers apart.
    context.answerField("ETag", "\"" + std::to_string(event.version) + (event.onSale ? "-on" : "") + "\"");
    context.answerField("Cache-Control", "public, max-age=5");
    co_return event;
}

void addPublicActions(Events &events)
{
    events.kernel.actions.add({.name = "events.show_public",
                               .method = http::Method::Get,
                               .route = "/v1/public/events/{event}",
                               .summary = "What everybody may see of a published, live or postponed event",
                               .policy = access::Policy::anyone()},
                              events, &showPublicEvent);
}

} // namespace voelgoed::events
