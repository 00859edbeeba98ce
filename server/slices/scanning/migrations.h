#pragma once

#include "server/platform/pg/migrate.h"

namespace voelgoed::scanning {

/// migrations/*.sql
std::vector<pg::Migration> migrations();

} // namespace voelgoed::scanning
