#pragma once

#include "server/slices/audit/actions/entry.h"
#include "server/slices/audit/names.h"

namespace voelgoed::audit {

/// Opens the names in entries of the organization in the context. Those of who was forgotten, and those whose key is
/// not this server's, are null in JSON and absent as an actor's.
async::Task<base::Result<void>> openNames(actions::Context &context, const Names &names, std::vector<Entry> &entries);

} // namespace voelgoed::audit
