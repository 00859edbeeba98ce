#pragma once

#include "shared/base/result.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace voelgoed::base {

/// A moment, in milliseconds since 1970-01-01 00:00 UTC. Everything is stored and compared as this; a zone's local time
/// appears only in rules and on screens.
using Instant = std::chrono::sys_time<std::chrono::milliseconds>;
using Milliseconds = std::chrono::milliseconds;

/// The years that a moment of our own messages may lie in: 1970 to 9999.
inline constexpr Instant kEarliest{};
inline constexpr Instant kLatest{std::chrono::sys_days(std::chrono::year(9999) / 12 / 31) + std::chrono::days(1) -
                                 Milliseconds(1)};

/// People's files may say more: everything that RFC 3339 can write from the year 1 on.
inline constexpr Instant kFirst{std::chrono::sys_days(std::chrono::year(1) / 1 / 1)};

constexpr Instant instantFromMillis(std::int64_t millis)
{
    return Instant(Milliseconds(millis));
}

constexpr std::int64_t millisOf(Instant at)
{
    return at.time_since_epoch().count();
}

/// Reads an RFC 3339 date-time ("2026-12-05T11:00:00Z", "2026-12-05 13:00:00.250+02:00"). The offset is required; more
/// than three digits of a fraction are cut off; a leap second (":60") is taken as the second after it. Invalid when a
/// field is out of range or the moment lies outside kFirst…kLatest.
Result<Instant> parseInstant(std::string_view text);

/// The same for those who need no reason: nothing instead of Invalid. Allocates nothing.
std::optional<Instant> instantFrom(std::string_view text);

/// Reads a time of day, "18:00" or "18:00:30", as what has passed since midnight. Nothing for anything else.
std::optional<std::chrono::seconds> parseTimeOfDay(std::string_view text);

/// "2026-12-05T11:00:00Z", with ".250" before the Z where the moment has milliseconds.
std::string formatInstant(Instant at);

} // namespace voelgoed::base
