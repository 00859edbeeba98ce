#pragma once

#include "shared/base/result.h"
#include "shared/base/uuid.h"

#include <string>

namespace voelgoed::bench {

/// What a scan costs at least: the rows of an event's scans, put once more into a table like theirs (columns, indexes,
/// partitions), by one connection with one statement and one commit for each 500. Rows a second.
base::Result<double> insertedPerSecond(const std::string &superuser, const base::Uuid &event);

} // namespace voelgoed::bench
