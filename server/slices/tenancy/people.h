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

struct InvitationMade
{
    base::Uuid id{};   ///< of an address that was invited already: the same as before
    std::string token; ///< shown once
};

/// Invites an address into the unit's organization, in place of an earlier invitation.
async::Task<base::Result<InvitationMade>> invite(actions::Context &context, Invitation invitation);

/// Somebody as the platform knows him.
struct KnownUser
{
    base::Uuid id{};
    std::string email, firstName, lastName, status;
    bool isConfirmed = false, isAdmin = false, isStaff = false;
};

/// By id or by address. NotFound.
async::Task<base::Result<KnownUser>> knownUser(actions::Context &context, std::optional<base::Uuid> id,
                                               std::string email);
/// By id, and nobody else changes him until the transaction ends.
async::Task<base::Result<KnownUser>> holdUser(actions::Context &context, base::Uuid id);

/// What the database says when the platform's staff would own an organization.
inline constexpr std::string_view kStaffNeverOwns = "staff_never_owns";
/// The same in words for who asked; any other failure as it is.
base::Error staffNeverOwns(const base::Error &error);

/// An address as it is compared: in lower case. Nothing for what is none.
std::optional<std::string> emailFrom(std::string_view text);

} // namespace voelgoed::tenancy
