#pragma once

#include "server/slices/tenancy/tenancy.h"

namespace voelgoed::tenancy {

struct NewPerson
{
    std::string email;
    std::string password; ///< keeps the rules already
    std::string firstName, lastName;
    access::Role role = access::Role::Viewer;
};

/// Makes somebody a member of the unit's organization: a new user with this password, or a user who is there already
/// and keeps his own. Conflict when that user is a member.
async::Task<base::Result<base::Uuid>> enrol(actions::Context &context, Tenancy &tenancy, NewPerson person);

/// Tells the organization's topic that somebody has become a member.
void tellAdded(actions::Context &context, const base::Uuid &user, access::Role role);

struct Invitation
{
    std::string email;
    access::Role role = access::Role::Viewer;
};

inline constexpr std::chrono::days kInvitationLife{7};

/// Invites an address into the unit's organization, in place of an earlier invitation. The token: shown once.
async::Task<base::Result<std::string>> invite(actions::Context &context, Invitation invitation);

/// An address as it is compared: in lower case. Nothing for what is none.
std::optional<std::string> emailFrom(std::string_view text);

} // namespace voelgoed::tenancy
