#pragma once

#include "device/gate/request.h"
#include "device/gate/streams.h"
#include "shared/base/clock.h"
#include "shared/base/random.h"

#include <string>

namespace voelgoed::gate {

/// What a program of ours needs from the machine. Borrows.
struct Machine
{
    base::Clock &clock;
    base::Random &random;
};

/// Answers a request about a folder: through the gate that runs there, or, if none does, by opening it. Returns the
/// exit status: 0 done, 1 done with complaints, 2 wrong request or folder, 3 somebody who is not trusted.
int ask(const std::string &folder, const Request &request, const Machine &machine, const Streams &streams);

} // namespace voelgoed::gate
