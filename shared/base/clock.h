#pragma once

#include "shared/base/instant.h"

namespace voelgoed::base {

/// The two clocks of a machine, read together. `wall` can be wrong and can jump; `sinceBoot` (CLOCK_BOOTTIME) is right
/// as a difference and starts again at each boot.
struct ClockReading
{
    Instant wall;
    Milliseconds sinceBoot{};
    bool synchronised = false; ///< the system says that a time server keeps `wall` right

    friend bool operator==(const ClockReading &, const ClockReading &) = default;
};

/// The door to the time. Implemented by the operating system's clock, by a clock that tests set, and by the simulated
/// world. Implementations may be called from one thread at a time.
class Clock
{
public:
    virtual ~Clock() = default;

    virtual ClockReading now() = 0;
};

} // namespace voelgoed::base
