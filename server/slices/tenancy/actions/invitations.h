#pragma once

#include "server/slices/tenancy/actions/members.h"

/// Invitations that nobody has accepted yet.
namespace voelgoed::tenancy {

struct ListInvitations
{
    base::Uuid organization{};
    std::optional<actions::Text<254>> after;
    actions::Defaulted<std::int32_t, 50> limit;
};
BOOST_DESCRIBE_STRUCT(ListInvitations, (), (organization, after, limit))

struct InvitationOut
{
    base::Uuid id{};
    std::string email, role;
    std::optional<base::Uuid> invitedBy;
    base::Instant expiresAt;
};
BOOST_DESCRIBE_STRUCT(InvitationOut, (), (id, email, role, invitedBy, expiresAt))

struct InvitationList
{
    std::vector<InvitationOut> data; ///< by address
    bool hasMore = false;
    std::optional<std::string> next; ///< for `after`
};
BOOST_DESCRIBE_STRUCT(InvitationList, (), (data, hasMore, next))

struct OneInvitation
{
    base::Uuid organization{};
    base::Uuid invitation{};
};
BOOST_DESCRIBE_STRUCT(OneInvitation, (), (organization, invitation))

/// Those that have not lapsed.
async::Task<base::Result<InvitationList>> listInvitations(actions::Context &context, Tenancy &tenancy,
                                                          ListInvitations in);

/// Takes one back: its token opens nothing any more. Admins do not touch those of owners.
async::Task<base::Result<actions::Nothing>> withdrawInvitation(actions::Context &context, Tenancy &tenancy,
                                                               OneInvitation in);

void addInvitationActions(Tenancy &tenancy);

} // namespace voelgoed::tenancy
