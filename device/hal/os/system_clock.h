#pragma once

#include "shared/base/clock.h"

namespace voelgoed::hal {

/// The machine's clocks: CLOCK_REALTIME, CLOCK_BOOTTIME, and whether the kernel counts as synchronised (adjtimex).
class SystemClock final : public base::Clock
{
public:
    base::ClockReading now() override;
};

} // namespace voelgoed::hal
