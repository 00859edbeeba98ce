#include "tests/architecture/source.h"

#include <algorithm>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace voelgoed::architecture {

namespace fs = std::filesystem;

namespace {

const std::set<std::string> kEndings{".h", ".hh", ".hpp", ".hxx", ".inl", ".ipp",  ".tpp",
                                     ".c", ".cc", ".cpp", ".cxx", ".c++", ".cppm", ".ixx"};

bool isWordPart(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Blanks out comments; texts in quotes too, but for what an inclusion names. Lines stay lines, and those that go on
/// behind a backslash are joined.
std::string withoutComments(const std::string &text)
{
    std::string code;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view rest = std::string_view(text).substr(at);
        if (rest.starts_with("\\\n")) {
            at += 2;
        } else if (rest.starts_with("//")) {
            at = std::min(text.find('\n', at), text.size());
        } else if (rest.starts_with("/*")) {
            const std::size_t end = text.find("*/", at + 2);
            const std::size_t behind = end == std::string::npos ? text.size() : end + 2;
            code.append(static_cast<std::size_t>(std::count(text.begin() + static_cast<std::ptrdiff_t>(at),
                                                            text.begin() + static_cast<std::ptrdiff_t>(behind), '\n')),
                        '\n');
            code += ' ';
            at = behind;
        } else if (rest.starts_with("R\"") && (at == 0 || !isWordPart(text[at - 1]))) {
            const std::size_t open = text.find('(', at);
            const std::string closing =
                open == std::string::npos ? "" : ")" + text.substr(at + 2, open - at - 2) + "\"";
            const std::size_t end = closing.empty() ? std::string::npos : text.find(closing, open);
            at = end == std::string::npos ? text.size() : end + closing.size();
            code += "\"\"";
        } else if (text[at] == '"' || text[at] == '\'') {
            const bool digits = text[at] == '\'' && at > 0 && isWordPart(text[at - 1]); // 1'000
            std::size_t end = at + 1;
            while (!digits && end < text.size() && text[end] != text[at] && text[end] != '\n')
                end += text[end] == '\\' ? 2 : 1;
            const std::size_t line = code.rfind('\n') == std::string::npos ? 0 : code.rfind('\n') + 1;
            const bool names = code.find('#', line) != std::string::npos;
            code += digits ? "'" : names ? text.substr(at, end + 1 - at) : "\"\"";
            at = end + (digits ? 0 : 1);
        } else {
            code += text[at++];
        }
    }
    return code;
}

Source read(const fs::path &root, const fs::path &file)
{
    static const std::regex kInclusion(R"re(^\s*#\s*(?:include|include_next|import)\s*(.*)$)re");
    static const std::regex kImport(R"re(^\s*(?:export\s+)?import\b(?!\s*(?:::|\())\s*(.*)$)re");
    static const std::regex kOnce(R"re(^\s*#\s*pragma\s+once\b.*$)re");
    std::ifstream in(file);
    std::stringstream text;
    text << in.rdbuf();
    Source source{.path = fs::relative(file, root).generic_string()};
    const std::string whole = text.str();
    source.lines = static_cast<int>(std::count(whole.begin(), whole.end(), '\n'));
    std::istringstream lines(withoutComments(whole));
    for (std::string line; std::getline(lines, line);) {
        std::smatch found;
        if (std::regex_match(line, kOnce))
            source.pragmaOnce = true;
        if (std::regex_match(line, found, kImport)) {
            source.unclear.push_back(line);
            continue;
        }
        if (!std::regex_match(line, found, kInclusion)) {
            source.code += line + '\n';
            continue;
        }
        const std::string named = found[1];
        const char open = named.empty() ? '\0' : named[0];
        const std::size_t end = open == '<' ? named.find('>') : open == '"' ? named.find('"', 1) : std::string::npos;
        if (end == std::string::npos) {
            source.unclear.push_back(line);
            continue;
        }
        const std::string header = named.substr(1, end - 1);
        (open == '<' ? source.library : source.project).push_back(header);
        if (source.first.empty())
            source.first = header;
    }
    return source;
}

} // namespace

std::vector<Source> sources(const fs::path &root)
{
    std::vector<Source> all;
    for (const char *top : {"shared", "device", "server", "tests"}) {
        if (!fs::is_directory(root / top))
            continue;
        for (const auto &entry : fs::recursive_directory_iterator(root / top)) {
            if (entry.is_regular_file() && kEndings.contains(entry.path().extension().string()))
                all.push_back(read(root, entry.path()));
        }
    }
    std::sort(all.begin(), all.end(), [](const Source &a, const Source &b) { return a.path < b.path; });
    return all;
}

bool usesWord(std::string_view code, std::string_view word)
{
    for (std::size_t at = code.find(word); at != std::string_view::npos; at = code.find(word, at + 1)) {
        const bool begins = at == 0 || !isWordPart(code[at - 1]);
        const bool ends = at + word.size() == code.size() || !isWordPart(code[at + word.size()]);
        if (begins && ends)
            return true;
    }
    return false;
}

} // namespace voelgoed::architecture
