#include "device/core/sync/schedule.h"

#include "shared/protocol/exchange_up.h"

namespace voelgoed::sync {

using namespace std::chrono_literals;

namespace {

constexpr base::Milliseconds kGather = 4ms;
constexpr base::Milliseconds kFirstBackoff = 1s;
constexpr base::Milliseconds kLongestBackoff = 30s;
constexpr base::Milliseconds kHeartbeat = 30s; ///< where no question is under way that says as much
constexpr base::Milliseconds kPauseMax = 10min;

} // namespace

void Schedule::setPending(bool pending, Time now)
{
    if (!pending)
        m_pendingSince.reset();
    else if (!m_pendingSince)
        m_pendingSince = now;
}

std::optional<Schedule::Time> Schedule::next(Lane lane) const
{
    if (of(lane).underWay)
        return std::nullopt;
    if (lane == Lane::Listen)
        return m_listening ? std::optional(std::max(m_notBefore, m_askNotBefore)) : std::nullopt;
    if (m_pendingSince)
        return std::max(m_notBefore, *m_pendingSince + (m_hurry ? 0ms : kGather));
    if (m_listening)
        return std::nullopt;
    return std::max(m_notBefore, m_up.last ? *m_up.last + kHeartbeat : 0ms);
}

base::Milliseconds Schedule::wait() const
{
    return m_behind || m_hurry || m_failures > 0 ? 0ms : protocol::kWaitMax;
}

void Schedule::hurry()
{
    m_hurry = true;
    m_failures = 0;
    m_notBefore = {};
}

void Schedule::began(Lane lane)
{
    of(lane).underWay = true;
    if (lane == Lane::Up)
        m_pendingSince.reset();
}

void Schedule::answered(Lane lane, Time now, base::Milliseconds pause)
{
    of(lane) = {.underWay = false, .last = now};
    m_failures = 0;
    m_notBefore = std::max(m_notBefore, now + std::min(pause, kPauseMax));
}

void Schedule::failed(Lane lane, Time now, base::Milliseconds retryAfter)
{
    of(lane).underWay = false;
    // The other lane's failure is mostly the same one.
    if (now >= m_notBefore) {
        base::Milliseconds backoff = kFirstBackoff;
        for (int i = 0; i < m_failures && backoff < kLongestBackoff && !m_hurry; ++i)
            backoff *= 2;
        backoff = std::min(backoff, kLongestBackoff);
        const auto half = static_cast<std::uint64_t>(backoff.count() / 2);
        m_notBefore = now + backoff - base::Milliseconds(m_random.below(half + 1));
        ++m_failures;
    }
    m_notBefore = std::max(m_notBefore, now + std::min(retryAfter, kPauseMax));
}

} // namespace voelgoed::sync
