#include "server/slices/ticketing/import/report.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace voelgoed::ticketing::import {

namespace {

using boost::json::array;
using boost::json::object;

std::string_view wordOf(FileKind kind)
{
    switch (kind) {
    case FileKind::Table:
        return "table";
    case FileKind::Json:
        return "json";
    }
    return {};
}

std::string_view wordOf(SeparatorFrom from)
{
    switch (from) {
    case SeparatorFrom::Given:
        return "given";
    case SeparatorFrom::SepLine:
        return "sep_line";
    case SeparatorFrom::Guessed:
        return "guessed";
    case SeparatorFrom::OneColumn:
        return "one_column";
    }
    return {};
}

object toJson(const LineEnds &ends)
{
    object json;
    for (const auto &[word, count] :
         {std::pair("lf", ends.lf), {"crlf", ends.crlf}, {"cr", ends.cr}, {"empty_lines", ends.emptyLines}}) {
        if (count > 0)
            json[word] = count;
    }
    return json;
}

object toJson(const Layout &layout, const Assignment &assignment)
{
    array columns;
    for (const std::size_t column : assignment.columns)
        columns.push_back(object{{"number", column + 1}, {"header", layout.headers[column]}});
    return {{"use", wordOf(assignment.role)},
            {"columns", std::move(columns)},
            {"certainty", wordOf(assignment.certainty)},
            {"why", assignment.why},
            {"examples", array(assignment.examples.begin(), assignment.examples.end())}};
}

object toJson(const Counts &counts)
{
    return {{"rows", counts.rows},           {"guests", counts.guests},
            {"persons", counts.persons},     {"valid", counts.valid},
            {"pending", counts.pending},     {"unapproved", counts.unapproved},
            {"cancelled", counts.cancelled}, {"checked_in", counts.checkedIn},
            {"bad_rows", counts.badRows},    {"passed_over", counts.passedOver},
            {"blank_rows", counts.blankRows}};
}

object toJson(const Findings &findings, FindingKind kind)
{
    array first;
    for (const Finding &finding : findings.ofKind(kind)) {
        if (first.size() == kFindingsShown)
            break;
        first.push_back(
            object{{"line", finding.place.line}, {"column", finding.place.column}, {"text", finding.sentence}});
    }
    object json{{"kind", wordOf(kind)},
                {"severity", wordOf(severityOf(kind))},
                {"total", findings.total(kind)},
                {"advice", adviceOn(kind)},
                {"first", std::move(first)}};
    if (severityOf(kind) == Severity::Error)
        json["lines"] = findings.linesOf(kind).text();
    return json;
}

} // namespace

base::Json toJson(const Recognised &recognised)
{
    const Layout &layout = recognised.layout;
    array columns;
    for (const Assignment &assignment : layout.assignments)
        columns.push_back(toJson(layout, assignment));
    object json{{"kind", wordOf(recognised.kind)},
                {"encoding", nameOf(recognised.encoding)},
                {"byte_order_mark", recognised.mark == ByteOrderMark::Present}};
    if (recognised.kind == FileKind::Table) {
        json["line_ends"] = toJson(recognised.lineEnds);
        json["separator"] = nameOf(recognised.separator);
        json["separator_from"] = wordOf(recognised.separatorFrom);
    }
    json["header"] = layout.header == HeaderRow::Present;
    json["system"] = wordOf(layout.system);
    json["system_title"] = titleOf(layout.system);
    json["remarks"] = array(layout.remarks.begin(), layout.remarks.end());
    json["columns"] = std::move(columns);
    return json;
}

base::Json toJson(const Outcome &outcome)
{
    const Findings &findings = outcome.list.findings;
    array kinds;
    for (std::size_t i = 0; i <= static_cast<std::size_t>(kLastFindingKind); ++i) {
        const auto kind = static_cast<FindingKind>(i);
        if (findings.total(kind) > 0)
            kinds.push_back(toJson(findings, kind));
    }
    return object{{"recognised", toJson(outcome.recognised)},
                  {"counts", toJson(outcome.list.counts)},
                  {"errors", findings.total(Severity::Error)},
                  {"warnings", findings.total(Severity::Warning)},
                  {"findings", std::move(kinds)}};
}

} // namespace voelgoed::ticketing::import
