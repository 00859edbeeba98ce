#pragma once

#include "server/slices/ticketing/import/contents.h"
#include "server/slices/ticketing/import/layout.h"

namespace voelgoed::ticketing::import {

/// What the first rows of a list show.
struct Sample
{
    HeaderRow header = HeaderRow::Present; ///< never Guess
    std::vector<std::string> headers;      ///< cleaned
    std::vector<std::string> folded;
    std::vector<ColumnContents> contents;
    std::vector<std::vector<std::string>> rows; ///< the first three, cleaned
};

/// Roles that nobody has spoken for yet, by the words of headers and by contents. `taken` are columns that serve
/// already. May leave the code out.
std::vector<Assignment> guessRoles(const Sample &sample, const std::vector<Role> &open,
                                   const std::vector<std::size_t> &taken);

/// Why no column serves as the code, in a list of no known system.
base::Error noCodeFound(const Sample &sample);

} // namespace voelgoed::ticketing::import
