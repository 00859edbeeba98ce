#pragma once

#include "server/platform/kernel/kernel.h"
#include "server/slices/api/known_keys.h"
#include "server/slices/api/throttle.h"

namespace voelgoed::api {

/// What this slice asks of others. Outlives it.
struct Needs
{
    contracts::Organizations &organizations;
};

/// What the actions of this slice share. The server's thread.
struct Api
{
    Api(platform::Kernel &kernel, Needs needs);

    platform::Kernel &kernel;
    Needs needs;
    KeyCache keys;
    Usage usage;
    DayQuotas quotas;
    KeyThrottle throttle;
};

} // namespace voelgoed::api
