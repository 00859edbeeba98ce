#include "tests/architecture/rules.h"

#include "tests/architecture/source.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

namespace voelgoed::architecture {

namespace fs = std::filesystem;

namespace {

constexpr int kLinesMax = 400;

/// Files whose path begins with `files` may include project headers that begin with one of `may`, besides their own
/// folder (and the folders below `files`, if they are of one kind; or those of the same family). The longest match
/// counts.
struct IncludeRow
{
    std::string files;
    std::vector<std::string> may;
    enum class Folders { OneKind, Families } folders = Folders::OneKind;
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
    {"device/hal/", {"shared/base/", "device/core/hal/"}, IncludeRow::Folders::Families},
    {"device/gate/main.cpp", {"shared/", "device/core/", "device/gate/", "device/hal/"}},
    {"device/gate/", {"shared/", "device/core/"}},
    {"server/platform/", {"shared/base/", "server/platform/"}},
    {"server/contracts/", {"shared/base/", "shared/domain/", "server/platform/"}},
    {"server/slices/", {"shared/", "server/platform/", "server/contracts/"}, IncludeRow::Folders::Families},
    {"server/cli/", {"shared/", "server/contracts/"}},
    {"server/app/", {"shared/base/", "server/"}},
};

/// Headers that begin with `header` are for files that begin with one of `files` (and for tests). The longest match
/// counts.
struct LibraryRow
{
    std::string header;
    std::vector<std::string> files;
};

const std::vector<LibraryRow> kLibraries{
    {"sqlite3.h", {"device/core/storage/"}},
    {"openssl/",
     {"shared/base/crypto/", "shared/ticket/", "server/platform/http/", "server/platform/redis/sha1.cpp",
      "server/platform/secrets/"}},
    {"boost/json/",
     {"shared/base/", "shared/domain/", "shared/admission/", "shared/protocol/", "device/core/profile/", "device/gate/",
      "server/"}},
    {"boost/asio/", {"server/"}},
    {"boost/beast/", {"server/platform/http/beast_"}},
    {"boost/describe", {"server/"}},
    {"boost/url", {"server/platform/http/"}},
    {"boost/mp11", {"server/platform/actions/"}},
    {"libpq-fe.h", {"server/platform/pg/"}},
    {"hiredis/", {"server/platform/redis/"}},
    {"jemalloc/", {"server/app/"}},
    {"argon2.h", {"server/platform/secrets/"}},
    {"spdlog/", {"server/platform/log/"}},
    {"prometheus/", {"server/platform/metrics/"}},
    {"google/protobuf/", {"shared/protocol/"}},
    {"zstd.h", {"shared/protocol/", "server/platform/http/"}},
    {"zlib.h", {"server/platform/http/"}},
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
    {"CLI/", {"device/gate/main.cpp", "server/cli/", "server/app/"}},
    {"curl/", {"device/core/client/", "server/cli/", "server/platform/outbound/"}},
    {"Q", {"device/"}},
};
const std::vector<std::string> kQtOfWindows{"QtQuick",  "QtQml",  "QtGui", "QtWidgets", "QtMultimedia",
                                            "QQuick",   "QQml",   "QGui",  "QImage",    "QWindow",
                                            "QPainter", "QColor", "QFont", "QIcon",     "QPixmap"};
const std::vector<std::string> kPrograms{"device/ui/", "device/scanner/", "device/kiosk/", "device/console/"};

/// Headers of the operating system; everything else with a dot or a slash in its name is a library's.
const std::vector<std::string> kSystem{"arpa/",     "fcntl.h",  "linux/",   "netdb.h", "netinet/",
                                       "poll.h",    "signal.h", "sys/",     "spawn.h", "malloc.h",
                                       "termios.h", "time.h",   "unistd.h", "pwd.h",   "grp.h"};

/// What shared code may use of the standard library: no files, no clock, no threads, no chance.
const std::set<std::string> kStdOfShared{"algorithm",       "array",       "bit",           "charconv",
                                         "chrono",          "cmath",       "compare",       "concepts",
                                         "cstddef",         "cstdint",     "cstdio",        "cstdlib",
                                         "cstring",         "deque",       "functional",    "initializer_list",
                                         "iterator",        "limits",      "list",          "map",
                                         "memory",          "numeric",     "optional",      "set",
                                         "source_location", "span",        "string",        "string_view",
                                         "tuple",           "type_traits", "unordered_map", "unordered_set",
                                         "utility",         "variant",     "vector"};
/// And of what those headers bring along. (`time` and `system` are words of ours, too: not with these arguments.)
const std::vector<std::string> kNotInShared{"system_clock",  "steady_clock", "high_resolution_clock",
                                            "utc_clock",     "tai_clock",    "gps_clock",
                                            "file_clock",    "std::time",    "time(nullptr",
                                            "time(NULL",     "time(0",       "std::clock",
                                            "clock_gettime", "gettimeofday", "timespec_get",
                                            "localtime",     "gmtime",       "fopen",
                                            "freopen",       "fdopen",       "tmpfile",
                                            "tmpnam",        "std::remove",  "std::rename",
                                            "fprintf",       "printf",       "vprintf",
                                            "vfprintf",      "puts",         "fputs",
                                            "putchar",       "putc",         "fputc",
                                            "fwrite",        "fread",        "fgets",
                                            "fgetc",         "getchar",      "getc",
                                            "scanf",         "fscanf",       "perror",
                                            "stdin",         "stdout",       "stderr",
                                            "FILE",          "getenv",       "std::system",
                                            "system(\"",     "popen",        "setlocale",
                                            "std::exit",     "_Exit",        "quick_exit",
                                            "random_device", "rand",         "srand"};
/// The one place that ends the program, after it has said why.
const std::string kEnds = "shared/base/ensure.cpp";

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

/// What may not be part of a circle: a folder; and what puts a slice together, which stands above its folders.
std::string nodeOf(const std::string &path)
{
    const std::string folder = folderOf(path);
    const std::string module = folder + "module.";
    return startsWith(path, "server/slices/") && startsWith(path, module) ? module : folder;
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
        if (!fs::exists(root / header) || header.find("..") != std::string::npos)
            report("is not rooted at the repository: " + header);
        if (!isTest && row && !mayInclude(source.path, header))
            report("may not include " + header);
    }
}

bool isQt(const std::string &header)
{
    return header.size() > 1 && header[0] == 'Q' && (header[1] == 't' || (header[1] >= 'A' && header[1] <= 'Z'));
}

const LibraryRow *libraryRowFor(const std::string &header)
{
    const LibraryRow *best = nullptr;
    for (const LibraryRow &row : kLibraries) {
        const bool concerns = row.header == "Q" ? isQt(header) : startsWith(header, row.header);
        if (concerns && (!best || row.header.size() > best->header.size()))
            best = &row;
    }
    return best;
}

void checkLibrary(const Source &source, const std::string &header, const Report &report)
{
    const bool ofStd = header.find_first_of("./") == std::string::npos && !isQt(header);
    const bool shared = startsWith(source.path, "shared/");
    if (ofStd || beginsWithAny(header, kSystem)) {
        if (shared && !kStdOfShared.contains(header))
            report("shared code knows no files, clock, threads or system: <" + header + ">");
        return;
    }
    const LibraryRow *best = libraryRowFor(header);
    if (!best)
        return report("no row says who may use the library behind <" + header + ">");
    const bool windows = best->header == "Q" && beginsWithAny(header.substr(header.rfind('/') + 1), kQtOfWindows);
    if (!beginsWithAny(source.path, windows || beginsWithAny(header, kQtOfWindows) ? kPrograms : best->files))
        report("may not use the library behind <" + header + ">");
    if (source.path.ends_with(".h") && startsWith(header, "openssl/"))
        report("OpenSSL stays out of headers");
}

void checkLibraries(const Source &source, const Report &report)
{
    if (startsWith(source.path, "tests/"))
        return;
    for (const std::string &header : source.library)
        checkLibrary(source, header, report);
    if (!startsWith(source.path, "shared/") || source.path == kEnds)
        return;
    for (const std::string &word : kNotInShared) {
        if (usesWord(source.code, word))
            report("shared code knows no files, clock, threads or system: " + word);
    }
}

/// A header whose source includes it first is compiled alone with every build.
void checkOwnHeader(const Source &source, const fs::path &root, const Report &report)
{
    if (!source.path.ends_with(".cpp"))
        return;
    const std::string own = source.path.substr(0, source.path.size() - 4) + ".h";
    if (fs::exists(root / own) && source.first != own)
        report("does not include its own header first");
}

} // namespace

bool mayInclude(const std::string &file, const std::string &header)
{
    const IncludeRow *row = rowFor(file);
    if (folderOf(header) == folderOf(file) || (row && beginsWithAny(header, row->may)))
        return true;
    if (!row || row->files.back() != '/')
        return false;
    if (row->folders == IncludeRow::Folders::OneKind)
        return startsWith(header, row->files);
    return startsWith(header, file.substr(0, file.find('/', row->files.size()) + 1)) &&
           file.find('/', row->files.size()) != std::string::npos;
}

bool mayUseLibrary(const std::string &file, const std::string &header)
{
    const LibraryRow *row = libraryRowFor(header);
    return row && beginsWithAny(file, row->files);
}

std::vector<Violation> violations(const fs::path &root)
{
    std::vector<Violation> found;
    for (const Source &source : sources(root)) {
        const Report report = [&](const std::string &what) { found.push_back({source.path, what}); };
        checkProjectIncludes(source, root, report);
        checkLibraries(source, report);
        checkOwnHeader(source, root, report);
        for (const std::string &line : source.unclear)
            report("an inclusion that cannot be read: " + line);
        if (!source.path.ends_with(".h") && !source.path.ends_with(".cpp"))
            report("is neither .h nor .cpp");
        if (source.lines > kLinesMax)
            report(std::to_string(source.lines) + " lines, more than " + std::to_string(kLinesMax));
        if (source.path.ends_with(".h") && !source.pragmaOnce)
            report("has no #pragma once");
    }
    return found;
}

std::vector<std::string> headersWithoutSource(const fs::path &root)
{
    std::vector<std::string> headers;
    for (const Source &source : sources(root)) {
        const bool isHeader = source.path.ends_with(".h") && !startsWith(source.path, "tests/");
        if (isHeader && !fs::exists(root / (source.path.substr(0, source.path.size() - 2) + ".cpp")))
            headers.push_back(source.path);
    }
    return headers;
}

std::vector<std::string> folderCycles(const fs::path &root)
{
    std::map<std::string, std::set<std::string>> uses;
    for (const Source &source : sources(root)) {
        if (startsWith(source.path, "tests/"))
            continue;
        for (const std::string &header : source.project) {
            if (nodeOf(header) != nodeOf(source.path) && !header.ends_with(".pb.h"))
                uses[nodeOf(source.path)].insert(nodeOf(header));
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
