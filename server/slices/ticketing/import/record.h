#pragma once

#include "server/slices/ticketing/import/place.h"

#include "shared/base/result.h"

#include <optional>
#include <span>
#include <string_view>

namespace voelgoed::ticketing::import {

/// One cell as it is written, without its quotes.
struct Field
{
    std::string_view text;
    std::size_t line = 0; ///< where it begins
};

/// One row of a list. What it shows is there until the next one is read; `raw` as long as the file itself.
struct Record
{
    std::size_t line = 0;
    std::span<const Field> fields;
    std::string_view raw;       ///< all of it, as written
    std::optional<Place> stray; ///< something stands behind a closing quote here: columns may have moved
};

/// Nothing in it can be seen.
bool isBlank(const Record &row);

/// Rows one after the other, wherever they come from. The header is the first where there is one.
class Records
{
public:
    virtual ~Records() = default;

    /// Nothing at the end. A failure is of the file, not of a row: nothing can be read behind it.
    virtual base::Result<std::optional<Record>> next() = 0;
};

} // namespace voelgoed::ticketing::import
