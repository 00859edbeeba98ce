#pragma once

#include "shared/base/instant.h"

#include <bitset>

namespace voelgoed::jobs {

/// When something happens again and again, in UTC: the five fields of cron ("*/15 6-18 * * MON-FRI"): minute, hour, day
/// of the month, month, day of the week (0 or 7 is Sunday). A field is a star, a number, a range, each perhaps with a
/// step, or several of them with commas; months and days of the week also by three letters. Where both days are said,
/// either of them will do.
class CronExpression
{
public:
    /// Invalid, with the field named, for anything else, and for what never happens (the 30th of February).
    static base::Result<CronExpression> parse(std::string_view text);

    /// The first such minute that is later.
    base::Instant after(base::Instant moment) const;

    friend bool operator==(const CronExpression &, const CronExpression &) = default;

private:
    CronExpression() = default;
    bool isDay(std::chrono::year_month_day day) const;

    std::bitset<60> m_minutes;
    std::bitset<24> m_hours;
    std::bitset<32> m_days;   ///< 1 to 31
    std::bitset<13> m_months; ///< 1 to 12
    std::bitset<7> m_weekdays;
    bool m_anyDay = false, m_anyWeekday = false; ///< a star
};

} // namespace voelgoed::jobs
