#pragma once

#include "server/slices/ticketing/import/record.h"

#include <string>
#include <unordered_set>
#include <vector>

namespace voelgoed::ticketing::import {

/// What the first rows of a list hold in one column.
struct ColumnContents
{
    std::size_t filled = 0;
    std::size_t emails = 0;
    std::size_t codes = 0;   ///< look like a code: letters and digits without a blank, no date, no amount
    std::size_t numbers = 0; ///< whole ones from 0 to 10,000
    std::size_t statusWords = 0;
    std::unordered_set<std::string> distinct;
    std::vector<std::string> examples; ///< the first three, as they are cleaned

    bool areMostly(std::size_t count) const { return filled > 0 && count * 10 >= filled * 8; }
    /// Hardly any value comes twice.
    bool areUnique() const { return distinct.size() * 100 >= filled * 98; }
};

inline constexpr std::size_t kExamples = 3;

/// Adds a row; columns beyond the ones there are make new ones.
void addTo(std::vector<ColumnContents> &columns, const Record &row);

bool looksLikeEmail(std::string_view text);
bool looksLikeCode(std::string_view text);
bool looksLikeUrl(std::string_view text);

} // namespace voelgoed::ticketing::import
