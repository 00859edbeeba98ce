#pragma once

#include "server/platform/pg/migrate.h"

namespace voelgoed::tenancy {

/// migrations/*.sql
std::vector<pg::Migration> migrations();

} // namespace voelgoed::tenancy
