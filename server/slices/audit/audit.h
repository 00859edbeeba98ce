#pragma once

#include "server/platform/kernel/kernel.h"
#include "server/slices/audit/heads.h"
#include "server/slices/audit/names.h"

namespace voelgoed::audit {

/// What the actions of this slice share. The server's thread.
struct Audit
{
    explicit Audit(platform::Kernel &all)
        : kernel(all), names(all.seal, all.random), heads(all.dataFolder + "/audit-heads.json")
    {}

    platform::Kernel &kernel;
    Names names;
    Heads heads;
};

} // namespace voelgoed::audit
