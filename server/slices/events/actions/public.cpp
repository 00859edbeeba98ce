#include "server/slices/events/actions/public.h"

#include "server/slices/events/schedule.h"

namespace voelgoed::events {

using actions::Context;
using async::Task;
using base::Result;

Task<Result<PublicEvent>> showPublicEvent(Context &context, Events &events, OnePublicEvent in)
{
    const auto found = co_await events.pages.find(in.event);
    if (!found)
        co_return found.error();
    const auto &page = found->page;
    if (!page)
        co_return actions::notFound("event");
    // Where nobody can say how the organization stands, it stands as it did.
    const auto standing = co_await events.needs.organizations.status(page->organization);
    if (standing && *standing != contracts::OrganizationStatus::Active)
        co_return actions::notFound("event");
    PublicEvent event = page->event;
    event.onSale =
        isOnSale({event.status, event.saleFrom, event.saleUntil, event.rescheduledAt.has_value()}, context.now());
    // Who is on sale changes by itself, so that the version alone does not tell two answers apart.
    context.answerField("ETag", "\"" + std::to_string(event.version) + (event.onSale ? "-on" : "") + "\"");
    context.answerField("Cache-Control", "public, max-age=5");
    context.answerStale(found->staleBy);
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
