#pragma once

#include "server/platform/pg/migrate.h"

namespace voelgoed::audit {

/// migrations/*.sql
std::vector<pg::Migration> migrations();

} // namespace voelgoed::audit
