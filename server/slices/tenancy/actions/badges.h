#pragma once

#include "server/slices/tenancy/actions/sessions.h"

/// Badges: what somebody may do on the devices of one event. A name is enough; whoever wears one need have no login.
namespace voelgoed::tenancy {

enum class BadgeGrant { Steward, Supervisor, Technician };
BOOST_DESCRIBE_ENUM(BadgeGrant, Steward, Supervisor, Technician)

struct BadgeOut
{
    base::Uuid id{};
    std::string event;
    std::optional<base::Uuid> user;
    std::string name;
    std::vector<BadgeGrant> grants;
    bool hasPin = false; ///< the PIN itself is shown nowhere
    std::optional<base::Instant> revokedAt;
    base::Instant createdAt;
    std::int32_t version = 1;
};
BOOST_DESCRIBE_STRUCT(BadgeOut, (), (id, event, user, name, grants, hasPin, revokedAt, createdAt, version))

struct NewBadge
{
    actions::Text<200> event;
    std::optional<base::Uuid> user;         ///< a member; otherwise a name is needed
    std::optional<actions::Text<100>> name; ///< absent: the member's
    actions::List<BadgeGrant, 3> grants;    ///< at least one
    std::optional<actions::Text<8>> pin;    ///< 4 to 8 digits
};
BOOST_DESCRIBE_STRUCT(NewBadge, (), (event, user, name, grants, pin))

struct BadgeChange
{
    base::Uuid badge{};
    std::optional<actions::Text<100>> name;
    std::optional<actions::List<BadgeGrant, 3>> grants;
    std::optional<actions::Text<8>> pin;
};
BOOST_DESCRIBE_STRUCT(BadgeChange, (), (badge, name, grants, pin))

struct BadgeRevocation
{
    base::Uuid badge{};
    actions::Reason reason;
};
BOOST_DESCRIBE_STRUCT(BadgeRevocation, (), (badge, reason))

struct OneBadge
{
    base::Uuid badge{};
};
BOOST_DESCRIBE_STRUCT(OneBadge, (), (badge))

struct ListBadges
{
    std::optional<actions::Text<200>> event;
    std::optional<base::Uuid> after;
    actions::Defaulted<std::int32_t, 50> limit;
};
BOOST_DESCRIBE_STRUCT(ListBadges, (), (event, after, limit))

struct BadgeList
{
    std::vector<BadgeOut> data; ///< oldest first; also those that were revoked
    bool hasMore = false;
    std::optional<base::Uuid> next;
};
BOOST_DESCRIBE_STRUCT(BadgeList, (), (data, hasMore, next))

async::Task<base::Result<BadgeOut>> createBadge(actions::Context &context, Tenancy &tenancy, NewBadge in);
async::Task<base::Result<BadgeOut>> changeBadge(actions::Context &context, Tenancy &tenancy, BadgeChange in);
async::Task<base::Result<BadgeOut>> revokeBadge(actions::Context &context, Tenancy &tenancy, BadgeRevocation in);
async::Task<base::Result<BadgeOut>> showBadge(actions::Context &context, Tenancy &tenancy, OneBadge in);
async::Task<base::Result<BadgeList>> listBadges(actions::Context &context, Tenancy &tenancy, ListBadges in);

void addBadgeActions(Tenancy &tenancy);

} // namespace voelgoed::tenancy
