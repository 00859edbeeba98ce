#include "shared/base/instant.h"

namespace voelgoed::base {

namespace {

/// Reads fixed fields from the front of a text; once something is missing, everything after fails too.
class FieldReader
{
public:
    explicit FieldReader(std::string_view text) : m_rest(text) {}

    int digits(std::size_t count)
    {
        if (m_rest.size() < count)
            return fail();
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (m_rest[i] < '0' || m_rest[i] > '9')
                return fail();
            value = value * 10 + (m_rest[i] - '0');
        }
        m_rest.remove_prefix(count);
        return value;
    }

    char oneOf(std::string_view allowed)
    {
        if (m_rest.empty() || allowed.find(m_rest.front()) == std::string_view::npos) {
            m_failed = true;
            return 0;
        }
        const char c = m_rest.front();
        m_rest.remove_prefix(1);
        return c;
    }

    bool startsWith(char c) const { return !m_failed && !m_rest.empty() && m_rest.front() == c; }
    bool startsWithDigit() const
    {
        return !m_failed && !m_rest.empty() && m_rest.front() >= '0' && m_rest.front() <= '9';
    }
    bool done() const { return !m_failed && m_rest.empty(); }

private:
    int fail()
    {
        m_failed = true;
        m_rest = {};
        return 0;
    }

    std::string_view m_rest;
    bool m_failed = false;
};

int readMillis(FieldReader &reader)
{
    int millis = 0;
    int scale = 100;
    do {
        millis += reader.digits(1) * scale;
        scale /= 10;
    } while (reader.startsWithDigit());
    return millis;
}

int readOffsetMinutes(FieldReader &reader)
{
    const char sign = reader.oneOf("Zz+-");
    if (sign != '+' && sign != '-')
        return 0;
    const int hours = reader.digits(2);
    reader.oneOf(":");
    const int minutes = reader.digits(2);
    if (hours > 23 || minutes > 59)
        reader.oneOf("");
    return (sign == '-' ? -1 : 1) * (hours * 60 + minutes);
}

} // namespace

std::optional<Instant> instantFrom(std::string_view text)
{
    using namespace std::chrono;
    FieldReader reader(text);
    const int y = reader.digits(4);
    reader.oneOf("-");
    const auto m = static_cast<unsigned>(reader.digits(2));
    reader.oneOf("-");
    const auto d = static_cast<unsigned>(reader.digits(2));
    reader.oneOf("Tt ");
    const int hour = reader.digits(2);
    reader.oneOf(":");
    const int minute = reader.digits(2);
    reader.oneOf(":");
    const int second = reader.digits(2);
    int fraction = 0;
    if (reader.startsWith('.')) {
        reader.oneOf(".");
        fraction = readMillis(reader);
    }
    const int offset = readOffsetMinutes(reader);
    const auto date = year(y) / month(m) / day(d);
    if (!reader.done() || !date.ok() || hour > 23 || minute > 59 || second > 60)
        return std::nullopt;
    const Instant at =
        sys_days(date) + hours(hour) + minutes(minute - offset) + seconds(second) + Milliseconds(fraction);
    if (at < kFirst || at > kLatest)
        return std::nullopt;
    return at;
}

Result<Instant> parseInstant(std::string_view text)
{
    if (const auto at = instantFrom(text))
        return *at;
    return invalid("not an RFC 3339 date and time: \"" + std::string(text.substr(0, 40)) + "\"",
                   "Write it like 2026-12-05T11:00:00Z.");
}

std::optional<std::chrono::seconds> parseTimeOfDay(std::string_view text)
{
    FieldReader reader(text);
    const int hour = reader.digits(2);
    reader.oneOf(":");
    const int minute = reader.digits(2);
    int second = 0;
    if (reader.startsWith(':')) {
        reader.oneOf(":");
        second = reader.digits(2);
    }
    if (!reader.done() || hour > 23 || minute > 59 || second > 59)
        return std::nullopt;
    return std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
}

std::string formatInstant(Instant at)
{
    using namespace std::chrono;
    const auto day = floor<days>(at);
    const year_month_day date(day);
    const hh_mm_ss time(at - day);
    // By hand: answers hold many of them, and printf takes ten times as long.
    std::string text;
    text.reserve(sizeof "2026-12-05T18:00:00.000Z");
    const auto put = [&text](std::int64_t number, std::int64_t digits, const char *behind) {
        for (std::int64_t place = digits; place > 0; place /= 10)
            text += static_cast<char>('0' + number / place % 10);
        text += behind;
    };
    put(static_cast<int>(date.year()), 1000, "-");
    put(static_cast<unsigned>(date.month()), 10, "-");
    put(static_cast<unsigned>(date.day()), 10, "T");
    put(time.hours().count(), 10, ":");
    put(time.minutes().count(), 10, ":");
    put(time.seconds().count(), 10, "");
    if (time.subseconds().count() != 0) {
        text += '.';
        put(time.subseconds().count(), 100, "");
    }
    return text + 'Z';
}

} // namespace voelgoed::base
