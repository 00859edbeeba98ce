#include "device/core/zone/system_zone.h"

#include <date/tz.h>

#include <stdexcept>

namespace voelgoed::zone {

using namespace std::chrono;
using domain::ZoneTable;

namespace {

base::Instant startOf(int year)
{
    return base::Instant(sys_days(std::chrono::year(year) / 1 / 1));
}

base::Result<ZoneTable> tableOf(const date::time_zone &zone, const std::string &name, const Years &years)
{
    const auto until = floor<seconds>(startOf(years.to + 1));
    auto stretch = zone.get_info(floor<seconds>(startOf(years.from)));
    const seconds initial = stretch.offset;
    seconds offset = initial;
    std::vector<ZoneTable::Transition> transitions;
    // Stretches that differ in their names alone (EAT, SAST) are one.
    while (stretch.end < until && transitions.size() <= ZoneTable::kMaxTransitions) {
        stretch = zone.get_info(stretch.end);
        if (stretch.offset == offset)
            continue;
        offset = stretch.offset;
        transitions.push_back({base::Instant(stretch.begin), offset});
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
