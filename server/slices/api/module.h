#pragma once

#include "server/contracts/organizations.h"
#include "server/platform/kernel/kernel.h"
#include "server/platform/kernel/slice.h"

#include <memory>

namespace voelgoed::api {

/// Keys of other programs: who they speak for, what they may, how much.
std::unique_ptr<platform::Slice> make(platform::Kernel &kernel, contracts::Organizations &organizations);

} // namespace voelgoed::api
