#include "server/slices/events/public_event.h"

namespace voelgoed::events {

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

} // namespace voelgoed::events
