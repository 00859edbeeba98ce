#pragma once

#include "shared/base/clock.h"
#include "shared/domain/row.h"
#include "shared/domain/scan.h"

#include <optional>

namespace voelgoed::clock {

/// What is known to have passed already, whatever the machine's clock says.
struct Floors
{
    base::Instant built;                  ///< when this program was built
    std::optional<base::Instant> list;    ///< signed: when the list in force was made
    std::optional<base::Instant> journal; ///< when this device wrote its last row
    std::optional<base::Instant> sure;    ///< when it wrote its last row with a clock that could be believed

    friend bool operator==(const Floors &, const Floors &) = default;
};

/// A moment as the gate takes it.
struct Moment
{
    base::Instant at;   ///< corrected: what verdicts and the order of rows go by
    base::Instant wall; ///< what the machine's clock said
    base::Milliseconds sinceBoot{};
    domain::ClockState state = domain::ClockState::Assumed;
    domain::TimeTrust trust = domain::TimeTrust::Full;

    friend bool operator==(const Moment &, const Moment &) = default;
};

/// Turns a clock that can be wrong, jump and start in 1970 into a time that never falls below what is known to have
/// passed, or was written down as having passed. While the program runs, time passes as the boot clock says: a wall
/// clock that somebody moves changes nothing, unless a time server vouches for it or it leaves a time that was
/// impossible. One thread.
class CorrectedClock
{
public:
    CorrectedClock(base::Clock &clock, const Floors &floors);

    Moment now();

    /// A list with a newer signed time has come into force.
    void raiseList(base::Instant madeAt);

    /// A row of this device's was written down with this time.
    void wrote(base::Instant at);

    /// The server's signed time, just received.
    void anchor(base::Instant serverTime);

private:
    base::Instant floor() const;
    void takeFrom(const base::ClockReading &reading);

    base::Clock &m_clock;
    Floors m_floors;
    base::Milliseconds m_offset{}; ///< corrected time - boot time
    domain::ClockState m_state = domain::ClockState::Assumed;
};

} // namespace voelgoed::clock
