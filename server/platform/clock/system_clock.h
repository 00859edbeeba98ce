#pragma once

#include "shared/base/clock.h"

namespace voelgoed::platform {

/// The machine's clocks: CLOCK_REALTIME and CLOCK_BOOTTIME. Any thread.
class SystemClock final : public base::Clock
{
public:
    base::ClockReading now() override;
};

} // namespace voelgoed::platform
