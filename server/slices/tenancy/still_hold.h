#pragma once

#include "server/platform/topics/topics.h"
#include "server/platform/work/database.h"

namespace voelgoed::tenancy {

/// Whether people and devices are still who they were when they opened a socket: answered from the database, since a
/// cache could only be later.
async::Task<base::Result<std::vector<bool>>> peopleStillHold(work::Database &database,
                                                             std::vector<access::Actor> actors);
async::Task<base::Result<std::vector<bool>>> devicesStillHold(work::Database &database,
                                                              std::vector<access::Actor> actors);

} // namespace voelgoed::tenancy
