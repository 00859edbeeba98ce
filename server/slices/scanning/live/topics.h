#pragma once

#include "server/contracts/badges.h"
#include "server/platform/kernel/kernel.h"

namespace voelgoed::scanning {

/// Who may hear what is scanned: an event, a session, all of the organization.
void addTopics(platform::Kernel &kernel, contracts::Badges &badges);

} // namespace voelgoed::scanning
