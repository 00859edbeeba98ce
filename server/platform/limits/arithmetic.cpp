#include "server/platform/limits/arithmetic.h"

#include "shared/base/ensure.h"

#include <algorithm>
#include <chrono>
#include <string_view>

namespace voelgoed::limits {

namespace {

bool isName(std::string_view name)
{
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    });
}

base::Milliseconds roundedUp(Micros micros)
{
    return std::chrono::ceil<base::Milliseconds>(std::chrono::microseconds(micros));
}

} // namespace

Rule ruleOf(const Policy &policy, unsigned processes)
{
    const Micros period = std::chrono::microseconds(policy.period).count();
    const Micros rememberMax = std::chrono::microseconds(kRememberMax).count();
    base::ensure(isName(policy.name) && policy.rate >= 1 && policy.burst >= 1 && processes >= 1, "a limit's policy");
    base::ensure(period >= policy.rate && period <= rememberMax, "a limit's period");
    if (policy.shape == Policy::Shape::Window) {
        base::ensure(policy.rate <= kWindowRateMax, "a window that would remember too much");
        return {policy.shape, period, std::max<std::int64_t>(1, policy.rate / processes)};
    }
    const Micros step = period / policy.rate;
    base::ensure(policy.burst <= rememberMax / step, "a limit's burst");
    return {policy.shape, step * processes, std::max<std::int64_t>(1, policy.burst / processes)};
}

Look look(const Rule &rule, Memory &memory, Micros now, std::int64_t cost)
{
    if (rule.shape == Policy::Shape::Smooth) {
        const Micros busy = std::max(memory.busyUntil, now) - now;
        return {.remaining = std::max<std::int64_t>(0, (rule.step * rule.most - busy) / rule.step),
                .retry = std::max<Micros>(0, busy + rule.step * (cost - rule.most)),
                .reset = busy};
    }
    auto &times = memory.times;
    while (!times.empty() && times.front() <= now - rule.step)
        times.pop_front();
    const auto count = static_cast<std::int64_t>(times.size());
    const std::int64_t over = count + cost - rule.most;
    Look look{.remaining = std::max<std::int64_t>(0, rule.most - count)};
    if (over > 0)
        look.retry = (over <= count ? times[static_cast<std::size_t>(over - 1)] : now) + rule.step - now;
    if (count > 0)
        look.reset = times.back() + rule.step - now;
    return look;
}

void take(const Rule &rule, Memory &memory, Micros now, std::int64_t cost)
{
    if (rule.shape == Policy::Shape::Smooth) {
        memory.busyUntil = std::max(memory.busyUntil, now) + rule.step * cost;
        return;
    }
    // A clock that was set back must not put a later one before an earlier one.
    const Micros at = memory.times.empty() ? now : std::max(now, memory.times.back());
    memory.times.insert(memory.times.end(), static_cast<std::size_t>(cost), at);
}

Outcome outcomeOf(const Look &look)
{
    return {.allowed = look.retry == 0,
            .remaining = look.remaining,
            .retryAfter = roundedUp(look.retry),
            .resetAfter = roundedUp(look.reset)};
}

} // namespace voelgoed::limits
