#pragma once

#include "server/platform/pg/migrate.h"

namespace voelgoed::events {

/// migrations/*.sql
std::vector<pg::Migration> migrations();

} // namespace voelgoed::events
