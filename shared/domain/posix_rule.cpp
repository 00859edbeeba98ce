#include "shared/domain/posix_rule.h"

#include <algorithm>

namespace voelgoed::domain {

using namespace std::chrono;

namespace {

/// Reads from the front; once something is missing, everything after fails too.
class Reader
{
public:
    explicit Reader(std::string_view text) : m_rest(text) {}

    bool failed() const { return m_failed; }
    bool done() const { return !m_failed && m_rest.empty(); }

    bool take(char c)
    {
        const bool there = !m_failed && !m_rest.empty() && m_rest.front() == c;
        if (there)
            m_rest.remove_prefix(1);
        return there;
    }

    void need(char c)
    {
        if (!take(c))
            m_failed = true;
    }

    /// "CET", "<+01>".
    void name()
    {
        const bool quoted = take('<');
        const auto isPart = [&](char c) {
            const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            return letter || (quoted && ((c >= '0' && c <= '9') || c == '+' || c == '-'));
        };
        const auto end = std::find_if_not(m_rest.begin(), m_rest.end(), isPart);
        const auto length = static_cast<std::size_t>(end - m_rest.begin());
        m_failed = m_failed || length < 3;
        m_rest.remove_prefix(length);
        if (quoted)
            need('>');
    }

    int number(int least, int most)
    {
        int value = 0;
        std::size_t digits = 0;
        for (; digits < m_rest.size() && digits < 4 && m_rest[digits] >= '0' && m_rest[digits] <= '9'; ++digits)
            value = value * 10 + (m_rest[digits] - '0');
        m_failed = m_failed || digits == 0 || value < least || value > most;
        m_rest.remove_prefix(digits);
        return m_failed ? least : value;
    }

    /// "-1", "5:30", "02:00:00".
    seconds time(int hoursMax)
    {
        const bool negative = take('-');
        if (!negative)
            take('+');
        seconds value = hours(number(0, hoursMax));
        if (take(':'))
            value += minutes(number(0, 59));
        if (take(':'))
            value += seconds(number(0, 59));
        return negative ? -value : value;
    }

    YearlyChange change()
    {
        YearlyChange change;
        if (take('M')) {
            change.month = static_cast<unsigned>(number(1, 12));
            need('.');
            change.week = static_cast<unsigned>(number(1, 5));
            need('.');
            change.day = number(0, 6);
        } else if (take('J')) {
            change.kind = YearlyChange::Kind::Julian;
            change.day = number(1, 365);
        } else {
            change.kind = YearlyChange::Kind::DayOfYear;
            change.day = number(0, 365);
        }
        if (take('/'))
            change.time = time(167);
        return change;
    }

private:
    std::string_view m_rest;
    bool m_failed = false;
};

constexpr int kOffsetHoursMax = 24;

} // namespace

std::optional<PosixRule> parsePosixRule(std::string_view text)
{
    Reader reader(text);
    PosixRule rule;
    reader.name();
    rule.offset = -reader.time(kOffsetHoursMax); // POSIX counts to the west
    if (reader.done())
        return rule;
    PosixRule::Summer summer{.offset = rule.offset + hours(1), .begins = {}, .ends = {}};
    reader.name();
    if (!reader.take(',')) {
        summer.offset = -reader.time(kOffsetHoursMax);
        reader.need(',');
    }
    summer.begins = reader.change();
    reader.need(',');
    summer.ends = reader.change();
    rule.summer = summer;
    return reader.done() ? std::optional(rule) : std::nullopt;
}

base::Instant momentOf(const YearlyChange &change, year y, seconds offset)
{
    sys_days day;
    switch (change.kind) {
    case YearlyChange::Kind::MonthWeekDay: {
        const weekday on(static_cast<unsigned>(change.day));
        day = change.week == 5 ? sys_days(y / month(change.month) / on[last])
                               : sys_days(y / month(change.month) / on[change.week]);
        break;
    }
    case YearlyChange::Kind::Julian:
        day = sys_days(y / January / 1) + days(change.day - 1 + (y.is_leap() && change.day >= 60 ? 1 : 0));
        break;
    case YearlyChange::Kind::DayOfYear:
        day = sys_days(y / January / 1) + days(change.day);
        break;
    }
    return day + change.time - offset;
}

} // namespace voelgoed::domain
