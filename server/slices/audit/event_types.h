#pragma once

#include "server/platform/work/event_types.h"

namespace voelgoed::audit {

/// What this slice tells, and what it holds.
void addEventTypes(work::EventTypes &types);

} // namespace voelgoed::audit
