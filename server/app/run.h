#pragma once

#include "server/app/options.h"
#include "shared/base/result.h"

#include <functional>
#include <string>

namespace voelgoed::app {

struct Said
{
    std::function<void(const std::string &url)> ready; ///< it serves, under this URL
    std::function<void(const std::string &line)> log;
};

/// Runs a server until SIGINT or SIGTERM: starts its services, migrates, listens, and on the signal goes back the same
/// way. Fails when it could not start, or its folder is another server's.
base::Result<void> run(const Options &options, const Said &said);

} // namespace voelgoed::app
