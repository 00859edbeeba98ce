#pragma once

#include "server/platform/actions/codec.h"
#include "server/slices/events/store.h"
#include "server/slices/events/words.h"

/// What everybody may see of an event, without signing in.
namespace voelgoed::events {

struct PublicDate
{
    std::string id;
    std::optional<base::Instant> startsAt, endsAt, doorsAt;
};
BOOST_DESCRIBE_STRUCT(PublicDate, (), (id, startsAt, endsAt, doorsAt))

struct PublicType
{
    std::string id, name;
    std::int32_t admits = 1;
};
BOOST_DESCRIBE_STRUCT(PublicType, (), (id, name, admits))

struct PublicEvent
{
    base::Uuid id{};
    std::string slug, name;
    actions::Text<4000> description;
    domain::EventStatus status = domain::EventStatus::Published;
    bool onSale = false; ///< by status and sale window, now; what is cached does not know
    std::string notice;  ///< why it was postponed
    std::string timezone;
    std::optional<base::Instant> startsAt, endsAt, doorsAt, saleFrom, saleUntil, rescheduledAt;
    std::vector<PublicDate> dates;
    std::vector<PublicType> ticketTypes;
    std::int32_t version = 1;
};
BOOST_DESCRIBE_STRUCT(PublicEvent, (),
                      (id, slug, name, description, status, onSale, notice, timezone, startsAt, endsAt, doorsAt,
                       saleFrom, saleUntil, rescheduledAt, dates, ticketTypes, version))

PublicEvent publicOf(const StoredEvent &event);

} // namespace voelgoed::events
