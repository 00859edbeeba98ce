#include "server/platform/http/range.h"

#include "shared/base/text.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace voelgoed::http {

namespace {

constexpr std::string_view kUnit = "bytes=";

std::optional<std::uint64_t> number(std::string_view text)
{
    std::uint64_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || end != text.data() + text.size() || text.size() > 18)
        return {};
    return value;
}

std::string_view withoutWeakness(std::string_view tag)
{
    return tag.starts_with("W/") ? tag.substr(2) : tag;
}

/// "-500": the last 500 bytes.
Slice tail(std::uint64_t count, std::uint64_t size)
{
    if (count == 0 || size == 0)
        return OutOfRange{};
    const std::uint64_t taken = std::min(count, size);
    return FilePart{size - taken, taken};
}

} // namespace

Slice sliceOf(std::string_view range, std::string_view ifRange, std::string_view entityTag, std::uint64_t size)
{
    if (!range.starts_with(kUnit) || entityTag.empty() || entityTag.starts_with("W/"))
        return WholeFile{};
    if (!ifRange.empty() && ifRange != entityTag)
        return WholeFile{};
    range = base::trimmed(range.substr(kUnit.size()));
    const std::size_t dash = range.find('-');
    if (dash == std::string_view::npos || range.find(',') != std::string_view::npos)
        return WholeFile{};
    const auto first = number(range.substr(0, dash));
    const auto last = number(range.substr(dash + 1));
    const bool open = dash + 1 == range.size();
    if (dash == 0)
        return last ? tail(*last, size) : WholeFile{};
    if (!first || (!last && !open) || (last && *last < *first))
        return WholeFile{};
    if (*first >= size)
        return OutOfRange{};
    const std::uint64_t end = open ? size : std::min(size, *last + 1);
    return FilePart{*first, end - *first};
}

bool hasEntityTag(std::string_view ifNoneMatch, std::string_view entityTag)
{
    if (base::trimmed(ifNoneMatch) == "*")
        return !entityTag.empty();
    const std::string_view sought = withoutWeakness(entityTag);
    while (!ifNoneMatch.empty() && !sought.empty()) {
        const std::string_view item = ifNoneMatch.substr(0, ifNoneMatch.find(','));
        ifNoneMatch.remove_prefix(std::min(ifNoneMatch.size(), item.size() + 1));
        if (withoutWeakness(base::trimmed(item)) == sought)
            return true;
    }
    return false;
}

} // namespace voelgoed::http
