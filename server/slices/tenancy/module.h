#pragma once

#include "server/platform/kernel/kernel.h"
#include "server/platform/kernel/slice.h"

#include <memory>

namespace voelgoed::tenancy {

/// Organizations, people and their roles, logins, badges, and an organization's devices.
std::unique_ptr<platform::Slice> make(platform::Kernel &kernel);

} // namespace voelgoed::tenancy
