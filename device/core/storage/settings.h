#pragma once

#include "device/core/storage/database.h"

#include <optional>
#include <string>
#include <string_view>

namespace voelgoed::storage {

/// Names and values that the device's file keeps about itself.
base::Result<void> makeSettings(Database &database);
base::Result<std::optional<std::string>> setting(Database &database, std::string_view name);
/// Joins the transaction that is open, or is one of its own.
base::Result<void> setSetting(Database &database, std::string_view name, std::string_view value);

/// A setting that is a number. Corrupt when it is there and is none.
base::Result<std::optional<std::uint64_t>> numberSetting(Database &database, std::string_view name);

} // namespace voelgoed::storage
