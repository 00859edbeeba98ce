#include "device/core/clock/corrected_clock.h"

#include <algorithm>

namespace voelgoed::clock {

using base::Instant;
using base::Milliseconds;
using domain::ClockState;

namespace {

/// How far a sound clock may lie behind the floor: drift, and the seconds between a row and its restart.
constexpr Milliseconds kSlack = std::chrono::seconds(5);
constexpr Milliseconds kDrift = Milliseconds(500);

Milliseconds bootOffset(Instant at, const base::ClockReading &reading)
{
    return at.time_since_epoch() - reading.sinceBoot;
}

} // namespace

CorrectedClock::CorrectedClock(base::Clock &clock, const Floors &floors) : m_clock(clock), m_floors(floors)
{
    takeFrom(m_clock.now());
}

Instant CorrectedClock::floor() const
{
    Instant floor = m_floors.built;
    if (m_floors.list)
        floor = std::max(floor, *m_floors.list);
    if (m_floors.journal)
        floor = std::max(floor, *m_floors.journal);
    return floor;
}

void CorrectedClock::takeFrom(const base::ClockReading &reading)
{
    const bool possible = reading.wall + kSlack >= floor();
    m_state = possible ? ClockState::Assumed : ClockState::Bracketed;
    m_offset = bootOffset(possible ? reading.wall : floor(), reading);
}

Moment CorrectedClock::now()
{
    const base::ClockReading reading = m_clock.now();
    Instant at(m_offset + reading.sinceBoot);
    if (m_state != ClockState::Anchored) {
        const bool off = std::chrono::abs(reading.wall - at) > kDrift;
        const bool vouchedFor = reading.synchronised && reading.wall + kSlack >= floor();
        const bool becamePossible = m_state == ClockState::Bracketed && reading.wall + kSlack >= floor();
        if (off && (vouchedFor || becamePossible)) {
            takeFrom(reading);
            at = Instant(m_offset + reading.sinceBoot);
        }
    }
    // Behind what this device itself wrote down it was switched off for an unknown while, most likely minutes: what no
    // time decides can go on. Behind the list or the build alone it could be any day, whatever it wrote down since.
    const bool journalTells =
        m_floors.sure && *m_floors.sure >= std::max(m_floors.built, m_floors.list.value_or(m_floors.built));
    const auto bracketed = journalTells ? domain::TimeTrust::NotBefore : domain::TimeTrust::None;
    return {.at = std::max(at, floor()),
            .wall = reading.wall,
            .sinceBoot = reading.sinceBoot,
            .state = m_state,
            .trust = m_state == ClockState::Bracketed ? bracketed : domain::TimeTrust::Full};
}

void CorrectedClock::raiseList(Instant madeAt)
{
    m_floors.list = std::max(m_floors.list.value_or(madeAt), madeAt);
    const base::ClockReading reading = m_clock.now();
    if (m_state != ClockState::Anchored && Instant(m_offset + reading.sinceBoot) + kSlack < floor())
        takeFrom(reading);
}

void CorrectedClock::wrote(Instant at)
{
    m_floors.journal = std::max(m_floors.journal.value_or(at), at);
    if (m_state != ClockState::Bracketed)
        m_floors.sure = m_floors.journal;
}

void CorrectedClock::anchor(Instant serverTime)
{
    const base::ClockReading reading = m_clock.now();
    m_state = ClockState::Anchored;
    m_offset = bootOffset(serverTime, reading);
    m_floors.list = serverTime;
    // The server's word also takes back a time that was too far ahead, here and in the journal.
    if (m_floors.journal)
        m_floors.journal = std::min(*m_floors.journal, serverTime);
    if (m_floors.sure)
        m_floors.sure = std::min(*m_floors.sure, serverTime);
}

} // namespace voelgoed::clock
