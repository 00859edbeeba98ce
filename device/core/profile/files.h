#pragma once

#include "shared/base/result.h"

#include <string>
#include <string_view>

namespace voelgoed::profile {

/// The whole file. NotFound when it is not there; Invalid when it is longer than `maxBytes`.
base::Result<std::string> readFile(const std::string &path, std::size_t maxBytes);

/// Replaces a file as a whole, durably, readable by its owner alone: the old contents or the new ones are there, never
/// half.
base::Result<void> writeSecretFile(const std::string &path, std::string_view contents);

} // namespace voelgoed::profile
