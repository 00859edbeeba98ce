#include "device/hal/os/system_clock.h"

#include <sys/timex.h>
#include <time.h>

namespace voelgoed::hal {

namespace {

base::Milliseconds read(clockid_t id)
{
    timespec value{};
    clock_gettime(id, &value);
    return std::chrono::duration_cast<base::Milliseconds>(std::chrono::seconds(value.tv_sec) +
                                                          std::chrono::nanoseconds(value.tv_nsec));
}

bool isSynchronised()
{
    timex status{};
    return adjtimex(&status) >= 0 && (status.status & STA_UNSYNC) == 0;
}

} // namespace

base::ClockReading SystemClock::now()
{
    return {.wall = base::Instant(read(CLOCK_REALTIME)),
            .sinceBoot = read(CLOCK_BOOTTIME),
            .synchronised = isSynchronised()};
}

} // namespace voelgoed::hal
