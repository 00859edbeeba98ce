#pragma once

#include "shared/admission/occupancy.h"

#include <set>
#include <vector>

namespace voelgoed::admission {

/// Persons inside one area, kept ticket by ticket as passages come, so that nobody has to be counted twice: 2 bytes a
/// ticket. One thread.
class AreaCount
{
public:
    using Passages = std::span<const domain::Passage>;

    explicit AreaCount(std::vector<std::chrono::seconds> closingTimes) : m_closingTimes(std::move(closingTimes)) {}

    /// From nothing, as it is at `now`.
    void begin(const domain::ZoneTable &zone, base::Instant now);
    /// Counts the ticket anew. `history` holds its passages at every checkpoint of the area, in the total order.
    void count(domain::Ordinal ordinal, Passages history, const domain::ZoneTable &zone, base::Instant now);

    /// Where a closing has passed since, all are booked out. Those whose last passage was said to lie behind `now` when
    /// they were counted are left, to be counted again.
    std::vector<domain::Ordinal> close(const domain::ZoneTable &zone, base::Instant now);

    /// At the moment of the latest of these calls.
    std::uint64_t inside() const { return m_inside; }
    /// The latest closing that was taken into account.
    std::optional<base::Instant> emptied() const { return m_emptied; }

private:
    std::vector<std::chrono::seconds> m_closingTimes;
    std::vector<std::uint16_t> m_persons; ///< by ordinal
    std::uint64_t m_inside = 0;
    std::optional<base::Instant> m_emptied;
    std::set<domain::Ordinal> m_ahead; ///< tickets with a passage of a clock that was ahead of ours
};

} // namespace voelgoed::admission
