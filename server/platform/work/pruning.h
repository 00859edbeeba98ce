#pragma once

#include "server/platform/work/database.h"

namespace voelgoed::work {

/// Runs a statement that removes old rows of all organizations, some thousands at a time, until there are no more:
/// short transactions, so that nobody waits for them. Its last parameter is how many rows it may take at most, and it
/// answers how many it took. Stops after a million rows: the rest is for the next time.
async::Task<base::Result<void>> pruneInRounds(Database &database, pg::Sql sql, pg::Params params = {});

} // namespace voelgoed::work
