#pragma once

#include "shared/base/error.h"

#include <optional>
#include <string>
#include <string_view>

namespace voelgoed::pg {

/// What went wrong in SQL, for those who branch on it. It travels at the end of an Error's message, as in
/// "unique_violation (SQLSTATE 23505, constraint gates_code of events.gates)": readable in a log, and read back here.
/// Messages name constraints, tables and columns, and never hold what is in a row: PostgreSQL's own words are left out
/// where they could (classes 22 and 23), its DETAIL and CONTEXT always.
struct SqlState
{
    std::string code;       ///< five characters
    std::string constraint; ///< its name without the table's; may be empty

    /// Nothing for an error that is not of PostgreSQL's.
    static std::optional<SqlState> of(const base::Error &error);

    /// 23505, of this constraint or of any.
    static bool isUniqueViolation(const base::Error &error, std::string_view constraint = {});
    /// 23P01, the same.
    static bool isExclusionViolation(const base::Error &error, std::string_view constraint = {});
    /// 23514, the same.
    static bool isCheckViolation(const base::Error &error, std::string_view constraint = {});
    /// 40001 or 40P01: it would have worked alone, and may work when it is tried again.
    static bool isCollision(const base::Error &error);
    /// 08007: the connection broke while a commit was on its way. It happened, or it did not.
    static bool isOutcomeUnknown(const base::Error &error);

    friend bool operator==(const SqlState &, const SqlState &) = default;
};

/// The table: which kind of failure a SQLSTATE is.
base::ErrorCode codeOf(std::string_view sqlState);

inline constexpr std::string_view kConnectionFailure = "08006";
inline constexpr std::string_view kOutcomeUnknown = "08007";

/// What PostgreSQL reported of a failure.
struct Report
{
    std::string_view sqlState;
    std::string_view primary; ///< its own words
    std::string_view schema, table, column, constraint;
};

base::Error errorOf(const Report &report);

/// A connection that broke, or could not be made.
base::Error connectionError(std::string_view what);
/// The same, with a commit on its way.
base::Error outcomeUnknown(std::string_view what);

} // namespace voelgoed::pg
