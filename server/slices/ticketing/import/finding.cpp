#include "server/slices/ticketing/import/finding.h"

#include "shared/base/ensure.h"

#include <algorithm>

namespace voelgoed::ticketing::import {

namespace {

struct KindRow
{
    FindingKind kind;
    Severity severity;
    std::string_view word;
    std::string_view advice;
};

constexpr std::array kKinds{
    KindRow{FindingKind::NoCode, Severity::Error, "no_code", "Fill the codes in, or leave these rows out."},
    KindRow{FindingKind::CodeTooLong, Severity::Error, "code_too_long",
            "This is no ticket code: look which column is taken for it."},
    KindRow{FindingKind::ScientificNotation, Severity::Error, "scientific_notation",
            "A spreadsheet changed these codes, and they cannot be repaired. Export the list once more, and import it "
            "without opening and saving it in between."},
    KindRow{FindingKind::DecimalCode, Severity::Error, "decimal_code",
            "A program took these codes for numbers. Export the list once more, with the codes as text."},
    KindRow{FindingKind::LostDigits, Severity::Error, "lost_digits",
            "A spreadsheet kept fifteen digits of these codes, and they cannot be repaired. Export the list once more, "
            "and import it without opening and saving it in between."},
    KindRow{FindingKind::OwnCode, Severity::Error, "own_code",
            "Tickets that were issued here are known to the gates already: leave these rows out."},
    KindRow{FindingKind::UrlWithoutCode, Severity::Error, "url_without_code",
            "Look at what a ticket's code says, and name the column that holds it."},
    KindRow{FindingKind::SameCode, Severity::Error, "same_code",
            "A code admits once. Find out which of the rows is right, and leave the others out."},
    KindRow{FindingKind::HashClash, Severity::Error, "hash_clash",
            "Gates could not tell these two codes apart. Give one of the guests another ticket."},
    KindRow{
        FindingKind::UnknownStatus, Severity::Error, "unknown_status",
        "Nobody can know whether such a ticket is good. Change the word to valid, pending or cancelled, or leave the "
        "column out with status=-."},
    KindRow{FindingKind::BadQuantity, Severity::Error, "bad_quantity",
            "A whole number of persons is needed, or leave the column out with quantity=-."},
    KindRow{FindingKind::TextTooLong, Severity::Error, "text_too_long",
            "Look whether a quote or a line end is missing before this row."},
    KindRow{FindingKind::TooManyColumns, Severity::Error, "too_many_columns",
            "A separator stands in a cell without quotes, so the columns behind it have moved."},
    KindRow{FindingKind::StrayQuote, Severity::Error, "stray_quote",
            "Double the quotes inside a quoted cell; saving the list as CSV with a spreadsheet does that."},
    KindRow{FindingKind::LostZeros, Severity::Warning, "lost_zeros",
            "A spreadsheet may have dropped the zeros at the beginning. Compare with a ticket before you go on."},
    KindRow{FindingKind::LostSign, Severity::Warning, "lost_sign",
            "An export may have dropped a sign (= + @ -) at the beginning. Compare with a ticket before you go on."},
    KindRow{FindingKind::LooksScientific, Severity::Warning, "looks_scientific",
            "Taken as they are. A spreadsheet would change such codes: do not save the list with one."},
    KindRow{FindingKind::FormulaGuard, Severity::Warning, "formula_guard",
            "It was put there so that a spreadsheet computes nothing, and was taken off."},
    KindRow{FindingKind::Invisible, Severity::Warning, "invisible_characters",
            "They were taken off; odd blanks inside became ordinary ones."},
    KindRow{FindingKind::ControlCharacters, Severity::Warning, "control_characters",
            "They were taken off, as a gate takes them off what it reads."},
    KindRow{FindingKind::CodeFromUrl, Severity::Warning, "code_from_url",
            "The code inside the address was taken. Scan a ticket to see whether it holds that, or the whole address."},
    KindRow{FindingKind::CodeIsUrl, Severity::Warning, "code_is_url",
            "The whole address was taken for the code. Scan a ticket to see whether it holds exactly that."},
    KindRow{FindingKind::NoCodeNotValid, Severity::Warning, "no_code_not_valid",
            "These rows are cancelled or not approved, and were left out."},
    KindRow{FindingKind::SameRow, Severity::Warning, "same_row", "They were counted once."},
    KindRow{FindingKind::Group, Severity::Warning, "group",
            "Such a ticket admits that many persons, one after the other."},
    KindRow{FindingKind::OddEmail, Severity::Warning, "odd_email", "Taken as it is."},
    KindRow{FindingKind::ShortRow, Severity::Warning, "short_row",
            "The missing cells were taken for empty ones. Look whether a line end stands in a cell without quotes."},
    KindRow{FindingKind::RepeatedHeader, Severity::Warning, "repeated_header", "Passed over."},
    KindRow{FindingKind::TotalRow, Severity::Warning, "total_row", "Passed over."},
};

static_assert(kKinds.size() == static_cast<std::size_t>(kLastFindingKind) + 1);

const KindRow &rowOf(FindingKind kind)
{
    const KindRow &row = kKinds[static_cast<std::size_t>(kind)];
    base::ensure(row.kind == kind, "the kinds' table is in their order");
    return row;
}

bool isBefore(const Finding &a, const Finding &b)
{
    return a.place.line != b.place.line ? a.place.line < b.place.line : a.place.column < b.place.column;
}

} // namespace

Severity severityOf(FindingKind kind)
{
    return rowOf(kind).severity;
}

std::string_view wordOf(FindingKind kind)
{
    return rowOf(kind).word;
}

std::string_view wordOf(Severity severity)
{
    switch (severity) {
    case Severity::Error:
        return "error";
    case Severity::Warning:
        return "warning";
    }
    return {};
}

std::string_view adviceOn(FindingKind kind)
{
    return rowOf(kind).advice;
}

void Findings::add(Finding finding)
{
    const bool kept = keeps(finding.kind);
    count(finding.kind, finding.place.line);
    if (kept)
        m_kept.push_back(std::move(finding));
}

void Findings::count(FindingKind kind, std::size_t line)
{
    ++m_totals[static_cast<std::size_t>(kind)];
    if (severityOf(kind) == Severity::Error)
        m_lines[static_cast<std::size_t>(kind)].add(line);
}

std::size_t Findings::total(Severity severity) const
{
    std::size_t sum = 0;
    for (const KindRow &row : kKinds)
        sum += row.severity == severity ? total(row.kind) : 0;
    return sum;
}

std::vector<Finding> Findings::ofKind(FindingKind kind) const
{
    std::vector<Finding> found;
    std::copy_if(m_kept.begin(), m_kept.end(), std::back_inserter(found),
                 [&](const Finding &finding) { return finding.kind == kind; });
    std::stable_sort(found.begin(), found.end(), isBefore);
    return found;
}

std::vector<Finding> Findings::all() const
{
    std::vector<Finding> found = m_kept;
    std::stable_sort(found.begin(), found.end(), isBefore);
    return found;
}

} // namespace voelgoed::ticketing::import
