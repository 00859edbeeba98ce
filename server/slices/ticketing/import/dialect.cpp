#include "server/slices/ticketing/import/dialect.h"

#include "server/slices/ticketing/import/clean.h"
#include "server/slices/ticketing/import/header_words.h"

#include "shared/base/text.h"

#include <algorithm>
#include <map>

namespace voelgoed::ticketing::import {

namespace {

constexpr std::size_t kRecordsLookedAt = 60;

/// How well a separator divides the first records.
struct Fit
{
    std::size_t alike = 0; ///< records with as many columns as most have
    std::size_t columns = 0;
    std::size_t records = 0;
    std::size_t knownHeaders = 0;

    /// More records alike; among equals more headers that are known words, and then more columns.
    bool isBetterThan(const Fit &other) const
    {
        const std::size_t here = alike * other.records;
        const std::size_t there = other.alike * records;
        if (here != there)
            return here > there;
        return knownHeaders != other.knownHeaders ? knownHeaders > other.knownHeaders : columns > other.columns;
    }
};

std::size_t knownIn(const Record &header)
{
    const auto isKnown = [](const Field &field) { return isKnownHeader(folded(field.text)); };
    return static_cast<std::size_t>(std::count_if(header.fields.begin(), header.fields.end(), isKnown));
}

/// Nothing when the separator divides nothing.
std::optional<Fit> fitOf(std::string_view text, const CsvStart &start)
{
    CsvReader reader(text, start);
    std::map<std::size_t, std::size_t> records; // by their columns
    std::optional<std::size_t> ofHeader;
    Fit fit;
    while (fit.records < kRecordsLookedAt) {
        const auto record = reader.next();
        if (!record || !*record)
            break;
        ++fit.records;
        if (!ofHeader) {
            ofHeader = (*record)->fields.size();
            fit.knownHeaders = knownIn(**record);
        }
        // What stands behind a closing quote is often the separator in truth.
        if (!(*record)->stray)
            ++records[(*record)->fields.size()];
    }
    // A text of several columns has them in its header: a comma in a cell below does not make it one of commas.
    if (!ofHeader || *ofHeader < 2)
        return std::nullopt;
    for (const auto &[columns, count] : records) {
        if (columns >= 2 && count >= fit.alike) {
            fit.alike = count;
            fit.columns = columns;
        }
    }
    return fit.alike > 0 ? std::optional(fit) : std::nullopt;
}

std::string_view firstLineOf(std::string_view text)
{
    return text.substr(0, text.find_first_of("\r\n"));
}

/// What a "sep=" line names; nothing when it is none.
std::optional<std::string_view> namedBySepLine(std::string_view line)
{
    if (line.size() >= 2 && line.front() == '"' && line.back() == '"')
        line = line.substr(1, line.size() - 2);
    const auto isLetter = [&](std::size_t i, char lower) { return line[i] == lower || line[i] == lower - 'a' + 'A'; };
    if (line.size() < 4 || !isLetter(0, 's') || !isLetter(1, 'e') || !isLetter(2, 'p') || line[3] != '=')
        return std::nullopt;
    // Several of them, with blanks behind: a spreadsheet wrote the line again. Anything else is a header of that name.
    std::string_view named = line.substr(4);
    if (named.size() > 1)
        named = named.substr(0, named.find_last_not_of(' ') + 1);
    const bool one = !named.empty() && named.find_first_not_of(named.front()) == std::string_view::npos;
    return one ? std::optional(named) : std::nullopt;
}

std::optional<Separator> separatorOf(char sign)
{
    for (const Separator separator : kSeparators) {
        if (sign == charOf(separator))
            return separator;
    }
    return std::nullopt;
}

Dialect guessed(std::string_view text, CsvStart start)
{
    std::optional<Fit> best;
    Separator separator = Separator::Comma;
    for (const Separator candidate : kSeparators) {
        start.separator = candidate;
        const auto fit = fitOf(text, start);
        if (fit && (!best || fit->isBetterThan(*best))) {
            best = fit;
            separator = candidate;
        }
    }
    start.separator = separator;
    return {.start = start, .from = best ? SeparatorFrom::Guessed : SeparatorFrom::OneColumn};
}

} // namespace

base::Result<Dialect> dialectOf(std::string_view text, std::optional<Separator> given)
{
    CsvStart start;
    const std::string_view line = firstLineOf(text);
    const auto named = namedBySepLine(line);
    if (named) {
        start.offset = line.size() + (text.substr(line.size(), 2) == "\r\n" ? 2 : line.size() < text.size() ? 1 : 0);
        start.place.line = 2;
    }
    if (given) {
        start.separator = *given;
        return Dialect{.start = start, .from = SeparatorFrom::Given};
    }
    if (!named)
        return guessed(text, start);
    const auto separator = separatorOf(named->front());
    if (!separator)
        return base::invalid("line 1: sep= names \"" + base::printable(named->substr(0, 1), 20) + "\"",
                             "Known separators are the comma, the semicolon, the tab and the pipe.");
    start.separator = *separator;
    return Dialect{.start = start, .from = SeparatorFrom::SepLine};
}

} // namespace voelgoed::ticketing::import
