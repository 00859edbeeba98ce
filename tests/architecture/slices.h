#pragma once

#include "tests/architecture/rules.h"

/// "A slice is a folder that could be deleted, with its lines in composition.cpp."
namespace voelgoed::architecture {

/// Names of the folders below server/slices, in order.
std::vector<std::string> sliceNames(const std::filesystem::path &root);

/// Where product code outside a slice includes its headers or links its libraries. Its lines in server/app's
/// composition.cpp and CMakeLists.txt, and the list of slices, may; of its headers these include its module alone. In
/// order of file.
std::vector<Violation> tiesTo(const std::filesystem::path &root, const std::string &slice);

/// composition.cpp without a slice's lines: its inclusions, the statements that name it, and those that name what came
/// of these. What another slice asked of this one is then asked of nobody, so that the other goes with it.
std::string compositionWithout(const std::string &composition, const std::string &slice);

/// The slices that a composition includes, in order.
std::vector<std::string> slicesOf(const std::string &composition);

} // namespace voelgoed::architecture
