#include "server/platform/pg/sql_state.h"

#include "shared/base/text.h"

namespace voelgoed::pg {

using base::Error;
using base::ErrorCode;

namespace {

constexpr std::string_view kMark = " (SQLSTATE ";
constexpr std::string_view kConstraint = ", constraint ";
constexpr std::size_t kWordsMax = 300;

struct Row
{
    std::string_view begins; ///< with which a SQLSTATE begins
    ErrorCode code;
    std::string_view words; ///< said instead of PostgreSQL's own; empty: its own are said
};

/// The longest match counts, which is the first.
constexpr Row kTable[]{
    {"23505", ErrorCode::Conflict, "unique_violation"},
    {"23P01", ErrorCode::Conflict, "exclusion_violation"},
    {"23503", ErrorCode::Invalid, "foreign_key_violation"},
    {"23502", ErrorCode::Invalid, "not_null_violation"},
    {"23514", ErrorCode::Invalid, "check_violation"},
    {"23", ErrorCode::Invalid, "integrity_constraint_violation"},
    {"22P02", ErrorCode::Invalid, "invalid_text_representation"},
    {"22003", ErrorCode::Invalid, "numeric_value_out_of_range"},
    {"22001", ErrorCode::Invalid, "string_data_right_truncation"},
    {"22", ErrorCode::Invalid, "data_exception"},
    {"54", ErrorCode::Invalid, "program_limit_exceeded"}, // a text too long for an index
    {"40001", ErrorCode::Unavailable, "serialization_failure"},
    {"40P01", ErrorCode::Unavailable, "deadlock_detected"},
    {"42501", ErrorCode::Internal, ""},    // what the server's own role may not: nobody who asks could mend it
    {"55P03", ErrorCode::Unavailable, ""}, // lock_not_available
    {"57014", ErrorCode::Timeout, ""},     // query_canceled: statement_timeout
    {"57P0", ErrorCode::Unavailable, ""},  // the server shuts down, or starts up
    {"25P03", ErrorCode::Unavailable, ""}, // idle_in_transaction_session_timeout
    {"28", ErrorCode::Unavailable, ""},    // the role may not log in: for the operator to mend
    {"08", ErrorCode::Unavailable, ""},
    {"53", ErrorCode::Unavailable, ""},
};
constexpr Row kOther{"", ErrorCode::Internal, ""};

const Row &rowOf(std::string_view sqlState)
{
    for (const Row &row : kTable) {
        if (sqlState.substr(0, row.begins.size()) == row.begins)
            return row;
    }
    return kOther;
}

bool is(const Error &error, std::string_view code, std::string_view constraint)
{
    const auto state = SqlState::of(error);
    return state && state->code == code && (constraint.empty() || state->constraint == constraint);
}

} // namespace

ErrorCode codeOf(std::string_view sqlState)
{
    return rowOf(sqlState).code;
}

std::optional<SqlState> SqlState::of(const Error &error)
{
    const std::string_view text = error.message;
    const std::size_t mark = text.rfind(kMark);
    if (mark == text.npos || text.size() < mark + kMark.size() + 6 || text.back() != ')')
        return {};
    std::string_view rest = text.substr(mark + kMark.size());
    SqlState state{std::string(rest.substr(0, 5)), {}};
    rest = rest.substr(5, rest.size() - 6);
    if (rest.substr(0, kConstraint.size()) == kConstraint) {
        rest.remove_prefix(kConstraint.size());
        state.constraint = rest.substr(0, rest.find(" of "));
    }
    return state;
}

bool SqlState::isUniqueViolation(const Error &error, std::string_view constraint)
{
    return is(error, "23505", constraint);
}

bool SqlState::isExclusionViolation(const Error &error, std::string_view constraint)
{
    return is(error, "23P01", constraint);
}

bool SqlState::isCheckViolation(const Error &error, std::string_view constraint)
{
    return is(error, "23514", constraint);
}

bool SqlState::isCollision(const Error &error)
{
    return is(error, "40001", {}) || is(error, "40P01", {});
}

bool SqlState::isOutcomeUnknown(const Error &error)
{
    return is(error, kOutcomeUnknown, {});
}

Error errorOf(const Report &report)
{
    const Row &row = rowOf(report.sqlState);
    std::string message = row.words.empty() ? base::printable(report.primary, kWordsMax) : std::string(row.words);
    message += kMark;
    message += report.sqlState;
    std::string where(report.schema);
    for (const std::string_view part : {report.table, report.column}) {
        if (!part.empty())
            where += (where.empty() ? "" : ".") + std::string(part);
    }
    if (!report.constraint.empty())
        message += std::string(kConstraint) + std::string(report.constraint);
    if (!where.empty())
        message += (report.constraint.empty() ? ", in " : " of ") + where;
    return {row.code, message + ")", {}};
}

Error connectionError(std::string_view what)
{
    return errorOf(
        {.sqlState = kConnectionFailure, .primary = what, .schema = {}, .table = {}, .column = {}, .constraint = {}});
}

Error outcomeUnknown(std::string_view what)
{
    return errorOf(
        {.sqlState = kOutcomeUnknown, .primary = what, .schema = {}, .table = {}, .column = {}, .constraint = {}});
}

} // namespace voelgoed::pg
