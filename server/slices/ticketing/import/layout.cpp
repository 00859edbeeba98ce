#include "server/slices/ticketing/import/layout.h"

#include "server/slices/ticketing/import/clean.h"
#include "server/slices/ticketing/import/guess.h"
#include "server/slices/ticketing/import/header_words.h"

#include "shared/base/text.h"

#include <algorithm>

namespace voelgoed::ticketing::import {

namespace {

constexpr std::size_t kSampleRows = 1'000;

base::Result<std::optional<Record>> firstRow(Records &records)
{
    for (;;) {
        auto record = records.next();
        if (!record || !*record || !isBlank(**record))
            return record;
    }
}

/// A first row without a word that headers have, and with something that guests have.
bool looksLikeGuest(const Record &row)
{
    bool data = false;
    for (const Field &field : row.fields) {
        const std::string text = cleanCell(field.text).text;
        if (isKnownHeader(folded(text)))
            return false;
        data = data || looksLikeEmail(text) || looksLikeCode(text);
    }
    return data;
}

base::Result<Sample> sampleOf(Records &records, HeaderRow header)
{
    const auto first = firstRow(records);
    if (!first)
        return first.error();
    if (!*first)
        return base::invalid("the file holds nothing", "Export the list once more.");
    if (header == HeaderRow::Guess)
        header = looksLikeGuest(**first) ? HeaderRow::Absent : HeaderRow::Present;
    Sample sample;
    sample.header = header;
    for (std::size_t i = 0; i < (*first)->fields.size(); ++i) {
        const bool named = header == HeaderRow::Present;
        sample.headers.push_back(named ? cleanCell((*first)->fields[i].text).text : "column " + std::to_string(i + 1));
        sample.folded.push_back(folded(sample.headers.back()));
    }
    const std::size_t columns = sample.headers.size();
    sample.contents.resize(columns);
    const auto add = [&](const Record &row) {
        addTo(sample.contents, row);
        if (sample.rows.size() == kExamples)
            return;
        sample.rows.emplace_back(columns);
        for (std::size_t i = 0; i < std::min(columns, row.fields.size()); ++i)
            sample.rows.back()[i] = cleanCell(row.fields[i].text).text;
    };
    if (header == HeaderRow::Absent)
        add(**first);
    for (std::size_t i = 0; i < kSampleRows; ++i) {
        const auto record = records.next();
        if (!record)
            return record.error();
        if (!*record)
            break;
        add(**record);
    }
    sample.contents.resize(columns);
    return sample;
}

bool isIn(const std::vector<Assignment> &assignments, Role role)
{
    return std::any_of(assignments.begin(), assignments.end(), [&](const auto &a) { return a.role == role; });
}

base::Result<std::vector<Assignment>> given(const Mapping &mapping, const Sample &sample)
{
    std::vector<Assignment> assignments;
    for (const MappedRole &mapped : mapping) {
        auto columns = columnsMeant(mapped, sample.headers);
        if (!columns)
            return columns.error().at(wordOf(mapped.role));
        assignments.push_back({.role = mapped.role,
                               .columns = std::move(*columns),
                               .certainty = Certainty::Given,
                               .why = "the mapping",
                               .examples = {}});
    }
    // Whoever says where a name is means all of it.
    if (isIn(assignments, Role::Name)) {
        for (const Role part : {Role::FirstName, Role::LastName}) {
            if (!isIn(assignments, part))
                assignments.push_back(
                    {.role = part, .columns = {}, .certainty = Certainty::Given, .why = "the mapping", .examples = {}});
        }
    }
    return assignments;
}

std::optional<std::size_t> columnCalled(std::string_view header, const Sample &sample)
{
    const auto there = std::find(sample.folded.begin(), sample.folded.end(), header);
    if (there == sample.folded.end())
        return std::nullopt;
    return static_cast<std::size_t>(there - sample.folded.begin());
}

/// The columns that a system's file has for a role: all that are joined, or the first one; of codes the first one that
/// holds anything.
std::vector<std::size_t> knownColumns(Role role, const KnownSystem &system, const Sample &sample)
{
    std::vector<std::size_t> columns;
    for (const KnownColumn &known : system.columns) {
        const auto column = known.role == role ? columnCalled(known.header, sample) : std::nullopt;
        if (column)
            columns.push_back(*column);
    }
    if (columns.size() < 2 || role == Role::Type || role == Role::Seat)
        return columns;
    const auto filled = std::find_if(columns.begin(), columns.end(),
                                     [&](std::size_t column) { return sample.contents[column].filled > 0; });
    return {role == Role::Code && filled != columns.end() ? *filled : columns.front()};
}

void addKnown(std::vector<Assignment> &assignments, const KnownSystem &system, const Sample &sample)
{
    for (const Role role : kRoles) {
        auto columns = knownColumns(role, system, sample);
        if (columns.empty() || isIn(assignments, role))
            continue;
        const bool unsure = role == Role::Code && system.sure == Sure::No;
        assignments.push_back({.role = role,
                               .columns = std::move(columns),
                               .certainty = unsure ? Certainty::Likely : Certainty::Known,
                               .why = std::string(system.title),
                               .examples = {}});
    }
}

void addGuessed(std::vector<Assignment> &assignments, const Sample &sample)
{
    std::vector<Role> open;
    std::vector<std::size_t> taken;
    for (const Role role : kRoles) {
        if (!isIn(assignments, role))
            open.push_back(role);
    }
    for (const Assignment &assignment : assignments)
        taken.insert(taken.end(), assignment.columns.begin(), assignment.columns.end());
    const auto guessed = guessRoles(sample, open, taken);
    assignments.insert(assignments.end(), guessed.begin(), guessed.end());
}

std::vector<std::string> joinedExamples(const Sample &sample, const std::vector<std::size_t> &columns)
{
    std::vector<std::string> examples;
    for (const auto &row : sample.rows) {
        std::string text;
        for (const std::size_t column : columns)
            text += (text.empty() || row[column].empty() ? "" : " + ") + row[column];
        examples.push_back(std::move(text));
    }
    return examples;
}

void finish(Layout &layout, Sample &sample)
{
    std::erase_if(layout.assignments, [](const Assignment &a) { return a.columns.empty(); });
    for (Assignment &assignment : layout.assignments)
        assignment.examples = assignment.columns.size() > 1 ? joinedExamples(sample, assignment.columns)
                                                            : sample.contents[assignment.columns.front()].examples;
    std::stable_sort(layout.assignments.begin(), layout.assignments.end(),
                     [](const Assignment &a, const Assignment &b) { return a.role < b.role; });
    layout.headers = std::move(sample.headers);
}

} // namespace

std::string_view wordOf(Certainty certainty)
{
    switch (certainty) {
    case Certainty::Given:
        return "given";
    case Certainty::Known:
        return "known";
    case Certainty::Likely:
        return "likely";
    case Certainty::Guessed:
        return "guessed";
    }
    return {};
}

const Assignment *Layout::of(Role role) const
{
    const auto found =
        std::find_if(assignments.begin(), assignments.end(), [&](const Assignment &a) { return a.role == role; });
    return found == assignments.end() ? nullptr : &*found;
}

base::Result<Layout> layoutOf(Records &records, const LayoutRequest &request)
{
    Layout layout;
    auto sample = sampleOf(records, request.header);
    if (!sample)
        return sample.error();
    layout.header = sample->header;
    auto assignments = given(request.mapping, *sample);
    if (!assignments)
        return assignments.error();
    layout.assignments = std::move(*assignments);
    const bool codeIsGiven = isIn(layout.assignments, Role::Code);
    const KnownSystem *system = layout.header == HeaderRow::Present ? systemOf(sample->folded) : nullptr;
    if (system) {
        layout.system = system->system;
        addKnown(layout.assignments, *system, *sample);
        if (!codeIsGiven && !system->remark.empty())
            layout.remarks.emplace_back(system->remark);
    } else {
        addGuessed(layout.assignments, *sample);
    }
    const bool hasCode = std::any_of(layout.assignments.begin(), layout.assignments.end(),
                                     [](const Assignment &a) { return a.role == Role::Code && !a.columns.empty(); });
    if (!hasCode && codeIsGiven)
        return base::invalid("code: a list without codes cannot be imported", "Name the column that holds them.");
    if (!hasCode && system && !system->noCode.empty())
        return base::invalid(std::string(system->title) + ": " + std::string(system->noCode),
                             std::string(system->advice));
    if (!hasCode)
        return noCodeFound(*sample);
    finish(layout, *sample);
    return layout;
}

std::string nameOfColumns(const Layout &layout, const Assignment &assignment)
{
    std::string text;
    for (const std::size_t column : assignment.columns)
        text += (text.empty() ? "column " : " + column ") + std::to_string(column + 1) + " `" +
                base::printable(layout.headers[column], 60) + "`";
    return text;
}

std::string textOf(const Layout &layout, const Assignment &assignment)
{
    return std::string(wordOf(assignment.role)) + ": " + nameOfColumns(layout, assignment) + " (" + assignment.why +
           ")";
}

} // namespace voelgoed::ticketing::import
