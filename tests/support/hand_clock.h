#pragma once

#include "shared/base/clock.h"

namespace voelgoed::support {

/// A clock that a test sets.
class HandClock final : public base::Clock
{
public:
    base::ClockReading reading{.wall = *base::parseInstant("2026-12-05T18:00:00Z"), .sinceBoot = std::chrono::hours(1)};

    base::ClockReading now() override { return reading; }
    void pass(base::Milliseconds time)
    {
        reading.wall += time;
        reading.sinceBoot += time;
    }
};

} // namespace voelgoed::support
