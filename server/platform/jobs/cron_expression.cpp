#include "server/platform/jobs/cron_expression.h"

#include "shared/base/ensure.h"
#include "shared/base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <vector>

namespace voelgoed::jobs {

using base::Instant;
using base::Result;
using namespace std::chrono;

namespace {

constexpr std::array<std::string_view, 12> kMonths{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                   "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> kWeekdays{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};
constexpr std::size_t kTextMax = 200;
/// Within so many years each day of the year falls on each day of the week: the 29th of February, past 2100.
constexpr int kYearsMax = 50;

struct Field
{
    const char *name;
    int least, most;
    std::span<const std::string_view> words;
    int firstWord;
};
constexpr std::array<Field, 5> kFields{Field{"minute", 0, 59, {}, 0}, Field{"hour", 0, 23, {}, 0},
                                       Field{"day", 1, 31, {}, 0}, Field{"month", 1, 12, kMonths, 1},
                                       Field{"weekday", 0, 7, kWeekdays, 0}};

std::vector<std::string_view> split(std::string_view text, char at)
{
    std::vector<std::string_view> parts;
    for (;;) {
        const auto end = text.find(at);
        parts.push_back(text.substr(0, end));
        if (end == text.npos)
            return parts;
        text.remove_prefix(end + 1);
    }
}

std::optional<int> numberFrom(std::string_view text)
{
    int number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool isAll = read.ec == std::errc() && read.ptr == text.data() + text.size();
    return isAll && !text.empty() && text.front() != '-' && text.size() <= 2 ? std::optional(number) : std::nullopt;
}

std::optional<int> valueFrom(std::string_view text, const Field &field)
{
    for (std::size_t i = 0; i < field.words.size(); ++i) {
        const auto same = [](char a, char b) { return (a >= 'a' && a <= 'z' ? a - 32 : a) == b; };
        if (std::equal(text.begin(), text.end(), field.words[i].begin(), field.words[i].end(), same))
            return field.firstWord + static_cast<int>(i);
    }
    const auto number = numberFrom(text);
    return number && *number >= field.least && *number <= field.most ? number : std::nullopt;
}

base::Error wrong(const Field &field, std::string_view text)
{
    return base::invalid("cron: the " + std::string(field.name) + " is none: " + base::printable(text, 40));
}

/// Which values a field allows.
Result<std::bitset<64>> parseField(std::string_view text, const Field &field)
{
    std::bitset<64> values;
    for (const std::string_view item : split(text, ',')) {
        const auto slash = item.find('/');
        const std::string_view range = item.substr(0, slash);
        int step = 1;
        if (slash != item.npos) {
            const auto given = numberFrom(item.substr(slash + 1));
            if (!given || *given < 1 || *given > field.most)
                return wrong(field, item);
            step = *given;
        }
        int from = field.least, to = field.most;
        if (range != "*") {
            const auto dash = range.find('-');
            const auto first = valueFrom(range.substr(0, dash), field);
            const auto last = dash == range.npos ? first : valueFrom(range.substr(dash + 1), field);
            if (!first || !last || *first > *last)
                return wrong(field, item);
            from = *first;
            // "5/10" is 5, 15, 25 and so on.
            to = dash == range.npos && slash != item.npos ? field.most : *last;
        }
        for (int value = from; value <= to; value += step)
            values.set(static_cast<std::size_t>(value));
    }
    return values;
}

template <std::size_t Size>
std::bitset<Size> cut(const std::bitset<64> &values)
{
    std::bitset<Size> some;
    for (std::size_t i = 0; i < Size; ++i)
        some[i] = values[i];
    return some;
}

} // namespace

Result<CronExpression> CronExpression::parse(std::string_view text)
{
    if (text.size() > kTextMax)
        return base::invalid("cron: too long");
    std::vector<std::string_view> parts;
    for (const std::string_view part : split(text, ' ')) {
        if (!part.empty())
            parts.push_back(part);
    }
    if (parts.size() != kFields.size())
        return base::invalid("cron: there are five fields");
    std::array<std::bitset<64>, 5> values;
    for (std::size_t i = 0; i < kFields.size(); ++i) {
        const auto field = parseField(parts[i], kFields[i]);
        if (!field)
            return field.error();
        values[i] = *field;
    }
    if (values[4][7])
        values[4].set(0);
    CronExpression expression;
    expression.m_minutes = cut<60>(values[0]);
    expression.m_hours = cut<24>(values[1]);
    expression.m_days = cut<32>(values[2]);
    expression.m_months = cut<13>(values[3]);
    expression.m_weekdays = cut<7>(values[4]);
    expression.m_anyDay = parts[2].front() == '*';
    expression.m_anyWeekday = parts[4].front() == '*';
    // With a weekday of its own there is always a day; without one, the month has to have it.
    constexpr std::array<unsigned, 13> kLongest{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool happens = !expression.m_anyWeekday && !expression.m_anyDay;
    for (std::size_t month = 1; month <= 12; ++month) {
        for (std::size_t day = 1; day <= kLongest[month]; ++day)
            happens = happens || (expression.m_months[month] && expression.m_days[day]);
    }
    if (!happens)
        return base::invalid("cron: there is no such day");
    return expression;
}

bool CronExpression::isDay(year_month_day day) const
{
    const bool inMonth = m_days[static_cast<unsigned>(day.day())];
    const bool inWeek = m_weekdays[weekday(sys_days(day)).c_encoding()];
    return !m_anyDay && !m_anyWeekday ? inMonth || inWeek : inMonth && inWeek;
}

Instant CronExpression::after(Instant moment) const
{
    const auto next = floor<minutes>(moment) + minutes(1);
    sys_days day = floor<days>(next);
    minutes from = floor<minutes>(next - day);
    const sys_days end = day + days(366 * kYearsMax);
    for (; day < end; day += days(1), from = minutes(0)) {
        const year_month_day date(day);
        if (!m_months[static_cast<unsigned>(date.month())] || !isDay(date))
            continue;
        for (minutes of = from; of < hours(24); of += minutes(1)) {
            const auto hour = static_cast<std::size_t>(of.count() / 60);
            if (m_hours[hour] && m_minutes[static_cast<std::size_t>(of.count() % 60)])
                return day + of;
        }
    }
    base::ensure(false, "a cron expression that never happens");
    return moment;
}

} // namespace voelgoed::jobs
