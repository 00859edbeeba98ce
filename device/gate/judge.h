#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace voelgoed::gate {

/// The verb `judge`: runs scenario files, and says on `out` what each scan would have come to, one JSON line a scan:
/// {"scenario","scan","outcome","reason","explanation"}, then what there is of "remaining", "questions", "overridden",
/// "flagged" and, where something else was expected, "differs". Files that cannot be read and scenarios
/// that are wrong are named on `err`, with the place; all others still run, also those of the same file.
///
/// Returns the exit code: 0, or 1 if a scan differs from what its scenario expects, or 2 if something is wrong.
int judge(const std::vector<std::string> &files, std::ostream &out, std::ostream &err);

} // namespace voelgoed::gate
