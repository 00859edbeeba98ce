#pragma once

#include "server/platform/actions/context.h"
#include "server/slices/scanning/scanning.h"
#include "shared/protocol/exchange_down.h"

namespace voelgoed::scanning {

/// Takes what a device brought, event by event, and says in the reply what became of each row. What cannot be taken is
/// set aside where people find it: under the event, or, where the organization has no such event, under the device's
/// own. A failure means that some of it may have been taken: brought again, it is found to be there.
async::Task<base::Result<void>> takeRows(actions::Context &context, Scanning &scanning,
                                         const protocol::SyncRequest &request, protocol::SyncReply &reply);

} // namespace voelgoed::scanning
