#include "server/slices/ticketing/import/mapping.h"

#include "server/slices/ticketing/import/clean.h"

#include "shared/base/text.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace voelgoed::ticketing::import {

namespace {

constexpr std::size_t kWrittenMax = 16'384;
constexpr std::size_t kOffered = 3;
constexpr std::size_t kCompared = 60; ///< longer headers are compared up to here

std::string quoted(std::string_view text)
{
    return "`" + base::printable(text, kCompared) + "`";
}

/// At `separator`, where no double quotes are open.
std::vector<std::string_view> split(std::string_view text, char separator)
{
    std::vector<std::string_view> parts;
    std::size_t begin = 0;
    char open = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"')
            open = open ? 0 : '"';
        if (text[i] == separator && !open) {
            parts.push_back(text.substr(begin, i - begin));
            begin = i + 1;
        }
    }
    parts.push_back(text.substr(begin));
    return parts;
}

std::string_view unquoted(std::string_view text)
{
    text = base::trimmed(text);
    return text.size() >= 2 && text.front() == '"' && text.back() == '"' ? text.substr(1, text.size() - 2) : text;
}

/// Levenshtein's distance.
std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row.back();
}

std::string nearOnes(std::string_view written, std::span<const std::string> headers)
{
    struct Near
    {
        std::size_t distance;
        std::size_t column;
    };
    const std::string wanted = folded(written).substr(0, kCompared);
    std::vector<Near> near;
    for (std::size_t i = 0; i < headers.size(); ++i) {
        const std::string header = folded(headers[i]).substr(0, kCompared);
        const bool inside = wanted.size() > 2 && header.size() > 2 &&
                            (header.find(wanted) != std::string::npos || wanted.find(header) != std::string::npos);
        const std::size_t apart = inside ? 1 : distance(wanted, header);
        if (!header.empty() && apart <= std::max<std::size_t>(2, wanted.size() / 3))
            near.push_back({.distance = apart, .column = i});
    }
    std::stable_sort(near.begin(), near.end(), [](const Near &a, const Near &b) { return a.distance < b.distance; });
    std::string text;
    for (std::size_t i = 0; i < near.size() && i < kOffered; ++i)
        text += (i == 0 ? "" : ", ") + quoted(headers[near[i].column]);
    return text;
}

base::Error noColumn(std::string_view written, std::span<const std::string> headers)
{
    const std::string near = written.starts_with('#') ? std::string() : nearOnes(written, headers);
    std::string hint = near.empty() ? "The columns are " : "Near to it: " + near + ".";
    for (std::size_t i = 0; near.empty() && i < headers.size() && i < 20; ++i)
        hint += (i == 0 ? "" : ", ") + quoted(headers[i]);
    return base::invalid("the list has no column " + quoted(written), hint);
}

/// "#9".
std::optional<std::size_t> numbered(std::string_view written, std::size_t columns)
{
    std::size_t number = 0;
    if (written.size() < 2 || written[0] != '#')
        return std::nullopt;
    const auto [end, error] = std::from_chars(written.data() + 1, written.data() + written.size(), number);
    if (error != std::errc() || end != written.data() + written.size() || number < 1 || number > columns)
        return std::nullopt;
    return number - 1;
}

/// Nothing: no such column. Several: which one is meant cannot be known.
std::vector<std::size_t> columnsNamed(std::string_view written, std::span<const std::string> headers)
{
    std::vector<std::size_t> exact;
    std::vector<std::size_t> alike;
    const std::string plain = folded(written);
    for (std::size_t i = 0; i < headers.size(); ++i) {
        if (headers[i] == written)
            exact.push_back(i);
        if (!plain.empty() && folded(headers[i]) == plain)
            alike.push_back(i);
    }
    if (!exact.empty())
        return exact;
    const auto number = alike.empty() ? numbered(written, headers.size()) : std::nullopt;
    return number ? std::vector{*number} : alike;
}

base::Result<std::size_t> theColumn(std::string_view written, std::span<const std::string> headers)
{
    const auto columns = columnsNamed(written, headers);
    if (columns.empty())
        return noColumn(written, headers);
    if (columns.size() > 1)
        return base::invalid("several columns are called " + quoted(written),
                             "Say #" + std::to_string(columns[0] + 1) + " or #" + std::to_string(columns[1] + 1) +
                                 " for one of them.");
    return columns.front();
}

} // namespace

base::Result<Mapping> parseMapping(std::string_view written)
{
    if (written.size() > kWrittenMax)
        return base::invalid("the mapping is too long");
    Mapping mapping;
    for (const std::string_view part : split(written, ',')) {
        if (base::trimmed(part).empty())
            continue;
        const std::size_t equals = part.find('=');
        if (equals == std::string_view::npos)
            return base::invalid("the mapping has a part without \"=\": " + quoted(base::trimmed(part)),
                                 "Write it as in code=Barcode; a header with a comma in it stands in double quotes.");
        const auto role = roleNamed(base::trimmed(part.substr(0, equals)));
        if (!role)
            return role.error().at(quoted(base::trimmed(part.substr(0, equals))));
        const auto same = [&](const MappedRole &mapped) { return mapped.role == *role; };
        if (std::any_of(mapping.begin(), mapping.end(), same))
            return base::invalid("the mapping names " + std::string(wordOf(*role)) + " twice",
                                 "Several columns of one use are joined by \"+\".");
        const std::string_view columns = base::trimmed(part.substr(equals + 1));
        mapping.push_back({.role = *role, .columns = columns == "-" ? std::string() : std::string(columns)});
    }
    return mapping;
}

base::Result<std::vector<std::size_t>> columnsMeant(const MappedRole &mapped, std::span<const std::string> headers)
{
    if (mapped.columns.empty())
        return std::vector<std::size_t>();
    const auto whole = columnsNamed(unquoted(mapped.columns), headers);
    if (whole.size() == 1)
        return whole;
    std::vector<std::size_t> columns;
    for (const std::string_view part : split(mapped.columns, '+')) {
        const auto column = theColumn(unquoted(part), headers);
        if (!column)
            return column.error();
        columns.push_back(*column);
    }
    if (columns.size() > 1 && severalOf(mapped.role) == Several::FirstCounts)
        return base::invalid(std::string(wordOf(mapped.role)) + " takes one column, not " + quoted(mapped.columns));
    return columns;
}

} // namespace voelgoed::ticketing::import
