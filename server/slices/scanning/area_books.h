#pragma once

#include "server/slices/scanning/store.h"
#include "shared/admission/area_count.h"

namespace voelgoed::scanning {

/// The area of one checkpoint, as the event's feed stands.
struct AreaQuestion
{
    base::Uuid event{};
    std::int64_t head = 0; ///< of the feed
    std::shared_ptr<const EventBook> book;
    const admission::CompiledCheckpoint *checkpoint = nullptr; ///< of the book
    base::Instant now;
};

/// Persons inside areas that have a capacity, for scans that are judged here: exactly as a gate counts them, ticket by
/// ticket. Kept in memory; what was added to the feed since the last question is read, and nothing else. One thread.
class AreaBooks
{
public:
    /// In a transaction that holds the event's feed, so that nobody passes meanwhile.
    async::Task<base::Result<std::uint32_t>> inside(pg::Tx &tx, AreaQuestion question);

private:
    static constexpr std::size_t kKept = 64;

    struct Area
    {
        std::shared_ptr<const EventBook> book; ///< that it was counted by
        admission::AreaCount persons{{}};
        std::int64_t head = 0;
        std::uint64_t asked = 0;
    };
    using Key = std::pair<base::Uuid, std::string>; ///< event, and the area's first checkpoint

    Area &areaOf(const Key &key);

    std::map<Key, Area> m_areas;
    std::uint64_t m_asked = 0;
};

} // namespace voelgoed::scanning
