#pragma once

#include "server/slices/tenancy/tenancy.h"

namespace voelgoed::tenancy {

/// An account, as somebody who signs in names it.
struct Login
{
    base::Uuid user{};
    std::optional<std::string> passwordHash; ///< nothing: nobody has chosen a password yet
    std::string status, name;
    bool isAdmin = false, isStaff = false;
};

/// By its address; nothing where there is none.
async::Task<base::Result<std::optional<Login>>> findLogin(actions::Context &context, std::string email);

/// The same words and as much work for a wrong password and for an address that nobody has.
base::Error wrongCredentials();

/// Whether the account is whose password this is: Unauthorized as wrongCredentials(), Forbidden for an account that is
/// not active. Hashes on a worker: for actions of Pace::Slow, whose limits count the address as logins do.
async::Task<base::Result<void>> prove(actions::Context &context, Tenancy &tenancy, std::optional<Login> login,
                                      std::string password);

/// What became of it, for the figures of logins: "wrong", "not_active", "refused".
std::string_view loginResult(const base::Error &error);

} // namespace voelgoed::tenancy
