#pragma once

#include "server/slices/ticketing/import/csv.h"

namespace voelgoed::ticketing::import {

/// How a file's separator is known.
enum class SeparatorFrom {
    Given,     ///< by whoever imports
    SepLine,   ///< the file's first line says it ("sep=;")
    Guessed,   ///< it divides the first records most evenly
    OneColumn, ///< nothing divides them
};

struct Dialect
{
    CsvStart start;
    SeparatorFrom from = SeparatorFrom::Guessed;
};

/// Looks at a "sep=" line, which is passed over, and otherwise at the first records, quotes respected. Invalid: a
/// "sep=" line that names none of the four separators.
base::Result<Dialect> dialectOf(std::string_view text, std::optional<Separator> given = std::nullopt);

} // namespace voelgoed::ticketing::import
