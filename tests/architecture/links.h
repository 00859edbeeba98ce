#pragma once

#include "tests/architecture/rules.h"

namespace voelgoed::architecture {

/// What the libraries and programs below shared and device link against, by their CMakeLists: only those whose headers
/// they may include. In order of file.
std::vector<Violation> linkViolations(const std::filesystem::path &root);

} // namespace voelgoed::architecture
