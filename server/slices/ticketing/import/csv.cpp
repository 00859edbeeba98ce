#include "server/slices/ticketing/import/csv.h"

#include <algorithm>

namespace voelgoed::ticketing::import {

namespace {

const char kQuoteHint[] = "Close it, or double it if it is part of the text. Saving the list as CSV with a spreadsheet "
                          "does that.";
const char kLimitHint[] = "This is no guest list, or a quote or line end is missing.";

base::Error tooMuch(const Place &place, std::size_t most, const char *what)
{
    return base::invalid(textOf(place) + ": more than " + grouped(most) + what, kLimitHint);
}

} // namespace

char charOf(Separator separator)
{
    switch (separator) {
    case Separator::Comma:
        return ',';
    case Separator::Semicolon:
        return ';';
    case Separator::Tab:
        return '\t';
    case Separator::Pipe:
        return '|';
    }
    return ',';
}

std::string_view nameOf(Separator separator)
{
    switch (separator) {
    case Separator::Comma:
        return "comma";
    case Separator::Semicolon:
        return "semicolon";
    case Separator::Tab:
        return "tab";
    case Separator::Pipe:
        return "pipe";
    }
    return {};
}

base::Result<Separator> separatorNamed(std::string_view name)
{
    for (const Separator separator : kSeparators) {
        if (name == nameOf(separator) || (name.size() == 1 && name.front() == charOf(separator)))
            return separator;
    }
    return base::invalid("unknown separator", "Known are comma, semicolon, tab and pipe.");
}

CsvReader::CsvReader(std::string_view text, const CsvStart &start, const CsvLimits &limits)
    : m_text(text), m_limits(limits), m_separator(charOf(start.separator)), m_at(start.offset), m_line(start.place.line)
{
    for (const char c : {m_separator, '\n', '\r'})
        m_endsPlain[static_cast<unsigned char>(c)] = true;
    // A record is measured after each field, so it may exceed its limit by one.
    m_unquoted.reserve(std::min(m_limits.recordBytes + m_limits.fieldBytes, m_text.size()) + 1);
}

base::Result<std::optional<Record>> CsvReader::next()
{
    while (takeLineEnd() == Took::LineEnd)
        ++m_lineEnds.emptyLines;
    if (m_at == m_text.size())
        return std::optional<Record>();
    if (m_records == m_limits.records)
        return tooMuch({.line = m_line, .column = 0}, m_limits.records - 1, " rows");
    ++m_records;
    const std::size_t begin = m_at;
    const std::size_t line = m_line;
    if (const auto read = readFields(begin); !read)
        return read.error();
    const std::string_view raw = m_text.substr(begin, m_at - begin);
    const bool crlf = m_text.substr(m_at, 2) == "\r\n";
    if (crlf)
        ++m_lineEnds.crlf;
    else if (m_at < m_text.size())
        ++(m_text[m_at] == '\n' ? m_lineEnds.lf : m_lineEnds.cr);
    takeLineEnd();
    return std::optional<Record>({.line = line, .fields = m_fields, .raw = raw, .stray = m_stray});
}

base::Result<void> CsvReader::readFields(std::size_t begin)
{
    m_fields.clear();
    m_unquoted.clear();
    m_stray.reset();
    for (;;) {
        const std::size_t line = m_line;
        const std::size_t first = std::min(m_text.find_first_not_of(' ', m_at), m_text.size());
        const bool quoted = first < m_text.size() && m_text[first] == '"';
        if (m_fields.size() == m_limits.columns)
            return tooMuch({.line = m_line, .column = 0}, m_limits.columns, " columns");
        if (quoted)
            m_at = first;
        const auto text = quoted ? readQuoted() : readPlain();
        if (!text)
            return text.error();
        m_fields.push_back({.text = *text, .line = line});
        if (m_at - begin > m_limits.recordBytes)
            return tooMuch({.line = m_line, .column = m_fields.size()}, m_limits.recordBytes, " bytes in one row");
        if (m_at == m_text.size() || m_text[m_at] != m_separator)
            return {};
        ++m_at;
    }
}

std::size_t CsvReader::endOfPlain(std::size_t from) const
{
    std::size_t end = from;
    while (end < m_text.size() && !m_endsPlain[static_cast<unsigned char>(m_text[end])])
        ++end;
    return end;
}

base::Result<std::string_view> CsvReader::readPlain()
{
    const std::size_t end = endOfPlain(m_at);
    const std::string_view text = m_text.substr(m_at, end - m_at);
    if (text.size() > m_limits.fieldBytes)
        return tooMuch(here(), m_limits.fieldBytes, " bytes in one field");
    m_at = end;
    return text;
}

base::Result<std::string_view> CsvReader::readQuoted()
{
    const Place opened = here();
    const std::size_t begin = m_at + 1;
    const std::size_t kept = m_unquoted.size();
    std::size_t piece = begin;
    std::size_t close = begin;
    for (;; close += 2) {
        const std::string_view reach = m_text.substr(0, begin + m_limits.fieldBytes + 1);
        close = reach.find('"', close);
        if (close == std::string_view::npos && reach.size() < m_text.size())
            return base::invalid(textOf(opened) + ": the quote that opens here is not closed within " +
                                     grouped(m_limits.fieldBytes) + " bytes",
                                 kQuoteHint);
        if (close == std::string_view::npos)
            return base::invalid(textOf(opened) + ": the quote that opens here is never closed", kQuoteHint);
        if (m_text.substr(close, 2) != "\"\"")
            break;
        m_unquoted += m_text.substr(piece, close + 1 - piece);
        piece = close + 2;
    }
    const std::string_view written = m_text.substr(begin, close - begin);
    m_line += lineEndsIn(written);
    m_at = close + 1;
    if (m_unquoted.size() != kept)
        m_unquoted += m_text.substr(piece, close - piece);
    const std::size_t end = endOfPlain(m_at);
    const std::string_view behind = m_text.substr(m_at, end - m_at);
    m_at = end;
    if (behind.find_first_not_of(" \t") != std::string_view::npos) {
        if (written.size() + behind.size() > m_limits.fieldBytes)
            return tooMuch(opened, m_limits.fieldBytes, " bytes in one field");
        m_stray = m_stray.value_or(opened);
        if (m_unquoted.size() == kept)
            m_unquoted += written;
        m_unquoted += behind;
    }
    return m_unquoted.size() == kept ? written : std::string_view(m_unquoted).substr(kept);
}

CsvReader::Took CsvReader::takeLineEnd()
{
    if (m_at == m_text.size() || (m_text[m_at] != '\n' && m_text[m_at] != '\r'))
        return Took::Nothing;
    m_at += m_text.substr(m_at, 2) == "\r\n" ? 2 : 1;
    ++m_line;
    return Took::LineEnd;
}

} // namespace voelgoed::ticketing::import
