#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace voelgoed::architecture {

/// What the rules look at in a source file.
struct Source
{
    std::string path; ///< relative to the root
    int lines = 0;
    bool pragmaOnce = false;
    std::vector<std::string> project; ///< headers in quotes, in order
    std::vector<std::string> library; ///< headers in angle brackets, in order
    std::vector<std::string> unclear; ///< inclusions that are neither: by a macro, by `import`
    std::string first;                ///< the header that is included first
    std::string code;                 ///< without comments and inclusions, and with texts emptied
};

/// Everything below shared, device, server and tests that a compiler or a person would take for C++, in order of path.
std::vector<Source> sources(const std::filesystem::path &root);

/// Whether the code uses a name: as a word, not as a part of one.
bool usesWord(std::string_view code, std::string_view word);

} // namespace voelgoed::architecture
