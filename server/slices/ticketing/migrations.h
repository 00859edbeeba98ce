#pragma once

#include "server/platform/pg/migrate.h"

namespace voelgoed::ticketing {

/// migrations/*.sql
std::vector<pg::Migration> migrations();

} // namespace voelgoed::ticketing
