#pragma once

#include "server/platform/work/routines.h"

namespace voelgoed::jobs {

/// What keeps the table of jobs in order: takes up what a dead worker left, and forgets what ended long ago.
void addRoutines(work::Routines &routines, work::Database &database);

/// Jobs by queue and state, over all organizations, for metrics.
struct Count
{
    std::string queue, state;
    std::int64_t jobs = 0;
};
async::Task<base::Result<std::vector<Count>>> countJobs(work::Database &database);

} // namespace voelgoed::jobs
