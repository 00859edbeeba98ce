#pragma once

#include "server/platform/async/task.h"

#include <string>

namespace voelgoed::supervisor {

/// Sends one command (words with blanks between them) to a Redis's socket, and gives what came back within a second, as
/// it came; empty while nobody answers. For starting it; everything else goes through redis::Client.
async::Task<std::string> askRedis(std::string socket, std::string command);

} // namespace voelgoed::supervisor
