// What another program says to a gate's socket: whatever it is, it is a request or an error, and a request says itself.
#include "device/gate/request.h"
#include "tests/fuzz/fuzz.h"

namespace voelgoed::fuzz {

void fuzzOne(base::ByteView input)
{
    const auto request = gate::parseRequest(std::string(base::textOf(input)));
    if (!request)
        return;
    const std::string line = gate::print(*request);
    base::ensure(line.find('\n') == std::string::npos, "a request of two lines");
    const auto again = gate::parseRequest(line);
    base::ensure(again && gate::print(*again) == line, "a request that does not say itself");
}

} // namespace voelgoed::fuzz
