#pragma once

#include "server/slices/tenancy/actions/members.h"

/// A password that was forgotten: an administrator hands a token over, the person chooses a new password with it.
namespace voelgoed::tenancy {

inline constexpr std::chrono::hours kResetLife{1};

struct ResetOfUser
{
    base::Uuid user{};
    actions::Reason reason;
};
BOOST_DESCRIBE_STRUCT(ResetOfUser, (), (user, reason))

struct ResetOut
{
    std::string token; ///< shown once
    base::Instant expiresAt;
};
BOOST_DESCRIBE_STRUCT(ResetOut, (), (token, expiresAt))

struct ResetPassword
{
    actions::Text<100> token;
    actions::Text<254> email; ///< must be the one of whose token it is
    actions::Text<200> newPassword;
};
BOOST_DESCRIBE_STRUCT(ResetPassword, (), (token, email, newPassword))

/// A token for anybody who may sign in; in place of an earlier one. For platform administrators.
async::Task<base::Result<ResetOut>> resetUserPassword(actions::Context &context, Tenancy &tenancy, ResetOfUser in);

/// The same for a member who is of this organization alone, and not of the platform: whoever sets somebody's password
/// is that person everywhere. Nobody gets one for himself, and admins none for owners.
async::Task<base::Result<ResetOut>> resetMemberPassword(actions::Context &context, Tenancy &tenancy, OneMember in);

/// Uses a token up. Ends every login of that person. NotFound alike for a token that is none, lapsed, used or
/// somebody else's.
async::Task<base::Result<actions::Nothing>> resetPassword(actions::Context &context, Tenancy &tenancy,
                                                          ResetPassword in);

void addPasswordActions(Tenancy &tenancy);

} // namespace voelgoed::tenancy
