#include "server/platform/http/head.h"

#include "shared/base/text.h"

#include <algorithm>
#include <charconv>

namespace voelgoed::http {

namespace {

constexpr std::size_t kEmptyLinesMax = 2;

bool isMethodCharacter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool isControl(char c)
{
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
}

bool lists(std::string_view list, std::string_view word)
{
    while (!list.empty()) {
        const std::string_view item = list.substr(0, list.find(','));
        list.remove_prefix(std::min(list.size(), item.size() + 1));
        if (sameWord(base::trimmed(item), word))
            return true;
    }
    return false;
}

std::optional<std::uint64_t> lengthFrom(std::string_view text)
{
    std::uint64_t length = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), length);
    // 15 digits are a petabyte: nobody's sums overflow.
    if (problem != std::errc() || end != text.data() + text.size() || text.size() > 15)
        return {};
    return length;
}

/// Characters of a host and a port (RFC 3986, section 3.2.2), without asking whether there is one of that name.
bool isHost(std::string_view host)
{
    return !host.empty() && host.size() <= 255 && std::all_of(host.begin(), host.end(), [](char c) {
        return isMethodCharacter(c) || c == '.' || c == ':' || c == '[' || c == ']';
    });
}

/// The one value of each field that frames a message.
struct Marks
{
    std::optional<std::string_view> host, length, transfer, expect;
    bool repeated = false; ///< one of those came twice
    std::string_view upgrade;
    bool connectionClose = false, connectionKeep = false, connectionUpgrade = false;
};

void once(std::optional<std::string_view> &mark, std::string_view value, Marks &marks)
{
    marks.repeated = marks.repeated || mark;
    mark = value;
}

Marks marksOf(const Fields &fields)
{
    Marks marks;
    for (const auto &[name, value] : fields.all()) {
        switch (name.size()) {
        case 4:
            if (sameWord(name, "Host"))
                once(marks.host, value, marks);
            break;
        case 6:
            if (sameWord(name, "Expect"))
                once(marks.expect, value, marks);
            break;
        case 7:
            if (sameWord(name, "Upgrade"))
                marks.upgrade = value;
            break;
        case 10:
            if (sameWord(name, "Connection")) {
                marks.connectionClose = marks.connectionClose || lists(value, "close");
                marks.connectionKeep = marks.connectionKeep || lists(value, "keep-alive");
                marks.connectionUpgrade = marks.connectionUpgrade || lists(value, "upgrade");
            }
            break;
        case 14:
            if (sameWord(name, "Content-Length"))
                once(marks.length, value, marks);
            break;
        case 17:
            if (sameWord(name, "Transfer-Encoding"))
                once(marks.transfer, value, marks);
            break;
        default:
            break;
        }
    }
    return marks;
}

std::optional<Refusal> readLengths(const Marks &marks, const Head &head, Framing &framing)
{
    if (marks.repeated)
        return badRequest("field_repeated", "a field that frames the request came more than once");
    if (marks.transfer && (marks.length || head.minor == 0))
        return badRequest("lengths", "Transfer-Encoding where it must not be");
    if (marks.transfer) {
        if (!sameWord(*marks.transfer, "chunked"))
            return Refusal{501, "transfer_coding", "only the transfer coding \"chunked\" is known here"};
        framing.chunked = true;
    }
    if (marks.length) {
        framing.length = lengthFrom(*marks.length);
        if (!framing.length)
            return badRequest("length", "Content-Length is no number");
    }
    return {};
}

} // namespace

bool HeadScanner::isSound(std::string_view line) const
{
    if (line.empty() || line.back() != '\r')
        return false;
    line.remove_suffix(1);
    return line.find('\r') == std::string_view::npos && line.find('\0') == std::string_view::npos &&
           (line.empty() || (line.front() != ' ' && line.front() != '\t'));
}

HeadScanner::Found HeadScanner::scan(std::string_view bytes)
{
    for (;;) {
        if (!m_begun && m_line < bytes.size() && bytes[m_line] != '\r') {
            if (!isMethodCharacter(bytes[m_line]))
                return Found::Fault;
            m_begun = true;
        }
        const std::size_t end = bytes.find('\n', m_scanned);
        if (end == std::string_view::npos) {
            m_scanned = bytes.size();
            return Found::More;
        }
        const std::string_view line = bytes.substr(m_line, end - m_line);
        if (!isSound(line))
            return Found::Fault;
        m_line = m_scanned = end + 1;
        if (line.size() > 1)
            continue;
        if (m_begun)
            return Found::End;
        m_skipped = m_line;
        if (m_skipped > 2 * kEmptyLinesMax)
            return Found::Fault;
    }
}

std::variant<Framing, Refusal> framingOf(const Head &head)
{
    for (const auto &[name, value] : head.fields.all()) {
        if (std::any_of(value.begin(), value.end(), isControl))
            return badRequest("field_value", "a field holds control characters");
    }
    const Marks marks = marksOf(head.fields);
    Framing framing;
    if (auto refusal = readLengths(marks, head, framing))
        return *std::move(refusal);
    if (head.minor > 0 && !marks.host)
        return badRequest("host_missing", "the field Host is missing");
    if (marks.host && !isHost(*marks.host))
        return badRequest("host", "the field Host names no host");
    framing.host = marks.host.value_or("");
    if (marks.expect && !sameWord(*marks.expect, "100-continue"))
        return Refusal{417, "expectation", "only the expectation \"100-continue\" is known here"};
    framing.continues = marks.expect && framing.hasBody() && head.minor > 0;
    framing.keepAlive = !marks.connectionClose && (head.minor > 0 || marks.connectionKeep);
    framing.webSocket = marks.connectionUpgrade && head.minor > 0 && sameWord(marks.upgrade, "websocket");
    return framing;
}

} // namespace voelgoed::http
