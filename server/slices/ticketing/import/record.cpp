#include "server/slices/ticketing/import/record.h"

#include "server/slices/ticketing/import/clean.h"

#include <algorithm>

namespace voelgoed::ticketing::import {

bool isBlank(const Record &row)
{
    return std::all_of(row.fields.begin(), row.fields.end(), [](const Field &field) { return isBlank(field.text); });
}

} // namespace voelgoed::ticketing::import
