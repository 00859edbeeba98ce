#pragma once

#include "server/slices/ticketing/import/lines.h"
#include "server/slices/ticketing/import/place.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace voelgoed::ticketing::import {

/// What can be found in a row.
enum class FindingKind {
    // Errors: the row is no guest.
    NoCode,
    CodeTooLong,
    ScientificNotation, ///< 2.382022E+13
    DecimalCode,        ///< 23820220588971.0
    LostDigits,         ///< a spreadsheet keeps fifteen, and writes zeros for the rest
    OwnCode,
    UrlWithoutCode,
    SameCode, ///< as another row that says something else
    HashClash,
    UnknownStatus,
    BadQuantity,
    TextTooLong,
    TooManyColumns,
    StrayQuote,
    // Warnings: the row is a guest, or says nothing.
    LostZeros,
    LostSign,
    LooksScientific, ///< 12E5
    FormulaGuard,
    Invisible,
    ControlCharacters,
    CodeFromUrl,
    CodeIsUrl,
    NoCodeNotValid, ///< a cancelled or unapproved row without a code
    SameRow,
    Group,
    OddEmail,
    ShortRow,
    RepeatedHeader,
    TotalRow,
};

inline constexpr FindingKind kLastFindingKind = FindingKind::TotalRow;

enum class Severity { Error, Warning };

Severity severityOf(FindingKind kind);
/// "no_code".
std::string_view wordOf(FindingKind kind);
/// "error".
std::string_view wordOf(Severity severity);
/// What to do about it, for all findings of the kind.
std::string_view adviceOn(FindingKind kind);

struct Finding
{
    Place place;
    FindingKind kind = FindingKind::NoCode;
    std::string sentence; ///< what was found; safe to print

    friend bool operator==(const Finding &, const Finding &) = default;
};

/// Of each kind the first ones are kept, all are counted, and of errors all lines are known.
class Findings
{
public:
    static constexpr std::size_t kKept = 1'000;

    void add(Finding finding);
    /// Whether the next one of a kind is kept: the sentence of one that is not need not be made.
    bool keeps(FindingKind kind) const { return total(kind) < kKept; }
    /// Counts one without a sentence.
    void count(FindingKind kind, std::size_t line);

    std::size_t total(FindingKind kind) const { return m_totals[static_cast<std::size_t>(kind)]; }
    std::size_t total(Severity severity) const;
    /// Where the errors of a kind are, all of them; of warnings nothing.
    const Lines &linesOf(FindingKind kind) const { return m_lines[static_cast<std::size_t>(kind)]; }
    /// In order of lines.
    std::vector<Finding> ofKind(FindingKind kind) const;
    /// In order of lines.
    std::vector<Finding> all() const;

private:
    std::vector<Finding> m_kept;
    std::array<std::size_t, static_cast<std::size_t>(kLastFindingKind) + 1> m_totals{};
    std::array<Lines, static_cast<std::size_t>(kLastFindingKind) + 1> m_lines{};
};

} // namespace voelgoed::ticketing::import
