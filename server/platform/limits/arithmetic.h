#pragma once

#include "server/platform/limits/policy.h"

#include <cstdint>
#include <deque>

namespace voelgoed::limits {

/// Time in whole microseconds, so that Lua's numbers and ours are the same.
using Micros = std::int64_t;

/// A policy as the arithmetic takes it. Smooth (GCRA): one each `step`, `most` at once. Window: `most` in any `step`.
struct Rule
{
    Policy::Shape shape = Policy::Shape::Smooth;
    Micros step = 0;
    std::int64_t most = 0;
};

/// Ends the program for a policy that breaks the limits of policy.h. With `processes` above 1: the share of one of
/// them, at least one at a time.
Rule ruleOf(const Policy &policy, unsigned processes = 1);

/// What is remembered of one subject under one rule. As Redis keeps it: a number, or a list.
struct Memory
{
    Micros busyUntil = 0;     ///< Smooth: the theoretical arrival time
    std::deque<Micros> times; ///< Window: when each was taken
};

/// What a rule says at one moment.
struct Look
{
    std::int64_t remaining = 0;
    Micros retry = 0; ///< above 0: denied for so long
    Micros reset = 0;

    friend bool operator==(const Look &, const Look &) = default;
};

/// Whether `cost` could be taken now. Forgets what is past, and takes nothing.
Look look(const Rule &rule, Memory &memory, Micros now, std::int64_t cost);
void take(const Rule &rule, Memory &memory, Micros now, std::int64_t cost);

Outcome outcomeOf(const Look &look);

} // namespace voelgoed::limits
