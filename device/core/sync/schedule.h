#pragma once

#include "shared/base/instant.h"
#include "shared/base/random.h"

#include <algorithm>
#include <optional>

namespace voelgoed::sync {

/// The two kinds of exchange. Each has one under way at most: rows do not wait for the answer to a long question, nor
/// does that wait for rows.
enum class Lane { Up, Listen };

/// When to speak to the server. Pure: moments come from outside, by a clock that never jumps (ClockReading::sinceBoot).
///
/// A row goes a few milliseconds after it was made, with those that come meanwhile. After a failure both lanes wait,
/// 1 s at first, then twice as long each time up to 30 s, less up to half of it by chance, without end; a server that
/// says how long to wait is waited for.
class Schedule
{
public:
    using Time = base::Milliseconds;

    explicit Schedule(base::Random &random) : m_random(random) {}

    /// Whether there is something to send, as of now.
    void setPending(bool pending, Time now);
    /// Whether changes are asked for at all.
    void setListening(bool listening) { m_listening = listening; }
    /// The feed is not at its end: the next question is asked at once, and does not wait for an answer.
    void setBehind(bool behind) { m_behind = behind; }
    /// Nothing is gathered any more, and everything is to go at once, also to a server that was not there a moment ago:
    /// the program ends.
    void hurry();

    bool isUnderWay(Lane lane) const { return of(lane).underWay; }
    /// When the lane is to send next, now or later; nothing while it is under way or has nothing to say.
    std::optional<Time> next(Lane lane) const;
    /// How long the next question may wait for changes.
    base::Milliseconds wait() const;

    void began(Lane lane);
    /// There was nothing to send after all.
    void skipped(Lane lane) { of(lane).underWay = false; }
    /// The server answered; it wants no other exchange for `pause`.
    void answered(Lane lane, Time now, base::Milliseconds pause);
    /// Nobody asks for changes before this.
    void holdQuestions(Time until) { m_askNotBefore = until; }
    /// Exchanges of both lanes that failed since one was answered.
    int failures() const { return m_failures; }
    /// No answer, or none that can be trusted. `retryAfter`: what it said.
    void failed(Lane lane, Time now, base::Milliseconds retryAfter);

private:
    struct State
    {
        bool underWay = false;
        std::optional<Time> last; ///< when it was answered
    };
    State &of(Lane lane) { return lane == Lane::Up ? m_up : m_listen; }
    const State &of(Lane lane) const { return lane == Lane::Up ? m_up : m_listen; }

    base::Random &m_random;
    State m_up, m_listen;
    std::optional<Time> m_pendingSince;
    bool m_listening = false;
    bool m_behind = true; ///< nobody knows yet
    bool m_hurry = false;
    int m_failures = 0;
    Time m_notBefore{};
    Time m_askNotBefore{};
};

} // namespace voelgoed::sync
