#pragma once

#include "server/contracts/badges.h"
#include "server/contracts/devices.h"
#include "server/contracts/organizations.h"
#include "server/platform/kernel/kernel.h"
#include "server/platform/kernel/slice.h"

#include <memory>

namespace voelgoed::tenancy {

struct Made
{
    std::unique_ptr<platform::Slice> slice;
    contracts::Devices *devices = nullptr;             ///< the slice's own
    contracts::Organizations *organizations = nullptr; ///< the same
    contracts::Badges *badges = nullptr;               ///< the same
};

/// Organizations, people and their roles, logins, badges, and an organization's devices.
Made make(platform::Kernel &kernel);

} // namespace voelgoed::tenancy
