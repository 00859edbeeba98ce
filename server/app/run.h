#pragma once

#include "server/app/options.h"
#include "shared/base/result.h"

#include <functional>
#include <string>

namespace voelgoed::app {

/// Told once it serves, under this URL.
using Ready = std::function<void(const std::string &url)>;

/// Runs a server until SIGINT or SIGTERM: starts its services, migrates, listens, and on the signal goes back the same
/// way. Fails when it could not start, or its folder is another server's.
base::Result<void> run(const Options &options, const Ready &ready);

} // namespace voelgoed::app
