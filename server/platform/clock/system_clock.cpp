#include "server/platform/clock/system_clock.h"

#include <time.h>

namespace voelgoed::platform {

namespace {

base::Milliseconds read(clockid_t id)
{
    timespec value{};
    clock_gettime(id, &value);
    return std::chrono::duration_cast<base::Milliseconds>(std::chrono::seconds(value.tv_sec) +
                                                          std::chrono::nanoseconds(value.tv_nsec));
}

} // namespace

base::ClockReading SystemClock::now()
{
    return {.wall = base::Instant(read(CLOCK_REALTIME)), .sinceBoot = read(CLOCK_BOOTTIME), .synchronised = false};
}

} // namespace voelgoed::platform
