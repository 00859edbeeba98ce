#pragma once

#include "server/slices/ticketing/import/mapping.h"
#include "server/slices/ticketing/import/record.h"
#include "server/slices/ticketing/import/systems.h"

namespace voelgoed::ticketing::import {

/// How sure a column's role is.
enum class Certainty {
    Given,   ///< the user said it
    Known,   ///< the system's files are like this
    Likely,  ///< its header says so
    Guessed, ///< only its contents look like it
};

std::string_view wordOf(Certainty certainty);

/// The columns of a role, why, and what they hold.
struct Assignment
{
    Role role = Role::Code;
    std::vector<std::size_t> columns; ///< from 0
    Certainty certainty = Certainty::Guessed;
    std::string why;                   ///< "Eventbrite attendee report", "its header", "the mapping"
    std::vector<std::string> examples; ///< the first three rows' values that are not blank

    friend bool operator==(const Assignment &, const Assignment &) = default;
};

enum class HeaderRow {
    Guess,
    Present,
    Absent, ///< the first row is a guest; columns are called "column 1" and so on
};

/// Which column is what. A value to be shown before anything is done with it.
struct Layout
{
    System system = System::Unknown;
    HeaderRow header = HeaderRow::Present; ///< never Guess
    std::vector<std::string> headers;      ///< cleaned; blank and repeated ones as they are
    std::vector<Assignment> assignments;   ///< one a role at most, in the roles' order
    std::vector<std::string> remarks;      ///< sentences: what to know about this file

    const Assignment *of(Role role) const;

    friend bool operator==(const Layout &, const Layout &) = default;
};

struct LayoutRequest
{
    Mapping mapping;
    HeaderRow header = HeaderRow::Guess;
};

/// Reads the header and up to a thousand rows. What the mapping says counts; then what is known about the system; for
/// files of no known system what headers and contents look like. Invalid: nothing to read; a mapping that names what is
/// not there; no column with usable codes (the message says why, the hint what to do).
base::Result<Layout> layoutOf(Records &records, const LayoutRequest &request);

/// "column 9 `Barcode #`"; several joined by "+".
std::string nameOfColumns(const Layout &layout, const Assignment &assignment);
/// "code: column 9 `Barcode #` (Eventbrite attendee report)".
std::string textOf(const Layout &layout, const Assignment &assignment);

} // namespace voelgoed::ticketing::import
