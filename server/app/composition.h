#pragma once

#include "server/platform/kernel/kernel.h"
#include "server/platform/kernel/slice.h"

#include <memory>
#include <vector>

namespace voelgoed::app {

/// Every slice of this server, in the order in which they are migrated and started. This file and main.cpp are the only
/// ones that name them.
std::vector<std::unique_ptr<platform::Slice>> makeSlices(platform::Kernel &kernel);

} // namespace voelgoed::app
