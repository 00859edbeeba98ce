#pragma once

#include <filesystem>
#include <string>
#include <vector>

/// Who may include whom, which library is used where, and what a source file may look like: docs/architecture.md as a
/// checker over a tree of sources.
namespace voelgoed::architecture {

struct Violation
{
    std::string file; ///< relative to the root
    std::string what;

    friend auto operator<=>(const Violation &, const Violation &) = default;
};

/// Checks every source file below shared, device, server and tests. In order of file.
std::vector<Violation> violations(const std::filesystem::path &root);

/// Whether the tables let a file include a header of the project, or one of a library.
bool mayInclude(const std::string &file, const std::string &header);
bool mayUseLibrary(const std::string &file, const std::string &header);

/// Headers that no source of their own name compiles alone.
std::vector<std::string> headersWithoutSource(const std::filesystem::path &root);

/// Folders of product code that include each other in a circle, each circle once.
std::vector<std::string> folderCycles(const std::filesystem::path &root);

} // namespace voelgoed::architecture
