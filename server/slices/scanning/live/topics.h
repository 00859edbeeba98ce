#pragma once

#include "server/platform/kernel/kernel.h"

namespace voelgoed::scanning {

/// Who may hear what is scanned: an event, a session, all of the organization.
void addTopics(platform::Kernel &kernel);

} // namespace voelgoed::scanning
