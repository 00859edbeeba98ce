#include "server/slices/ticketing/import/guess.h"

#include "server/slices/ticketing/import/clean.h"
#include "server/slices/ticketing/import/header_words.h"

#include "shared/base/text.h"

#include <algorithm>
#include <set>

namespace voelgoed::ticketing::import {

namespace {

/// Fewer rows tell nothing about whether values repeat.
constexpr std::size_t kFewRows = 10;

std::string quoted(std::string_view header)
{
    return "`" + base::printable(header, 60) + "`";
}

/// Whether what a column holds agrees with what its header promises.
bool agrees(Role role, const ColumnContents &contents)
{
    if (contents.filled == 0)
        return role != Role::Code;
    switch (role) {
    case Role::Code:
        return contents.filled < kFewRows || contents.distinct.size() * 2 >= contents.filled;
    case Role::Email:
        return contents.areMostly(contents.emails);
    case Role::Quantity:
        return contents.areMostly(contents.numbers);
    case Role::Status:
        return contents.statusWords * 2 >= contents.filled;
    case Role::Name:
    case Role::FirstName:
    case Role::LastName:
        return !contents.areMostly(contents.emails);
    case Role::Type:
    case Role::Paid:
    case Role::Voided:
    case Role::CheckedIn:
    case Role::Order:
    case Role::Seat:
        return true;
    }
    return true;
}

struct Candidate
{
    std::size_t column = 0;
    WordMatch match;
};

/// Best words first; among equals the column further left.
std::vector<Candidate> candidatesOf(const Sample &sample)
{
    std::vector<Candidate> candidates;
    for (std::size_t i = 0; i < sample.folded.size(); ++i) {
        for (const WordMatch &match : rolesByWords(sample.folded[i])) {
            if (agrees(match.role, sample.contents[i]))
                candidates.push_back({.column = i, .match = match});
        }
    }
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const Candidate &a, const Candidate &b) { return a.match.score > b.match.score; });
    return candidates;
}

bool holdsCodes(const ColumnContents &contents)
{
    return contents.areMostly(contents.codes) && contents.areUnique();
}

/// Columns that could be the code by what they hold, whatever their headers say.
std::vector<std::size_t> codesByContents(const Sample &sample, const std::set<std::size_t> &taken)
{
    std::size_t rows = 0;
    for (const ColumnContents &contents : sample.contents)
        rows = std::max(rows, contents.filled);
    std::vector<std::size_t> columns;
    for (std::size_t i = 0; i < sample.contents.size(); ++i) {
        const bool filled = sample.contents[i].filled * 10 >= rows * 9;
        if (!taken.contains(i) && filled && holdsCodes(sample.contents[i]) && !isNoCode(sample.folded[i]))
            columns.push_back(i);
    }
    return columns;
}

std::optional<std::size_t> emailByContents(const Sample &sample, const std::set<std::size_t> &taken)
{
    for (std::size_t i = 0; i < sample.contents.size(); ++i) {
        if (!taken.contains(i) && sample.contents[i].areMostly(sample.contents[i].emails))
            return i;
    }
    return std::nullopt;
}

/// A column that is called a code, and holds what many guests share.
std::optional<std::size_t> codeThatRepeats(const Sample &sample)
{
    for (std::size_t i = 0; i < sample.folded.size(); ++i) {
        const auto roles = rolesByWords(sample.folded[i]);
        const bool called = std::any_of(roles.begin(), roles.end(), [](const auto &m) { return m.role == Role::Code; });
        if (called && sample.contents[i].filled > 0 && !agrees(Role::Code, sample.contents[i]))
            return i;
    }
    return std::nullopt;
}

/// A list whose people have a first and a last name has "Nombre" or "Name" for one of them.
void splitNames(std::vector<Assignment> &assignments)
{
    const auto of = [&](Role role) {
        return std::find_if(assignments.begin(), assignments.end(), [&](const auto &a) { return a.role == role; });
    };
    // "Name" beside "Vorname" is the family's name.
    if (of(Role::FirstName) != assignments.end() && of(Role::LastName) == assignments.end() &&
        of(Role::Name) != assignments.end() && of(Role::Name)->columns.front() != of(Role::FirstName)->columns.front())
        of(Role::Name)->role = Role::LastName;
    // "Nombre", or "Nom", alone is all of it.
    for (const auto &[only, other] : {std::pair(Role::FirstName, Role::LastName), {Role::LastName, Role::FirstName}}) {
        if (of(only) != assignments.end() && of(other) == assignments.end() && of(Role::Name) == assignments.end())
            of(only)->role = Role::Name;
    }
}

} // namespace

std::vector<Assignment> guessRoles(const Sample &sample, const std::vector<Role> &open,
                                   const std::vector<std::size_t> &taken)
{
    std::set<Role> left(open.begin(), open.end());
    std::set<std::size_t> used(taken.begin(), taken.end());
    std::vector<Assignment> found;
    const auto assign = [&](Role role, std::size_t column, Certainty certainty, const char *why) {
        found.push_back({.role = role, .columns = {column}, .certainty = certainty, .why = why, .examples = {}});
        left.erase(role);
        used.insert(column);
    };
    for (const Candidate &candidate : candidatesOf(sample)) {
        if (left.contains(candidate.match.role) && !used.contains(candidate.column))
            assign(candidate.match.role, candidate.column, Certainty::Likely, "its header");
    }
    if (const auto column = left.contains(Role::Email) ? emailByContents(sample, used) : std::nullopt)
        assign(Role::Email, *column, Certainty::Guessed, "holds e-mail addresses");
    const auto codes = left.contains(Role::Code) ? codesByContents(sample, used) : std::vector<std::size_t>();
    if (codes.size() == 1)
        assign(Role::Code, codes.front(), Certainty::Guessed, "holds codes, each once");
    splitNames(found);
    return found;
}

base::Error noCodeFound(const Sample &sample)
{
    const auto several = codesByContents(sample, {});
    const auto repeated = several.empty() ? codeThatRepeats(sample) : std::nullopt;
    if (repeated)
        return base::invalid("column " + std::to_string(*repeated + 1) + " " + quoted(sample.headers[*repeated]) +
                                 " holds the same values again and again, so they are no tickets' codes",
                             "Say which column holds the codes, as in code=Barcode.");
    std::string columns;
    for (std::size_t i = 0; i < sample.headers.size() && i < 20; ++i)
        columns += (i == 0 ? "" : ", ") + quoted(sample.headers[i]);
    if (several.size() < 2)
        return base::invalid("no column holds the tickets' codes",
                             "Say which one does, as in code=Barcode. The columns are " + columns + ".");
    std::string candidates;
    for (std::size_t i = 0; i < several.size() && i < 5; ++i)
        candidates += (i == 0 ? "" : ", ") + quoted(sample.headers[several[i]]);
    return base::invalid("several columns could hold the tickets' codes: " + candidates,
                         "Say which one it is, as in code=Barcode, after a look at what a ticket's code says.");
}

} // namespace voelgoed::ticketing::import
