#include "shared/domain/zone_table.h"

#include <algorithm>

namespace voelgoed::domain {

using namespace std::chrono;

ZoneTable::ZoneTable() = default;

base::Result<ZoneTable> ZoneTable::make(std::string name, seconds initial, std::vector<Transition> transitions)
{
    const auto sane = [](seconds offset) { return offset > -days(1) && offset < days(1); };
    if (name.empty())
        return base::invalid("time zone: it has no name");
    if (transitions.size() > kMaxTransitions)
        return base::invalid("time zone " + name + ": more than " + std::to_string(kMaxTransitions) + " transitions");
    if (!sane(initial))
        return base::invalid("time zone " + name + ": an offset of a day or more");
    for (std::size_t i = 0; i < transitions.size(); ++i) {
        if (!sane(transitions[i].offset))
            return base::invalid("time zone " + name + ": an offset of a day or more");
        if (i > 0 && transitions[i].at <= transitions[i - 1].at)
            return base::invalid("time zone " + name + ": transitions are not in ascending order");
    }
    ZoneTable table;
    table.m_name = std::move(name);
    table.m_initial = initial;
    table.m_transitions = std::move(transitions);
    return table;
}

seconds ZoneTable::offsetAt(base::Instant at) const
{
    const auto next = std::upper_bound(m_transitions.begin(), m_transitions.end(), at,
                                       [](base::Instant moment, const Transition &t) { return moment < t.at; });
    return next == m_transitions.begin() ? m_initial : std::prev(next)->offset;
}

ZoneTable::LocalTime ZoneTable::toLocal(base::Instant at) const
{
    return LocalTime(at.time_since_epoch() + offsetAt(at));
}

ZoneTable::LocalDay ZoneTable::dayOf(base::Instant at) const
{
    return floor<days>(toLocal(at));
}

unsigned ZoneTable::isoWeekdayOf(base::Instant at) const
{
    return weekday(dayOf(at)).iso_encoding();
}

base::Instant ZoneTable::toInstant(LocalTime local) const
{
    // Offsets are within a day of UTC, so the stretches of constant offset from a day before to a day after bracket the
    // answer. Walked in order, the first one that contains the moment is the first time that clocks showed it.
    const base::Instant guess(local.time_since_epoch());
    auto next = std::upper_bound(m_transitions.begin(), m_transitions.end(), guess - days(1),
                                 [](base::Instant moment, const Transition &t) { return moment < t.at; });
    seconds offset = next == m_transitions.begin() ? m_initial : std::prev(next)->offset;
    for (; next != m_transitions.end() && next->at <= guess - offset; ++next) {
        if (guess - next->offset < next->at)
            return guess - offset - hours(1); // clocks jumped over it
        offset = next->offset;
    }
    return guess - offset;
}

} // namespace voelgoed::domain
