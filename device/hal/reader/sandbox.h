#pragma once

#include "shared/base/result.h"

namespace voelgoed::hal {

/// Gives up, for good and for the whole process, everything that decoding pictures does not need: opening files,
/// sockets, other processes, executable memory. Asking for a file is answered with an error, since libraries do that in
/// passing; asking for what nobody needs here ends the process. Memory, processor time and the size of what could be
/// written are limited. Call it from the only thread, when everything that has to be opened is open.
base::Result<void> enterSandbox();

} // namespace voelgoed::hal
