#include "shared/admission/occupancy.h"

#include <algorithm>

namespace voelgoed::admission {

using domain::ZoneTable;

base::Instant lastClose(const ZoneTable &zone, std::chrono::seconds closeAt, base::Instant at)
{
    // Around a change of the clocks today's closing can lie a little after its time of day says: then it was the one of
    // the day before.
    const auto today = zone.dayOf(at);
    constexpr int kDaysBack = 2;
    for (int back = -1; back < kDaysBack; ++back) {
        const base::Instant close = zone.toInstant(ZoneTable::LocalTime(today - std::chrono::days(back)) + closeAt);
        if (close <= at)
            return close;
    }
    // Further back than days are long: only for moments that no calendar reaches.
    return at;
}

std::optional<base::Instant> Closing::lastBefore(base::Instant at) const
{
    std::optional<base::Instant> last;
    for (const std::chrono::seconds time : times) {
        const base::Instant close = lastClose(zone, time, at);
        if (!last || close > *last)
            last = close;
    }
    return last;
}

std::uint32_t insideOf(std::span<const domain::Passage> history, const Closing &closing, base::Instant now)
{
    const auto emptied = [&](base::Instant since, base::Instant until) {
        const auto last = closing.lastBefore(until);
        return last && *last > since;
    };
    std::uint32_t inside = 0;
    for (std::size_t i = 0; i < history.size(); ++i) {
        const domain::Passage &passage = history[i];
        if (i > 0 && emptied(history[i - 1].at, passage.at))
            inside = 0;
        if (passage.direction == domain::Direction::Entry)
            inside += passage.count;
        else
            inside -= std::min<std::uint32_t>(inside, passage.count);
    }
    if (inside > 0 && !history.empty() && history.back().at < now && emptied(history.back().at, now))
        inside = 0;
    return inside;
}

std::uint32_t admittedOf(std::span<const domain::Passage> history)
{
    std::uint32_t persons = 0;
    for (const domain::Passage &passage : history) {
        if (passage.direction == domain::Direction::Entry)
            persons += passage.count;
    }
    return persons;
}

std::optional<std::uint32_t> spentOf(std::span<const domain::Passage> history, const Allowance &allowance,
                                     base::Instant at)
{
    switch (allowance.reentry) {
    case domain::Reentry::Always:
        return std::nullopt;
    case domain::Reentry::Never:
        return admittedOf(history);
    case domain::Reentry::AfterExit:
        return insideOf(history, allowance.closing, at);
    }
    return std::nullopt;
}

bool isWithin(std::span<const domain::Passage> history, const Allowance &allowance, const Party &party)
{
    const auto spent = spentOf(history, allowance, party.at);
    return !spent || *spent + party.count <= allowance.admits;
}

} // namespace voelgoed::admission
