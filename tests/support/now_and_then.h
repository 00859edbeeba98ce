#pragma once

#include <chrono>
#include <utility>

namespace voelgoed::test {

/// A condition that takes time to ask, such as one of the database: asked at most ten times a second. Behind each step
/// of what is waited for, as runUntil() asks, it would take all the time from it.
template <class Condition>
auto nowAndThen(Condition holds)
{
    return [holds = std::move(holds), next = std::chrono::steady_clock::time_point()]() mutable {
        if (std::chrono::steady_clock::now() < next)
            return false;
        const bool answer = holds();
        next = std::chrono::steady_clock::now() + std::chrono::milliseconds(100);
        return answer;
    };
}

} // namespace voelgoed::test
