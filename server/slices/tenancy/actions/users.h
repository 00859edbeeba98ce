#pragma once

#include "server/slices/tenancy/actions/sessions.h"

/// What the platform's administrators do with users, whatever organizations they are in: always with a reason.
namespace voelgoed::tenancy {

enum class UserStatus { Active, Disabled };
BOOST_DESCRIBE_ENUM(UserStatus, Active, Disabled)

struct FindUser
{
    actions::Text<254> email;
};
BOOST_DESCRIBE_STRUCT(FindUser, (), (email))

struct UserOut
{
    base::Uuid id{};
    std::string email, firstName, lastName, status;
    bool platformStaff = false, platformAdmin = false;
    std::vector<Choice> organizations; ///< of which this is a member
};
BOOST_DESCRIBE_STRUCT(UserOut, (),
                      (id, email, firstName, lastName, status, platformStaff, platformAdmin, organizations))

struct UserStatusChange
{
    base::Uuid user{};
    UserStatus status = UserStatus::Active;
    actions::Reason reason;
};
BOOST_DESCRIBE_STRUCT(UserStatusChange, (), (user, status, reason))

struct PlatformFlags
{
    base::Uuid user{};
    std::optional<bool> staff; ///< absent: as it is
    std::optional<bool> admin;
    actions::Reason reason;
};
BOOST_DESCRIBE_STRUCT(PlatformFlags, (), (user, staff, admin, reason))

/// Who has an address, exactly. Told in the platform's trail.
async::Task<base::Result<UserOut>> findUser(actions::Context &context, Tenancy &tenancy, FindUser in);

/// Disabled: every login ends and every socket closes, on this server at once and on others within half a second;
/// tokens for a new password are dropped. Enabled again, the person signs in anew. Told in the platform's trail and in
/// that of each organization that the person is a member of. Nobody does it to himself.
async::Task<base::Result<UserOut>> changeUserStatus(actions::Context &context, Tenancy &tenancy, UserStatusChange in);

/// Makes somebody one of the platform's staff or administrators, or takes that back; told like the above. Conflict for
/// staff who own an organization. Nobody does it to himself.
async::Task<base::Result<UserOut>> setPlatformFlags(actions::Context &context, Tenancy &tenancy, PlatformFlags in);

void addUserActions(Tenancy &tenancy);

} // namespace voelgoed::tenancy
