#pragma once

#include "shared/domain/row.h"

#include <boost/json/object.hpp>

namespace voelgoed::gate {

enum class Shown { Yes, InDoubt };

/// A row as `export` and `why` show it. What was read is sealed, and shown as such.
boost::json::object jsonOf(const domain::Row &row, Shown shown);

} // namespace voelgoed::gate
