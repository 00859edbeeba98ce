#pragma once

#include "shared/domain/row.h"

#include <boost/json/object.hpp>

#include <string_view>

namespace voelgoed::gate {

enum class Shown { Yes, InDoubt };

/// A row as `export` and `why` show it. What was read is sealed, and shown as such.
boost::json::object jsonOf(const domain::Row &row, Shown shown);

/// "anchored", "assumed" or "bracketed".
std::string_view wordOf(domain::ClockState state);

} // namespace voelgoed::gate
