#include "tests/architecture/slices.h"

#include "tests/architecture/source.h"

#include <algorithm>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace voelgoed::architecture {

namespace fs = std::filesystem;

namespace {

constexpr const char *kComposition = "server/app/composition.cpp";

std::string textOf(const fs::path &file)
{
    std::ifstream in(file);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

bool isProduct(const std::string &path)
{
    return path.starts_with("shared/") || path.starts_with("device/") || path.starts_with("server/");
}

/// Every CMakeLists.txt below the folders of the product, relative to the root, in order.
std::vector<std::string> listFiles(const fs::path &root)
{
    std::vector<std::string> files;
    for (const char *top : {"shared", "device", "server"}) {
        if (!fs::is_directory(root / top))
            continue;
        for (const auto &entry : fs::recursive_directory_iterator(root / top)) {
            if (entry.path().filename() == "CMakeLists.txt")
                files.push_back(fs::relative(entry.path(), root).generic_string());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::set<std::string> librariesIn(const std::string &text)
{
    static const std::regex kLibrary(R"re(\b(?:voelgoed_library|add_library)\s*\(\s*(\w+))re");
    std::set<std::string> names;
    for (std::sregex_iterator found(text.begin(), text.end(), kLibrary), end; found != end; ++found)
        names.insert((*found)[1]);
    return names;
}

std::string withoutComments(const std::string &list)
{
    static const std::regex kComment("#[^\n]*");
    return std::regex_replace(list, kComment, "");
}

} // namespace

std::vector<std::string> sliceNames(const fs::path &root)
{
    std::vector<std::string> names;
    for (const auto &entry : fs::directory_iterator(root / "server/slices")) {
        if (entry.is_directory())
            names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<Violation> tiesTo(const fs::path &root, const std::string &slice)
{
    const std::string folder = "server/slices/" + slice + "/";
    std::vector<Violation> ties;
    for (const Source &source : sources(root)) {
        if (!isProduct(source.path) || source.path.starts_with(folder))
            continue;
        for (const std::string &header : source.project) {
            const bool isItsLine = source.path == kComposition && header == folder + "module.h";
            if (header.starts_with(folder) && !isItsLine)
                ties.push_back({source.path, "includes " + header});
        }
    }
    std::set<std::string> libraries;
    const std::vector<std::string> lists = listFiles(root);
    for (const std::string &list : lists) {
        if (list.starts_with(folder))
            libraries.merge(librariesIn(withoutComments(textOf(root / list))));
    }
    for (const std::string &list : lists) {
        if (list.starts_with(folder) || list == "server/app/CMakeLists.txt")
            continue;
        const std::string text = withoutComments(textOf(root / list));
        for (const std::string &library : libraries) {
            if (usesWord(text, library))
                ties.push_back({list, "links " + library});
        }
    }
    std::sort(ties.begin(), ties.end());
    return ties;
}

std::string compositionWithout(const std::string &composition, const std::string &slice)
{
    static const std::regex kDeclares(R"re(^\s*(?:const\s+)?auto\s*&?\s+(\w+)\s*=)re");
    std::set<std::string> gone{slice};
    std::string kept, statement;
    std::istringstream lines(composition);
    for (std::string line; std::getline(lines, line);) {
        const bool isWhole = line.empty() || line.find_first_of("#/") == 0 || line.find('{') == line.size() - 1;
        if (statement.empty() && isWhole) {
            if (line.find("\"server/slices/" + slice + "/") == std::string::npos)
                kept += line + "\n";
            continue;
        }
        statement += line + "\n";
        if (line.back() != ';' && line.back() != '}')
            continue;
        const bool goes =
            std::any_of(gone.begin(), gone.end(), [&](const std::string &word) { return usesWord(statement, word); });
        std::smatch declared;
        if (goes && std::regex_search(statement, declared, kDeclares))
            gone.insert(declared[1]);
        if (!goes)
            kept += statement;
        statement.clear();
    }
    return kept + statement;
}

std::vector<std::string> slicesOf(const std::string &composition)
{
    static const std::regex kModule(R"re(#include "server/slices/(\w+)/module.h")re");
    std::vector<std::string> names;
    for (std::sregex_iterator found(composition.begin(), composition.end(), kModule), end; found != end; ++found)
        names.push_back((*found)[1]);
    return names;
}

} // namespace voelgoed::architecture
