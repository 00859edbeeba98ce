#include "server/platform/http/target.h"

#include "shared/base/text.h"

#include <algorithm>
#include <optional>

namespace voelgoed::http {

namespace {

int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool isHexPair(std::string_view text)
{
    return text.size() >= 2 && digit(text[0]) >= 0 && digit(text[1]) >= 0;
}

bool isControl(char c)
{
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

enum class Part { Segment, Query };

/// Nothing when a code is broken, or what comes out is no clean text.
std::optional<std::string> decoded(std::string_view text, Part part)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            if (!isHexPair(text.substr(i + 1)))
                return {};
            c = static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
            i += 2;
            if (part == Part::Segment && c == '%' && isHexPair(text.substr(i + 1)))
                return {};
        } else if (c == '+' && part == Part::Query) {
            c = ' ';
        } else if (c == ' ' || static_cast<unsigned char>(c) >= 0x80) {
            return {};
        }
        if (isControl(c) || (part == Part::Segment && (c == '/' || c == '\\')))
            return {};
        out.push_back(c);
    }
    if (!base::isUtf8(out))
        return {};
    return out;
}

/// "..", "." and what some servers take for them: "..;x".
bool isDots(std::string_view segment)
{
    const std::string_view name = segment.substr(0, segment.find(';'));
    return name == "." || name == "..";
}

std::optional<Refusal> readPath(std::string_view path, Target &into)
{
    into.path.reserve(path.size());
    while (path.size() > 1) {
        path.remove_prefix(1);
        const std::string_view raw = path.substr(0, path.find('/'));
        path.remove_prefix(raw.size());
        auto segment = decoded(raw, Part::Segment);
        if (!segment)
            return badRequest("path_coding", "the path holds characters or codes that no path of ours has");
        if (segment->empty() && !path.empty())
            return badRequest("path_slashes", "the path holds an empty segment");
        if (isDots(*segment))
            return badRequest("path_dots", "the path holds a dot segment");
        into.path.append("/").append(*segment);
        into.segments.push_back(std::move(*segment));
    }
    if (!path.empty()) {
        into.path.append("/");
        if (!into.segments.empty())
            into.segments.emplace_back();
    }
    return {};
}

std::optional<Refusal> readQuery(std::string_view query, Target &into)
{
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        if (pair.empty())
            continue;
        if (into.query.size() == kQueryMax)
            return badRequest("query_too_long", "the query holds too many parameters");
        const std::size_t equals = std::min(pair.find('='), pair.size());
        auto name = decoded(pair.substr(0, equals), Part::Query);
        auto value = decoded(pair.substr(std::min(pair.size(), equals + 1)), Part::Query);
        if (!name || !value)
            return badRequest("query_coding", "the query holds characters or codes that are none");
        into.query.emplace_back(std::move(*name), std::move(*value));
    }
    return {};
}

/// Takes scheme and host off; nothing when they are somebody else's.
std::optional<std::string_view> withoutHost(std::string_view target, std::string_view host)
{
    const std::size_t colon = target.find("://");
    if (colon == std::string_view::npos)
        return {};
    const std::string_view scheme = target.substr(0, colon);
    if (!sameWord(scheme, "http") && !sameWord(scheme, "https"))
        return {};
    target.remove_prefix(colon + 3);
    const std::string_view authority = target.substr(0, target.find_first_of("/?#"));
    if (authority.empty() || !sameWord(authority, host))
        return {};
    target.remove_prefix(authority.size());
    return target.starts_with('/') ? std::optional(target) : std::nullopt;
}

} // namespace

std::variant<Target, Refusal> parseTarget(std::string_view target, std::string_view host)
{
    if (target.size() > kTargetMax)
        return Refusal{414, "target_too_long", "the target is too long"};
    if (!target.starts_with('/')) {
        const auto rest = withoutHost(target, host);
        if (!rest)
            return badRequest("target_form", "the target is no path of this server");
        target = *rest;
    }
    if (target.find('#') != std::string_view::npos)
        return badRequest("target_fragment", "the target holds a fragment");
    const std::size_t mark = std::min(target.find('?'), target.size());
    Target read;
    if (auto refusal = readPath(target.substr(0, mark), read))
        return *std::move(refusal);
    if (auto refusal = readQuery(target.substr(std::min(target.size(), mark + 1)), read))
        return *std::move(refusal);
    return read;
}

} // namespace voelgoed::http
