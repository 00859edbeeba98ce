#pragma once

#include "server/slices/ticketing/import/record.h"

#include <array>
#include <string>
#include <vector>

namespace voelgoed::ticketing::import {

enum class Separator { Comma, Semicolon, Tab, Pipe };

inline constexpr std::array kSeparators{Separator::Comma, Separator::Semicolon, Separator::Tab, Separator::Pipe};

char charOf(Separator separator);
/// "comma".
std::string_view nameOf(Separator separator);
/// Takes the name or the sign itself. Invalid names the ones that are known.
base::Result<Separator> separatorNamed(std::string_view name);

struct CsvLimits
{
    std::size_t columns = 1'000;
    std::size_t fieldBytes = std::size_t{64} << 10;
    std::size_t recordBytes = std::size_t{1} << 20;
    std::size_t records = 1'000'001; ///< a header and a million rows
};

/// How the records of a file ended, and lines between them that hold nothing at all.
struct LineEnds
{
    std::size_t lf = 0;
    std::size_t crlf = 0;
    std::size_t cr = 0;
    std::size_t emptyLines = 0;

    friend bool operator==(const LineEnds &, const LineEnds &) = default;
};

/// Where to begin, and what stands between the fields.
struct CsvStart
{
    Separator separator = Separator::Comma;
    Place place{.line = 1, .column = 0};
    std::size_t offset = 0;
};

/// RFC 4180, and what real files do: other separators; records end with LF, CRLF or CR in any mixture, the last one
/// with nothing; quotes around fields are doubled inside and may hold line ends; blanks between a separator and a quote
/// are ignored, elsewhere they belong to the field; a quote inside a field that does not begin with one is a character.
/// Lines that hold nothing are passed over. Records may be of different lengths.
///
/// What follows a closing quote, up to the next separator, is appended to the field, and the record says so (stray).
/// Invalid, with the place: a quote that is never closed (the place where it opened), more than the limits.
class CsvReader final : public Records
{
public:
    /// The text (UTF-8) must outlive the reader.
    CsvReader(std::string_view text, const CsvStart &start, const CsvLimits &limits = {});

    CsvReader(const CsvReader &) = delete;
    CsvReader &operator=(const CsvReader &) = delete;

    base::Result<std::optional<Record>> next() override;

    /// Of what was read so far.
    const LineEnds &lineEnds() const { return m_lineEnds; }

private:
    enum class Took { LineEnd, Nothing };

    base::Result<void> readFields(std::size_t begin);
    base::Result<std::string_view> readPlain();
    base::Result<std::string_view> readQuoted();
    std::size_t endOfPlain(std::size_t from) const;
    Took takeLineEnd();
    Place here() const { return {.line = m_line, .column = m_fields.size() + 1}; }

    std::string_view m_text;
    CsvLimits m_limits;
    std::array<bool, 256> m_endsPlain{}; ///< separator and line ends
    char m_separator;
    std::size_t m_at;
    std::size_t m_line;
    std::size_t m_records = 0;
    std::vector<Field> m_fields;
    std::string m_unquoted; ///< fields that are not a piece of the text; never grows beyond what it reserved
    std::optional<Place> m_stray;
    LineEnds m_lineEnds;
};

} // namespace voelgoed::ticketing::import
