#pragma once

#include "shared/base/result.h"

#include <chrono>
#include <string>

namespace voelgoed::bench {

/// One request, asked over and over on so many connections that are kept open, each time the answer to the last one is
/// there.
struct Load
{
    std::uint16_t port = 0; ///< of this machine
    std::string request;    ///< whole, without a body
    int connections = 16;
    std::chrono::milliseconds within{1000};
};

/// Answers a second. Fails when a connection breaks, or an answer is not 200 with a Content-Length.
base::Result<double> answersPerSecond(const Load &load);

} // namespace voelgoed::bench
