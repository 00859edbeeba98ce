#pragma once

#include "shared/base/result.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace voelgoed::bench {

/// Requests, asked in turn over and over on so many connections that are kept open, each time the answer to the last
/// one is there.
struct Load
{
    std::uint16_t port = 0;            ///< of this machine
    std::vector<std::string> requests; ///< whole, without a body
    int connections = 16;
    std::chrono::milliseconds within{1000};
    std::uint64_t answersMax = UINT64_MAX; ///< or until there are so many
};

/// Answers a second. Fails when a connection breaks, or an answer is not 200 with a Content-Length.
base::Result<double> answersPerSecond(const Load &load);

} // namespace voelgoed::bench
