#include "server/platform/outbound/retry_after.h"

#include "shared/base/text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace voelgoed::outbound {

namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::optional<int> number(std::string_view text)
{
    int value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || end != text.data() + text.size() || value < 0)
        return {};
    return value;
}

/// "Sun, 06 Nov 1994 08:49:37 GMT": each part at its place.
std::optional<base::Instant> date(std::string_view text)
{
    if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT" || text[19] != ':' ||
        text[22] != ':')
        return {};
    const auto month = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
    const auto dayOfMonth = number(text.substr(5, 2)), yearNumber = number(text.substr(12, 4));
    const auto hour = number(text.substr(17, 2)), minute = number(text.substr(20, 2)),
               second = number(text.substr(23, 2));
    if (month == kMonths.end() || !dayOfMonth || !yearNumber || !hour || !minute || !second)
        return {};
    const year_month_day day(year(*yearNumber), std::chrono::month(static_cast<unsigned>(month - kMonths.begin()) + 1),
                             std::chrono::day(static_cast<unsigned>(*dayOfMonth)));
    if (!day.ok() || *hour > 23 || *minute > 59 || *second > 60)
        return {};
    return base::Instant(sys_days(day) + hours(*hour) + minutes(*minute) + seconds(*second));
}

} // namespace

std::optional<base::Milliseconds> retryAfter(std::string_view field, base::Instant now)
{
    field = base::trimmed(field);
    const bool digits = !field.empty() && field.find_first_not_of("0123456789") == std::string_view::npos;
    if (digits) {
        const auto waiting = number(field);
        return waiting ? std::min<base::Milliseconds>(seconds(*waiting), kRetryAfterMax) : kRetryAfterMax;
    }
    const auto until = date(field);
    if (!until)
        return {};
    return std::clamp<base::Milliseconds>(*until - now, base::Milliseconds(0), kRetryAfterMax);
}

} // namespace voelgoed::outbound
