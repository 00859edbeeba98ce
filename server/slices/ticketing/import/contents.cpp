#include "server/slices/ticketing/import/contents.h"

#include "server/slices/ticketing/import/clean.h"
#include "server/slices/ticketing/import/status_words.h"

#include <algorithm>

namespace voelgoed::ticketing::import {

namespace {

constexpr std::size_t kCodeMin = 4;
constexpr std::size_t kCodeMax = 200;

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isAlnum(char c)
{
    return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::size_t count(std::string_view text, bool (*is)(char))
{
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is));
}

/// Digits with nothing but signs of dates, times and amounts between them: 2026-12-05 19:30, 05/12/2026, 1,234.50.
bool isDateOrAmount(std::string_view text)
{
    const auto isSign = [](char c) { return std::string_view("-/.,: ").find(c) != std::string_view::npos; };
    const bool onlyThose = std::all_of(text.begin(), text.end(), [&](char c) { return isDigit(c) || isSign(c); });
    const bool isoMoment = text.size() > 10 && text[4] == '-' && text[7] == '-' && text[10] == 'T';
    return isoMoment || (onlyThose && count(text, isDigit) < text.size() && count(text, isDigit) <= 14);
}

} // namespace

bool looksLikeEmail(std::string_view text)
{
    const std::size_t at = text.find('@');
    return at != std::string_view::npos && at > 0 && text.find('.', at) != std::string_view::npos &&
           text.find(' ') == std::string_view::npos && text.find('@', at + 1) == std::string_view::npos;
}

bool looksLikeUrl(std::string_view text)
{
    const std::size_t colon = text.find("://");
    return (colon == 4 || colon == 5) && (text[0] == 'h' || text[0] == 'H') &&
           folded(text.substr(0, colon)) == (colon == 4 ? "http" : "https");
}

bool looksLikeCode(std::string_view text)
{
    const auto isOf = [](char c) {
        return isAlnum(c) || std::string_view("-_./+=:#").find(c) != std::string_view::npos;
    };
    return text.size() >= kCodeMin && text.size() <= kCodeMax && std::all_of(text.begin(), text.end(), isOf) &&
           count(text, isDigit) > 0 && !isDateOrAmount(text) && text.front() != '+' && !looksLikeUrl(text);
}

void addTo(std::vector<ColumnContents> &columns, const Record &row)
{
    if (columns.size() < row.fields.size())
        columns.resize(row.fields.size());
    for (std::size_t i = 0; i < row.fields.size(); ++i) {
        std::string text = cleanCell(row.fields[i].text).text;
        if (text.empty())
            continue;
        ColumnContents &column = columns[i];
        ++column.filled;
        column.emails += looksLikeEmail(text);
        column.codes += looksLikeCode(text);
        column.numbers += text.size() <= 7 && isDigit(text.front()) && count(text, isDigit) + 3 >= text.size();
        column.statusWords += statusMeaning(folded(text)).has_value();
        if (column.examples.size() < kExamples)
            column.examples.push_back(text);
        column.distinct.insert(std::move(text));
    }
}

} // namespace voelgoed::ticketing::import
