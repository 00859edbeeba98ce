#include "tests/architecture/links.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace voelgoed::architecture {

namespace fs = std::filesystem;

namespace {

/// What begins like this is linked by those who may use this header.
const std::map<std::string, std::string> kHeaderOf{
    {"Boost::json", "boost/json/"},
    {"OpenSSL::", "openssl/"},
    {"protobuf::", "google/protobuf/"},
    {"PkgConfig::ZSTD", "zstd.h"},
    {"SQLite::", "sqlite3.h"},
    {"PkgConfig::PANGOCAIRO", "pango/"},
    {"PkgConfig::CAIRO_PDF", "cairo"},
    {"PkgConfig::QRENCODE", "qrencode.h"},
    {"JPEG::", "jpeglib.h"},
    {"PNG::", "png.h"},
    {"PkgConfig::POPPLER", "poppler/"},
    {"PkgConfig::SECCOMP", "seccomp.h"},
    {"PkgConfig::WEBP", "webp/"},
    {"ZXing::", "ZXing/"},
    {"${OPENCV_", "opencv2/"},
    {"CLI11::", "CLI/"},
    {"Qt6::", "QtCore"},
    {"voelgoed_asio", "boost/asio/"},
    {"Boost::url", "boost/url"},
    {"PostgreSQL::", "libpq-fe.h"},
    {"PkgConfig::HIREDIS", "hiredis/"},
    {"PkgConfig::ARGON2", "argon2.h"},
    {"CURL::", "curl/"},
    {"spdlog::", "spdlog/"},
    {"${PROMETHEUS_", "prometheus/"},
    {"${JEMALLOC_", "jemalloc/"},
    {"ZLIB::", "zlib.h"},
};

struct Target
{
    std::string file; ///< its CMakeLists.txt
    std::string name;
    std::vector<std::string> sources; ///< relative to the root
    std::vector<std::string> links;
};

std::string textOf(const fs::path &file)
{
    static const std::regex kComment("#[^\n]*");
    std::ifstream in(file);
    std::stringstream text;
    text << in.rdbuf();
    return std::regex_replace(text.str(), kComment, "");
}

std::vector<Target> targetsOf(const fs::path &root, const fs::path &file)
{
    static const std::regex kCommand(
        R"re(\b(voelgoed_library|voelgoed_program|target_link_libraries)\s*\(([^)]*)\))re");
    static const std::set<std::string> kLinks{"LINKS", "PRIVATE_LINKS", "PUBLIC", "PRIVATE", "INTERFACE"};
    const std::string folder = fs::relative(file.parent_path(), root).generic_string() + "/";
    const std::string text = textOf(file);
    std::vector<Target> targets;
    for (std::sregex_iterator found(text.begin(), text.end(), kCommand), end; found != end; ++found) {
        Target target{.file = folder + "CMakeLists.txt", .name = {}, .sources = {}, .links = {}};
        std::istringstream words((*found)[2]);
        bool links = (*found)[1] == "target_link_libraries";
        words >> target.name;
        for (std::string word; words >> word;) {
            if (word == "SOURCES" || kLinks.contains(word))
                links = word != "SOURCES";
            else if (links)
                target.links.push_back(word);
            else
                target.sources.push_back(folder + word);
        }
        if (target.sources.empty())
            target.sources.push_back(folder + "any.cpp");
        targets.push_back(std::move(target));
    }
    return targets;
}

/// Whether a source of the target may include what the link brings.
bool isAllowed(const Target &target, const std::string &link, const std::map<std::string, std::string> &folders)
{
    const auto ours = folders.find(link);
    const auto theirs = std::find_if(kHeaderOf.begin(), kHeaderOf.end(), [&](const auto &row) {
        return link.compare(0, row.first.size(), row.first) == 0;
    });
    return std::any_of(target.sources.begin(), target.sources.end(), [&](const std::string &source) {
        if (ours != folders.end())
            return mayInclude(source, ours->second + "any.h");
        return theirs != kHeaderOf.end() && mayUseLibrary(source, theirs->second);
    });
}

} // namespace

std::vector<Violation> linkViolations(const fs::path &root)
{
    std::vector<Target> targets;
    for (const char *top : {"shared", "device", "server"}) {
        if (!fs::is_directory(root / top))
            continue;
        for (const auto &entry : fs::recursive_directory_iterator(root / top)) {
            if (entry.path().filename() != "CMakeLists.txt")
                continue;
            for (Target &target : targetsOf(root, entry.path()))
                targets.push_back(std::move(target));
        }
    }
    std::map<std::string, std::string> folders;
    for (const Target &target : targets)
        folders.emplace(target.name, target.file.substr(0, target.file.rfind('/') + 1));
    std::vector<Violation> found;
    for (const Target &target : targets) {
        for (const std::string &link : target.links) {
            if (!isAllowed(target, link, folders))
                found.push_back({target.file, target.name + " may not link " + link});
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

} // namespace voelgoed::architecture
