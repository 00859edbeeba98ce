#pragma once

#include "server/platform/pg/migrate.h"

namespace voelgoed::work {

/// migrations/*.sql
std::vector<pg::Migration> migrations();

} // namespace voelgoed::work
