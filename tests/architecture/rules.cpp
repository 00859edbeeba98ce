#include "tests/architecture/rules.h"

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>

namespace voelgoed::architecture {

namespace fs = std::filesystem;

namespace {

constexpr int kLinesMax = 400;

/// Files whose path begins with `files` may include project headers that begin with one of `may`, besides their own
/// folder. The longest match counts.
struct IncludeRow
{
    std::string files;
    std::vector<std::string> may;
};

const std::vector<IncludeRow> kIncludes{
    {"shared/base/", {}},
    {"shared/domain/", {"shared/base/"}},
    {"shared/admission/", {"shared/base/", "shared/domain/"}},
    {"shared/bitmap/", {"shared/base/", "shared/domain/"}},
    {"shared/ticket/", {"shared/base/", "shared/domain/"}},
    {"shared/artwork/", {"shared/base/", "shared/domain/"}},
    {"shared/protocol/", {"shared/base/", "shared/domain/", "shared/bitmap/"}},
    {"device/core/hal/", {"shared/base/", "shared/domain/"}},
    {"device/core/", {"shared/", "device/core/"}},
    {"device/hal/", {"shared/base/", "shared/domain/", "device/core/hal/"}},
    {"device/gate/main.cpp", {"shared/", "device/core/", "device/gate/", "device/hal/"}},
    {"device/gate/", {"shared/", "device/core/"}},
};

/// Headers of libraries that begin with `header` are for files that begin with one of `files` (and for tests).
struct LibraryRow
{
    std::string header;
    std::vector<std::string> files;
};

const std::vector<LibraryRow> kLibraries{
    {"sqlite3.h", {"device/core/storage/"}},
    {"openssl/", {"shared/base/crypto/", "shared/ticket/"}},
    {"boost/", {"shared/base/", "shared/domain/", "shared/admission/", "device/core/profile/", "device/gate/"}},
    {"google/protobuf/", {"shared/protocol/"}},
    {"zstd.h", {"shared/protocol/"}},
    {"date/", {"device/core/zone/"}},
    {"cairo", {"shared/artwork/"}},
    {"pango/", {"shared/artwork/"}},
    {"qrencode.h", {"shared/artwork/"}},
    {"ZXing/", {"device/hal/reader/"}},
    {"opencv2/", {"device/hal/reader/"}},
    {"poppler/", {"device/hal/reader/"}},
    {"seccomp.h", {"device/hal/reader/"}},
    {"png.h", {"device/hal/reader/"}},
    {"jpeglib.h", {"device/hal/reader/"}},
    {"webp/", {"device/hal/reader/"}},
    {"CLI/", {"device/gate/main.cpp"}},
    {"curl/", {"device/core/client/", "server/cli/", "server/platform/outbound/"}},
    {"libpq", {"server/platform/pg/"}},
    {"hiredis/", {"server/platform/redis/"}},
    {"Q", {"device/"}},
};

/// What the standard library must not be used for in the rules: the doors to the outside are elsewhere.
const std::vector<std::string> kNotInShared{"fstream", "iostream", "thread", "mutex", "filesystem", "future",
                                            "unistd.h", "sys/", "fcntl.h"};

bool startsWith(const std::string &text, const std::string &prefix)
{
    return text.compare(0, prefix.size(), prefix) == 0;
}

bool beginsWithAny(const std::string &text, const std::vector<std::string> &prefixes)
{
    return std::any_of(prefixes.begin(), prefixes.end(), [&](const std::string &p) { return startsWith(text, p); });
}

std::string folderOf(const std::string &path)
{
    return path.substr(0, path.rfind('/') + 1);
}

struct Source
{
    std::string path;
    int lines = 0;
    bool pragmaOnce = false;
    std::vector<std::string> project; ///< headers in quotes
    std::vector<std::string> library; ///< headers in angle brackets
};

Source read(const fs::path &root, const fs::path &file)
{
    Source source{.path = fs::relative(file, root).generic_string()};
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        ++source.lines;
        if (startsWith(line, "#pragma once"))
            source.pragmaOnce = true;
        if (!startsWith(line, "#include "))
            continue;
        const char open = line[9];
        const std::size_t end = line.find(open == '<' ? '>' : '"', 10);
        if (end == std::string::npos)
            continue;
        (open == '<' ? source.library : source.project).push_back(line.substr(10, end - 10));
    }
    return source;
}

std::vector<Source> sources(const fs::path &root)
{
    std::vector<Source> all;
    for (const char *top : {"shared", "device", "server", "tests"}) {
        if (!fs::is_directory(root / top))
            continue;
        for (const auto &entry : fs::recursive_directory_iterator(root / top)) {
            const auto ending = entry.path().extension();
            if (entry.is_regular_file() && (ending == ".h" || ending == ".cpp"))
                all.push_back(read(root, entry.path()));
        }
    }
    std::sort(all.begin(), all.end(), [](const Source &a, const Source &b) { return a.path < b.path; });
    return all;
}

const IncludeRow *rowFor(const std::string &path)
{
    const IncludeRow *best = nullptr;
    for (const IncludeRow &row : kIncludes) {
        if (startsWith(path, row.files) && (!best || row.files.size() > best->files.size()))
            best = &row;
    }
    return best;
}

using Report = std::function<void(const std::string &)>;

void checkProjectIncludes(const Source &source, const fs::path &root, const Report &report)
{
    const bool isTest = startsWith(source.path, "tests/");
    const IncludeRow *row = rowFor(source.path);
    if (!row && !isTest)
        report("no row of the include table is for this folder");
    for (const std::string &header : source.project) {
        if (header.ends_with(".moc") && isTest)
            continue;
        if (header.ends_with(".pb.h")) {
            if (!startsWith(source.path, "shared/protocol/") || source.path.ends_with(".h"))
                report("generated types leave shared/protocol's sources: " + header);
            continue;
        }
        if (!fs::exists(root / header))
            report("is not rooted at the repository: " + header);
        if (isTest)
            continue;
        const bool own = folderOf(header) == folderOf(source.path) ||
                         (row && startsWith(header, row->files.substr(0, row->files.rfind('/') + 1)) &&
                          row->files.back() == '/');
        if (!own && row && !beginsWithAny(header, row->may))
            report("may not include " + header);
    }
}

void checkLibraries(const Source &source, const Report &report)
{
    if (startsWith(source.path, "tests/"))
        return;
    for (const std::string &header : source.library) {
        for (const LibraryRow &row : kLibraries) {
            const bool concerns = row.header == "Q" ? header.size() > 1 && header[0] == 'Q' && std::isupper(static_cast<unsigned char>(header[1]))
                                                    : startsWith(header, row.header);
            if (concerns && !beginsWithAny(source.path, row.files))
                report("may not use the library behind <" + header + ">");
        }
        if (startsWith(source.path, "shared/") && beginsWithAny(header, kNotInShared))
            report("shared code knows no files, threads or system: <" + header + ">");
        if (source.path.ends_with(".h") && startsWith(header, "openssl/"))
            report("OpenSSL stays out of headers");
    }
}

} // namespace

std::vector<Violation> violations(const fs::path &root)
{
    std::vector<Violation> found;
    for (const Source &source : sources(root)) {
        const Report report = [&](const std::string &what) { found.push_back({source.path, what}); };
        checkProjectIncludes(source, root, report);
        checkLibraries(source, report);
        if (source.lines > kLinesMax)
            report(std::to_string(source.lines) + " lines, more than " + std::to_string(kLinesMax));
        if (source.path.ends_with(".h") && !source.pragmaOnce)
            report("has no #pragma once");
    }
    return found;
}

std::vector<std::string> folderCycles(const fs::path &root)
{
    std::map<std::string, std::set<std::string>> uses;
    for (const Source &source : sources(root)) {
        if (startsWith(source.path, "tests/"))
            continue;
        for (const std::string &header : source.project) {
            if (folderOf(header) != folderOf(source.path) && !header.ends_with(".pb.h"))
                uses[folderOf(source.path)].insert(folderOf(header));
        }
    }
    std::vector<std::string> cycles;
    std::set<std::string> finished;
    std::vector<std::string> path;
    const std::function<void(const std::string &)> visit = [&](const std::string &folder) {
        const auto there = std::find(path.begin(), path.end(), folder);
        if (there != path.end()) {
            std::string cycle;
            for (auto it = there; it != path.end(); ++it)
                cycle += *it + " -> ";
            cycles.push_back(cycle + folder);
            return;
        }
        if (finished.contains(folder))
            return;
        path.push_back(folder);
        for (const std::string &used : uses[folder])
            visit(used);
        path.pop_back();
        finished.insert(folder);
    };
    std::vector<std::string> folders;
    for (const auto &[folder, used] : uses)
        folders.push_back(folder);
    for (const std::string &folder : folders)
        visit(folder);
    return cycles;
}

} // namespace voelgoed::architecture
