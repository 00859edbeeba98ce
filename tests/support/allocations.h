#pragma once

#include <cstdint>

namespace voelgoed::support {

/// How often this thread has asked for memory so far. A program that links it counts every `new`.
std::uint64_t allocations();

} // namespace voelgoed::support
