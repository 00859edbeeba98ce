#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace voelgoed::bench {

/// Requests for one connection, sent one after the other, each when the answer to the one before has come.
using Requests = std::vector<std::string>;

struct Sent
{
    double seconds = 0;                            ///< from the first byte to the last answer's end
    std::vector<std::vector<std::string>> answers; ///< whole ones, by connection; fewer where one broke
    std::vector<double> took;                      ///< milliseconds of each request
};

/// Sends them on as many connections to a port of this machine at once. Each connection has a thread, which waits in
/// the kernel nearly all the time.
Sent sendAll(std::uint16_t port, const std::vector<Requests> &connections);

} // namespace voelgoed::bench
