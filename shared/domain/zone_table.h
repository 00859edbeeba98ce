#pragma once

#include "shared/base/instant.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace voelgoed::domain {

/// The offsets of one time zone from UTC over a span of years, as a value. It travels inside the event's definition, so
/// that devices with different time zone databases still give the same verdicts.
class ZoneTable
{
public:
    /// From `at` on, local time is UTC + `offset`.
    struct Transition
    {
        base::Instant at;
        std::chrono::seconds offset{};

        friend bool operator==(const Transition &, const Transition &) = default;
    };

    using LocalDay = std::chrono::local_days;
    using LocalTime = std::chrono::local_time<base::Milliseconds>;

    /// UTC, under the name "UTC".
    ZoneTable();

    /// `initial` holds before the first transition. Transitions must be in ascending order, offsets within a day of
    /// UTC, at most kMaxTransitions: Invalid otherwise.
    static base::Result<ZoneTable> make(std::string name, std::chrono::seconds initial,
                                        std::vector<Transition> transitions);

    const std::string &name() const { return m_name; } ///< IANA name, "Africa/Johannesburg"
    std::chrono::seconds initialOffset() const { return m_initial; }
    const std::vector<Transition> &transitions() const { return m_transitions; }

    std::chrono::seconds offsetAt(base::Instant at) const;
    LocalTime toLocal(base::Instant at) const;
    LocalDay dayOf(base::Instant at) const;
    unsigned isoWeekdayOf(base::Instant at) const; ///< 1 Monday … 7 Sunday

    /// The moment at which clocks showed `local`. One that they skipped (going forward) is the instant one hour
    /// earlier; one that they showed twice (going back) is the first. (admission.md, section 4)
    base::Instant toInstant(LocalTime local) const;

    friend bool operator==(const ZoneTable &, const ZoneTable &) = default;

    static constexpr std::size_t kMaxTransitions = 1024;

private:
    std::string m_name = "UTC";
    std::chrono::seconds m_initial{0};
    std::vector<Transition> m_transitions;
};

} // namespace voelgoed::domain
