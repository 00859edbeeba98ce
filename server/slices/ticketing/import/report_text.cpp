#include "server/slices/ticketing/import/report.h"

#include "shared/base/text.h"

namespace voelgoed::ticketing::import {

namespace {

constexpr std::size_t kExampleBytes = 40;

/// "3 rows", "1 row".
std::string counted(std::size_t count, const std::string &one, const std::string &several)
{
    return grouped(count) + " " + (count == 1 ? one : several);
}

std::string_view phraseOf(SeparatorFrom from)
{
    switch (from) {
    case SeparatorFrom::Given:
        return " (given)";
    case SeparatorFrom::SepLine:
        return " (the sep= line)";
    case SeparatorFrom::Guessed:
        return "";
    case SeparatorFrom::OneColumn:
        return " (one column)";
    }
    return {};
}

std::string lineEndsText(const LineEnds &ends)
{
    std::string text;
    for (const auto &[name, count] : {std::pair("CRLF", ends.crlf), {"LF", ends.lf}, {"CR", ends.cr}}) {
        if (count > 0)
            text += (text.empty() ? ", lines end with " : " and ") + std::string(name);
    }
    return text;
}

std::string assignmentText(const Layout &layout, const Assignment &assignment)
{
    std::string text = "  " + textOf(layout, assignment);
    if (assignment.certainty == Certainty::Guessed)
        text += ", a guess";
    for (std::size_t i = 0; i < assignment.examples.size(); ++i)
        text += (i == 0 ? ": " : ", ") + base::printable(assignment.examples[i], kExampleBytes);
    return text + "\n";
}

std::string countsText(const Counts &counts)
{
    std::string text = counted(counts.guests, "guest", "guests") + " of " + counted(counts.rows, "row", "rows");
    for (const auto &[count, what] : {std::pair(counts.pending, "pending"),
                                      {counts.unapproved, "not approved"},
                                      {counts.cancelled, "cancelled"},
                                      {counts.checkedIn, "checked in elsewhere"}}) {
        if (count > 0)
            text += ", " + grouped(count) + " " + what;
    }
    text += "; the valid tickets admit " + counted(counts.persons, "person", "persons") + ".\n";
    if (counts.badRows > 0)
        text += counted(counts.badRows, "row is", "rows are") + " bad.\n";
    if (counts.passedOver > 0)
        text += counted(counts.passedOver, "row was", "rows were") + " passed over.\n";
    if (counts.blankRows > 0)
        text += counted(counts.blankRows, "row was", "rows were") + " blank.\n";
    return text;
}

std::string findingsText(const Findings &findings, FindingKind kind, std::string_view unit)
{
    const std::size_t total = findings.total(kind);
    std::string text = std::string(wordOf(severityOf(kind))) + " " + std::string(wordOf(kind)) + ", " + grouped(total) +
                       ". " + std::string(adviceOn(kind)) + "\n";
    std::size_t shown = 0;
    for (const Finding &finding : findings.ofKind(kind)) {
        if (shown++ == kFindingsShown)
            break;
        text += "  " + std::string(unit) + " " + std::to_string(finding.place.line) + ", column " +
                std::to_string(finding.place.column) + ": " + finding.sentence + "\n";
    }
    if (total > kFindingsShown)
        text += "  and " + grouped(total - kFindingsShown) + " more\n";
    if (total > kFindingsShown && severityOf(kind) == Severity::Error)
        text += "  all: " + std::string(unit) + "s " + findings.linesOf(kind).text() + "\n";
    return text;
}

} // namespace

std::string toText(const Recognised &recognised)
{
    const Layout &layout = recognised.layout;
    std::string text = std::string(titleOf(layout.system)) + "; " + std::string(nameOf(recognised.encoding));
    if (recognised.mark == ByteOrderMark::Present)
        text += " with a byte order mark";
    if (recognised.kind == FileKind::Json)
        text += ", JSON";
    else
        text += ", separator " + std::string(nameOf(recognised.separator)) +
                std::string(phraseOf(recognised.separatorFrom)) + lineEndsText(recognised.lineEnds);
    if (layout.header == HeaderRow::Absent)
        text += ", no header";
    text += ".\n";
    for (const Assignment &assignment : layout.assignments)
        text += assignmentText(layout, assignment);
    for (const std::string &remark : layout.remarks)
        text += remark + "\n";
    return text;
}

std::string toText(const Outcome &outcome)
{
    const std::string_view unit = outcome.recognised.kind == FileKind::Json ? "item" : "line";
    std::string text = toText(outcome.recognised) + countsText(outcome.list.counts);
    for (std::size_t i = 0; i <= static_cast<std::size_t>(kLastFindingKind); ++i) {
        const auto kind = static_cast<FindingKind>(i);
        if (outcome.list.findings.total(kind) > 0)
            text += findingsText(outcome.list.findings, kind, unit);
    }
    return text;
}

} // namespace voelgoed::ticketing::import
