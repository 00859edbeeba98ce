#include "server/slices/api/throttle.h"

#include "server/platform/limits/headers.h"

namespace voelgoed::api {

using async::Task;
using limits::Ask;
using namespace std::chrono_literals;

namespace {

constexpr limits::Policy kAtOnce{.name = "api.key.at_once", .burst = kCallsAtOnce, .rate = kCallsAtOnce};
constexpr base::Milliseconds kTryAgain = 1s;

std::vector<Ask> asksOf(std::optional<base::Uuid> key, std::int64_t cost)
{
    std::vector<Ask> asks;
    if (key)
        asks.push_back({.policy = &kKeyPolicy, .subject = base::toText(*key), .cost = cost});
    asks.push_back({.policy = &kOrganizationPolicy, .subject = "keys", .cost = cost});
    return asks;
}

/// A day's quota, said as the other limits are.
limits::Policy policyOf(const DayUse &day)
{
    return {.name = "api.day", .burst = day.limit, .rate = day.limit, .period = 24h};
}

} // namespace

const limits::Policy kKeyPolicy{.name = "api.key", .burst = 100, .rate = 1'000, .period = 60s};
const limits::Policy kOrganizationPolicy{.name = "api.organization", .burst = 600, .rate = 6'000, .period = 60s};

Task<actions::Throttle::Verdict> KeyThrottle::count(Asking asking)
{
    const access::Actor &actor = asking.actor;
    if (actor.kind != access::ActorKind::ApiKey || !actor.organization)
        co_return Verdict();
    Verdict verdict;
    const base::Uuid organization = *actor.organization, key = actor.id;
    if (m_inHand[key] >= kCallsAtOnce) {
        if (m_parts.limited)
            m_parts.limited(kAtOnce);
        m_parts.usage.count(organization, key, m_parts.clock.now().wall, Usage::Outcome::Denied);
        verdict.allowed = false;
        verdict.retryAfter = kTryAgain;
        co_return verdict;
    }
    ++m_inHand[key];
    verdict.held = std::shared_ptr<void>(nullptr, [this, key](void *) {
        if (--m_inHand[key] == 0)
            m_inHand.erase(key);
    });
    std::vector<Ask> asks = asksOf(key, 1);
    limits::Decision decision = co_await m_parts.limiter.take(redis::Tag::organization(organization), asks);
    // What is denied for a minute's limit uses nothing of the day's.
    const auto day = co_await m_parts.quotas.take(organization, decision.allowed() ? 1 : 0);
    limits::Policy quota;
    if (day) {
        quota = policyOf(*day);
        asks.push_back({.policy = &quota, .subject = "keys"});
        const limits::Outcome outcome{.allowed = day->allowed,
                                      .remaining = day->remaining(),
                                      .retryAfter = day->allowed ? base::Milliseconds(0) : day->untilMidnight,
                                      .resetAfter = day->untilMidnight};
        decision.each.push_back(outcome);
        if (!outcome.allowed) {
            decision.outcome = outcome;
            decision.policy = &quota;
            if (m_parts.limited)
                m_parts.limited(quota);
        }
    }
    m_parts.usage.count(organization, key, m_parts.clock.now().wall,
                        decision.allowed() ? Usage::Outcome::Allowed : Usage::Outcome::Denied);
    verdict.allowed = decision.allowed();
    verdict.retryAfter = decision.outcome.retryAfter;
    verdict.fields = limits::headersOf(decision, asks);
    co_return verdict;
}

Task<KeyThrottle::Left> KeyThrottle::left(base::Uuid organization, std::optional<base::Uuid> key)
{
    Left left;
    left.asks = asksOf(key, 0);
    left.decision = co_await m_parts.limiter.take(redis::Tag::organization(organization), left.asks);
    left.day = co_await m_parts.quotas.take(organization, 0);
    co_return left;
}

} // namespace voelgoed::api
