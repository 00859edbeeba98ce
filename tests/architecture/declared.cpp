#include "tests/architecture/declared.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <regex>
#include <sstream>
#include <vector>

namespace voelgoed::architecture {

namespace fs = std::filesystem;

namespace {

std::string contentsOf(const fs::path &file)
{
    std::ifstream in(file);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

std::vector<fs::path> sourcesBelow(const fs::path &folder)
{
    std::vector<fs::path> files;
    for (const auto &entry : fs::recursive_directory_iterator(folder)) {
        const auto extension = entry.path().extension();
        if (entry.is_regular_file() && (extension == ".cpp" || extension == ".h"))
            files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

/// Without comments; texts stay.
std::string withoutComments(const std::string &code)
{
    static const std::regex comment("(\"(?:[^\"\\\\\\n]|\\\\.)*\")|//[^\\n]*");
    return std::regex_replace(code, comment, "$1");
}

} // namespace

EventNames eventNames(const fs::path &root)
{
    static const std::regex name("\"([a-z_]+\\.[a-z0-9_]+\\.v[0-9]+)\"");
    EventNames names;
    for (const auto &slice : fs::directory_iterator(root / "server/slices")) {
        if (!slice.is_directory())
            continue;
        for (const fs::path &file : sourcesBelow(slice.path())) {
            const std::string code = withoutComments(contentsOf(file));
            auto &found = file.filename() == "event_types.cpp" ? names.registered : names.told;
            for (std::sregex_iterator match(code.begin(), code.end(), name), end; match != end; ++match)
                found[(*match)[1]].insert(slice.path().filename().string());
        }
    }
    return names;
}

std::set<std::string> metricLines(const fs::path &root)
{
    static const std::regex family(
        "Family\\s+\\w+\\s*\\{\\s*\"([a-z0-9_]+)\",\\s*(?:\"[^\"]*\"\\s*)+,\\s*(?:metrics::)?Kind::(\\w+)"
        "(?:,\\s*\\{([^}]*)\\})?");
    static const std::regex label("\"([a-z0-9_]+)\"");
    std::set<std::string> lines;
    for (const fs::path &file : sourcesBelow(root / "server")) {
        const std::string code = withoutComments(contentsOf(file));
        for (std::sregex_iterator match(code.begin(), code.end(), family), end; match != end; ++match) {
            std::string kind = (*match)[2], labels;
            kind.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(kind.front())));
            const std::string list = (*match)[3];
            for (std::sregex_iterator one(list.begin(), list.end(), label); one != end; ++one)
                labels += (labels.empty() ? "" : ",") + (*one)[1].str();
            lines.insert((*match)[1].str() + " " + kind + (labels.empty() ? "" : " " + labels));
        }
    }
    return lines;
}

} // namespace voelgoed::architecture
