#pragma once

#include "device/core/journal/journal.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

/// Passages of several devices, as they come in, and a plain list to hold a book to.
namespace voelgoed::index::sample {

inline const std::vector<std::string> kCheckpoints{"main", "camp", "vip", "loose"};
inline const std::vector<std::string> kGates{"north", "south", ""};
inline const std::vector<std::string> kDevices{"own", "other-1", "other-2"};

/// Makes marks whose keys are all different and whose times lie within some hours around `now`, so that rows come late
/// and out of order.
class Marks
{
public:
    explicit Marks(std::uint32_t seed) : m_random(seed) {}

    std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(m_random() % limit); }

    journal::Mark next(base::Instant now, base::Milliseconds early, base::Milliseconds late)
    {
        const std::uint32_t device = below(static_cast<std::uint32_t>(kDevices.size()));
        const auto span = static_cast<std::uint32_t>((early + late).count() + 1);
        return {.row = {{kDevices[device]}, {1 + device}, {++m_sequence}},
                .ordinal = {1 + below(20)},
                .checkpoint = {kCheckpoints[below(static_cast<std::uint32_t>(kCheckpoints.size()))]},
                .gate = {kGates[below(static_cast<std::uint32_t>(kGates.size()))]},
                .direction = below(3) == 0 ? domain::Direction::Exit : domain::Direction::Entry,
                .count = static_cast<std::uint16_t>(1 + below(4)),
                .overridden = below(10) == 0,
                // Now and then the same moment as another's, for the rest of the total order.
                .at = now - late + base::Milliseconds(below(span) / 60'000 * 60'000)};
    }

private:
    std::mt19937 m_random;
    std::uint64_t m_sequence = 0;
};

/// The total order of scans.
inline bool comesBefore(const journal::Mark &a, const journal::Mark &b)
{
    return std::tie(a.at, a.row.device, a.row.sequence) < std::tie(b.at, b.row.device, b.row.sequence);
}

/// The marks of a ticket at these checkpoints, in the total order.
inline std::vector<journal::Mark> marksOf(const std::vector<journal::Mark> &all, domain::Ordinal ordinal,
                                          const std::vector<std::string> &checkpoints)
{
    std::vector<journal::Mark> marks;
    for (const journal::Mark &mark : all) {
        if (mark.ordinal == ordinal &&
            std::find(checkpoints.begin(), checkpoints.end(), mark.checkpoint.text) != checkpoints.end())
            marks.push_back(mark);
    }
    std::sort(marks.begin(), marks.end(), comesBefore);
    return marks;
}

} // namespace voelgoed::index::sample
