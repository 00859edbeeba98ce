#pragma once

#include "device/core/index/passage_book.h"
#include "shared/admission/area_count.h"
#include "shared/admission/rulebook.h"

#include <map>
#include <string>
#include <vector>

namespace voelgoed::index {

/// How many persons are inside each area and went through each gate, kept as passages come: 2 bytes a ticket and area.
/// One thread.
class OccupancyBook
{
public:
    /// Counts everything anew. Both are borrowed for as long as this is used.
    void rebuild(const admission::Rulebook &rulebook, const PassageBook &passages, base::Instant now);

    /// A passage was added to the book, or taken out of it.
    enum class Change { Added, Removed };
    void update(const journal::Mark &mark, Change change, base::Instant now);

    /// Persons inside the area of this checkpoint: its zone's checkpoints together, or itself.
    std::uint32_t inside(const domain::CheckpointId &checkpoint, base::Instant now);
    /// Entries less exits through the gate, never below 0.
    std::uint32_t throughGate(const domain::GateId &gate) const;

private:
    struct Area
    {
        std::vector<domain::CheckpointId> checkpoints;
        admission::AreaCount persons;
    };

    void emptyIfClosed(Area &area, base::Instant now);
    void count(Area &area, domain::Ordinal ordinal, base::Instant now);

    const admission::Rulebook *m_rulebook = nullptr;
    const PassageBook *m_passages = nullptr;
    std::vector<Area> m_areas;
    std::map<std::string, std::size_t, std::less<>> m_areaOf; ///< by checkpoint
    std::map<std::string, std::int64_t, std::less<>> m_gates;
};

} // namespace voelgoed::index
