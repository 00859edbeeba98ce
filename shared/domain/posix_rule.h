#pragma once

#include "shared/base/instant.h"

#include <chrono>
#include <optional>
#include <string_view>

/// What a time zone file says about the years behind its last listed change of the clocks: a POSIX TZ string (RFC 8536,
/// section 3.3), like "CET-1CEST,M3.5.0,M10.5.0/3".
namespace voelgoed::domain {

/// A day of each year, and the local time of that day at which clocks change.
struct YearlyChange
{
    enum class Kind {
        MonthWeekDay, ///< `month`, `week` (5: the last), `day` (0: Sunday)
        Julian,       ///< `day` from 1, without 29 February
        DayOfYear,    ///< `day` from 0
    };

    Kind kind = Kind::MonthWeekDay;
    unsigned month = 1;
    unsigned week = 1;
    int day = 0;
    std::chrono::seconds time = std::chrono::hours(2); ///< may lie on another day
};

struct PosixRule
{
    struct Summer
    {
        std::chrono::seconds offset{};
        YearlyChange begins;
        YearlyChange ends;
    };

    std::chrono::seconds offset{}; ///< from UTC, east of it above 0
    std::optional<Summer> summer;
};

/// Nothing for anything that is not such a string from its first letter to its last.
std::optional<PosixRule> parsePosixRule(std::string_view text);

/// When the change happens in a year, for clocks that show UTC + `offset` until then.
base::Instant momentOf(const YearlyChange &change, std::chrono::year year, std::chrono::seconds offset);

} // namespace voelgoed::domain
