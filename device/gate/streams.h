#pragma once

#include <iosfwd>

namespace voelgoed::gate {

/// Where a verb's words go.
struct Streams
{
    std::ostream &out;
    std::ostream &err;
};

} // namespace voelgoed::gate
