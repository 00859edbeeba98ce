#include "device/core/zone/system_zone.h"

#include "device/core/zone/posix_rule.h"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <stdexcept>

namespace voelgoed::zone {

using namespace std::chrono;
using domain::ZoneTable;

namespace {

constexpr const char *kDatabase = "/usr/share/zoneinfo/";
constexpr std::streamoff kRuleMax = 256;
/// Before it there were no changes of the clocks.
constexpr int kFirstYear = 1800;

base::Instant startOf(int year)
{
    return base::Instant(sys_days(std::chrono::year(year) / 1 / 1));
}

using Transitions = std::vector<ZoneTable::Transition>;

/// The last line of the zone's file: its rule for the years behind the listed changes. The library does not read it.
std::optional<PosixRule> ruleOf(const date::time_zone &zone)
{
    std::ifstream file(std::string(kDatabase) + zone.name(), std::ios::binary | std::ios::ate);
    const auto size = static_cast<std::streamoff>(file.tellg());
    std::string end(static_cast<std::size_t>(std::clamp<std::streamoff>(size, 0, kRuleMax)), '\0');
    file.seekg(size - static_cast<std::streamoff>(end.size()));
    if (!file.read(end.data(), static_cast<std::streamsize>(end.size())) || !end.ends_with('\n'))
        return std::nullopt;
    end.pop_back();
    const std::size_t line = end.rfind('\n');
    return line == std::string::npos ? std::nullopt : parsePosixRule(std::string_view(end).substr(line + 1));
}

/// The changes that the database lists before `until`, from the beginning of time on.
Transitions listed(const date::time_zone &zone, seconds &initial, sys_seconds until)
{
    auto stretch = zone.get_info(floor<seconds>(startOf(kFirstYear)));
    initial = stretch.offset;
    Transitions transitions;
    while (stretch.end < until) {
        stretch = zone.get_info(stretch.end);
        transitions.push_back({base::Instant(stretch.begin), stretch.offset});
    }
    return transitions;
}

/// The changes that the rule makes behind those that are listed.
void extend(Transitions &transitions, const PosixRule &rule, sys_seconds until)
{
    if (!rule.summer)
        return;
    const auto last = transitions.empty() ? startOf(kFirstYear) : transitions.back().at;
    for (auto y = year_month_day(floor<days>(last)).year(); startOf(static_cast<int>(y)) < until; ++y) {
        std::array made{ZoneTable::Transition{momentOf(rule.summer->begins, y, rule.offset), rule.summer->offset},
                        ZoneTable::Transition{momentOf(rule.summer->ends, y, rule.summer->offset), rule.offset}};
        if (made[1].at < made[0].at)
            std::swap(made[0], made[1]);
        for (const ZoneTable::Transition &transition : made) {
            if (transition.at > last && transition.at < until)
                transitions.push_back(transition);
        }
    }
}

base::Result<ZoneTable> tableOf(const date::time_zone &zone, const std::string &name, const Years &years)
{
    const auto from = startOf(years.from);
    const auto until = floor<seconds>(startOf(years.to + 1));
    seconds initial{};
    Transitions all = listed(zone, initial, until);
    if (const auto rule = ruleOf(zone))
        extend(all, *rule, until);
    Transitions transitions;
    seconds offset = initial;
    for (const ZoneTable::Transition &transition : all) {
        if (transition.at <= from)
            initial = transition.offset;
        // Stretches that differ in their names alone (EAT, SAST) are one.
        else if (transition.offset != offset)
            transitions.push_back(transition);
        offset = transition.offset;
    }
    return ZoneTable::make(name, initial, std::move(transitions));
}

} // namespace

base::Result<ZoneTable> loadZone(const std::string &name, const Years &years)
{
    base::ensure(years.from >= 1900 && years.from <= years.to && years.to <= 2200, "the years of a time zone table");
    // The library tells that something is missing by exceptions.
    try {
        date::get_tzdb();
    } catch (const std::exception &missing) {
        return base::Error{base::ErrorCode::Unavailable, std::string("time zone database: ") + missing.what(),
                           "Install the package tzdata."};
    }
    const date::time_zone *zone = nullptr;
    try {
        zone = date::locate_zone(name);
    } catch (const std::runtime_error &) {
        return base::Error{base::ErrorCode::NotFound, "no time zone \"" + name + "\"",
                           "Use a name of the IANA database, like Africa/Johannesburg."};
    }
    try {
        return tableOf(*zone, name, years);
    } catch (const std::exception &broken) {
        return base::corrupt("time zone \"" + name + "\": " + broken.what());
    }
}

} // namespace voelgoed::zone
