#include "device/core/index/occupancy_book.h"

#include <algorithm>

namespace voelgoed::index {

void OccupancyBook::rebuild(const admission::Rulebook &rulebook, const PassageBook &passages, base::Instant now)
{
    m_rulebook = &rulebook;
    m_passages = &passages;
    m_areas.clear();
    m_areaOf.clear();
    m_gates.clear();
    for (const admission::CompiledCheckpoint &checkpoint : rulebook.checkpoints()) {
        if (m_areaOf.contains(checkpoint.definition.id.view()))
            continue;
        for (const domain::CheckpointId &member : checkpoint.area)
            m_areaOf.emplace(member.text, m_areas.size());
        m_areas.push_back({.checkpoints = checkpoint.area, .persons = admission::AreaCount(checkpoint.closingTimes)});
        m_areas.back().persons.begin(rulebook.zone(), now);
    }
    std::optional<domain::Ordinal> last;
    passages.each([&](const journal::Mark &mark) {
        m_gates[mark.gate.text] += mark.direction == domain::Direction::Entry ? mark.count : -mark.count;
        if (last == mark.ordinal)
            return;
        last = mark.ordinal;
        for (Area &area : m_areas)
            count(area, mark.ordinal, now);
    });
}

void OccupancyBook::update(const journal::Mark &mark, Change change, base::Instant now)
{
    const std::int64_t persons = mark.direction == domain::Direction::Entry ? mark.count : -std::int64_t{mark.count};
    m_gates[mark.gate.text] += change == Change::Added ? persons : -persons;
    const auto area = m_areaOf.find(mark.checkpoint.view());
    if (area == m_areaOf.end())
        return;
    emptyIfClosed(m_areas[area->second], now);
    count(m_areas[area->second], mark.ordinal, now);
}

void OccupancyBook::count(Area &area, domain::Ordinal ordinal, base::Instant now)
{
    const History history = m_passages->historyOf(ordinal, area.checkpoints);
    area.persons.count(ordinal, history.passages, m_rulebook->zone(), now);
}

void OccupancyBook::emptyIfClosed(Area &area, base::Instant now)
{
    // Who passed after this closing, by another device's clock, was counted before it.
    for (const domain::Ordinal ordinal : area.persons.close(m_rulebook->zone(), now))
        count(area, ordinal, now);
}

std::uint32_t OccupancyBook::inside(const domain::CheckpointId &checkpoint, base::Instant now)
{
    const auto found = m_areaOf.find(checkpoint.view());
    if (found == m_areaOf.end())
        return 0;
    Area &area = m_areas[found->second];
    emptyIfClosed(area, now);
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(area.persons.inside(), UINT32_MAX));
}

std::uint32_t OccupancyBook::throughGate(const domain::GateId &gate) const
{
    const auto found = m_gates.find(gate.view());
    return found == m_gates.end() || found->second < 0 ? 0 : static_cast<std::uint32_t>(found->second);
}

} // namespace voelgoed::index
