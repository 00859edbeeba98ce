#pragma once

#include "server/slices/tenancy/tenancy.h"

namespace voelgoed::tenancy {

/// Who proved by his password that an account is his.
struct Proven
{
    base::Uuid user{};
    bool isAdmin = false, isStaff = false;
    std::string name;
};

/// The same words and as much work for a wrong password and for an address that nobody has.
base::Error wrongCredentials();

/// Unauthorized as wrongCredentials(), Forbidden for an account that is not active. Hashes on a worker: for actions of
/// Pace::Slow.
async::Task<base::Result<Proven>> prove(actions::Context &context, Tenancy &tenancy, std::string email,
                                        std::string password);

} // namespace voelgoed::tenancy
