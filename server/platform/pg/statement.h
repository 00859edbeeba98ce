#pragma once

#include "server/platform/pg/rows.h"

namespace voelgoed::pg {

/// SQL of a slice, as a named constant beside the function that runs it:
///
///     constexpr Sql kFindGate{"SELECT name FROM events.gates WHERE organization_id = app.org() AND id = $1"};
///
/// Prepared on each connection the first time it is run there. Must have static storage.
struct Sql
{
    const char *text;

    consteval Sql(const char *sql) : text(sql) {}
};

struct Query
{
    Sql sql;
    Params params;
};

} // namespace voelgoed::pg
