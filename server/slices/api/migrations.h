#pragma once

#include "server/platform/pg/migrate.h"

namespace voelgoed::api {

/// migrations/*.sql
std::vector<pg::Migration> migrations();

} // namespace voelgoed::api
