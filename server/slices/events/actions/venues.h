#pragma once

#include "server/slices/events/changing.h"
#include "server/slices/events/words.h"

/// Venues, where events happen.
namespace voelgoed::events {

enum class VenueStatus { Active, Archived };
BOOST_DESCRIBE_ENUM(VenueStatus, Active, Archived)

/// A venue as it should be; what is absent is empty.
struct VenueIn
{
    actions::Text<200> name;
    std::optional<actions::Text<63>> slug; ///< absent: made of the name, or as it was
    actions::Text<64> timezone;            ///< IANA
    std::optional<actions::Text<500>> address;
    std::optional<actions::Text<100>> city, postalCode, country;
    std::optional<std::int64_t> maxCapacity;
    actions::Defaulted<VenueStatus, VenueStatus::Active> status;
};
BOOST_DESCRIBE_STRUCT(VenueIn, (), (name, slug, timezone, address, city, postalCode, country, maxCapacity, status))

struct VenueChange : VenueIn
{
    base::Uuid venue{};
};
BOOST_DESCRIBE_STRUCT(VenueChange, (VenueIn), (venue))

struct VenueOut
{
    base::Uuid id{};
    std::string slug, name, timezone, address, city, postalCode, country;
    std::optional<std::int64_t> maxCapacity;
    std::string status;
    std::int32_t version = 1;
};
BOOST_DESCRIBE_STRUCT(VenueOut, (),
                      (id, slug, name, timezone, address, city, postalCode, country, maxCapacity, status, version))

struct OneVenue
{
    base::Uuid venue{};
};
BOOST_DESCRIBE_STRUCT(OneVenue, (), (venue))

struct ListVenues
{
    std::optional<base::Uuid> after;
    actions::Defaulted<std::int32_t, 50> limit;
};
BOOST_DESCRIBE_STRUCT(ListVenues, (), (after, limit))

struct VenueList
{
    std::vector<VenueOut> data; ///< newest first
    bool hasMore = false;
    std::optional<base::Uuid> next;
};
BOOST_DESCRIBE_STRUCT(VenueList, (), (data, hasMore, next))

async::Task<base::Result<VenueOut>> createVenue(actions::Context &context, Events &events, VenueIn in);
async::Task<base::Result<VenueOut>> changeVenue(actions::Context &context, Events &events, VenueChange in);
async::Task<base::Result<VenueOut>> showVenue(actions::Context &context, Events &events, OneVenue in);
async::Task<base::Result<VenueList>> listVenues(actions::Context &context, Events &events, ListVenues in);

void addVenueActions(Events &events);

} // namespace voelgoed::events
