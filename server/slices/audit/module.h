#pragma once

#include "server/platform/kernel/kernel.h"
#include "server/platform/kernel/slice.h"

#include <memory>

namespace voelgoed::audit {

/// The audit trail: who did what, and why, in the transaction of what was done, under a chain of signed seals.
std::unique_ptr<platform::Slice> make(platform::Kernel &kernel);

} // namespace voelgoed::audit
