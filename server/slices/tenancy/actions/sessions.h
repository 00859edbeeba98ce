#pragma once

#include "server/platform/actions/action.h"
#include "server/slices/tenancy/tenancy.h"

/// Signing in and out, and one's own account.
namespace voelgoed::tenancy {

struct SignIn
{
    actions::Text<254> email;
    actions::Text<200> password;
    std::optional<actions::Text<63>> organization; ///< slug; needed by who is a member of several
    std::optional<actions::Text<500>> reason;      ///< of a platform administrator who enters an organization
};
BOOST_DESCRIBE_STRUCT(SignIn, (), (email, password, organization, reason))

struct Choice
{
    std::string slug, name, role;
};
BOOST_DESCRIBE_STRUCT(Choice, (), (slug, name, role))

struct SignedIn
{
    std::string token; ///< shown once; "Authorization: Bearer …"
    base::Instant expiresAt;
    std::optional<base::Uuid> organization;
    std::optional<std::string> role;
    std::vector<Choice> organizations; ///< that one may sign in to
};
BOOST_DESCRIBE_STRUCT(SignedIn, (), (token, expiresAt, organization, role, organizations))

struct Me
{
    base::Uuid id{};
    std::string name, kind;
    std::optional<base::Uuid> organization;
    std::optional<std::string> role;
    bool support = false; ///< platform staff: shown with a badge
    std::vector<std::string> permissions;
    std::vector<std::string> capabilities;
};
BOOST_DESCRIBE_STRUCT(Me, (), (id, name, kind, organization, role, support, permissions, capabilities))

struct NoInput
{};
BOOST_DESCRIBE_STRUCT(NoInput, (), ())

struct NewPassword
{
    actions::Text<200> oldPassword;
    actions::Text<200> newPassword;
};
BOOST_DESCRIBE_STRUCT(NewPassword, (), (oldPassword, newPassword))

async::Task<base::Result<SignedIn>> signIn(actions::Context &context, Tenancy &tenancy, SignIn in);
async::Task<base::Result<actions::Nothing>> signOut(actions::Context &context, Tenancy &tenancy, NoInput in);
async::Task<base::Result<Me>> showMe(actions::Context &context, Tenancy &tenancy, NoInput in);
async::Task<base::Result<actions::Nothing>> changePassword(actions::Context &context, Tenancy &tenancy, NewPassword in);

void addSessionActions(Tenancy &tenancy);

} // namespace voelgoed::tenancy
