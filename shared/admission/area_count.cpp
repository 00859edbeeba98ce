#include "shared/admission/area_count.h"

#include <algorithm>
#include <utility>

namespace voelgoed::admission {

void AreaCount::begin(const domain::ZoneTable &zone, base::Instant now)
{
    m_persons.clear();
    m_ahead.clear();
    m_inside = 0;
    m_emptied = Closing{zone, m_closingTimes}.lastBefore(now);
}

void AreaCount::count(domain::Ordinal ordinal, Passages history, const domain::ZoneTable &zone, base::Instant now)
{
    const std::uint32_t inside = std::min<std::uint32_t>(insideOf(history, {zone, m_closingTimes}, now), UINT16_MAX);
    if (ordinal.value >= m_persons.size())
        m_persons.resize(std::max<std::size_t>(ordinal.value + 1, m_persons.size() * 2));
    m_inside += inside;
    m_inside -= m_persons[ordinal.value];
    m_persons[ordinal.value] = static_cast<std::uint16_t>(inside);
    if (!history.empty() && history.back().at > now)
        m_ahead.insert(ordinal);
}

std::vector<domain::Ordinal> AreaCount::close(const domain::ZoneTable &zone, base::Instant now)
{
    const auto closed = Closing{zone, m_closingTimes}.lastBefore(now);
    if (!closed || (m_emptied && *closed <= *m_emptied))
        return {};
    std::fill(m_persons.begin(), m_persons.end(), std::uint16_t{0});
    m_inside = 0;
    m_emptied = closed;
    const auto ahead = std::exchange(m_ahead, {});
    return {ahead.begin(), ahead.end()};
}

} // namespace voelgoed::admission
