#pragma once

#include "shared/base/instant.h"

#include <string_view>

namespace voelgoed::limits {

/// A limit with a name, as a constant with static storage: `rate` in each `period`.
///
///     constexpr limits::Policy kApiReads{.name = "api.reads", .burst = 100, .rate = 1'000, .period = 60s};
struct Policy
{
    enum class Shape {
        Smooth, ///< GCRA: `burst` at once, then evenly one each period/rate. One small key.
        Window  ///< never more than `rate` in any stretch of `period`; remembers each one, so `rate` is at most 1,000
    };
    /// What to do while Redis is away.
    enum class Away {
        Share, ///< limit in this process, to its share of the rate
        Refuse ///< allow nothing: anonymous writes
    };

    const char *name; ///< [a-z0-9._-], unique
    Shape shape = Shape::Smooth;
    std::int64_t burst = 1;           ///< for Window: of no account
    std::int64_t rate = 1;            ///< at most one a microsecond
    base::Milliseconds period{1'000}; ///< what is remembered fades within kRememberMax
    Away away = Away::Share;
};

inline constexpr base::Milliseconds kRememberMax = std::chrono::hours(24);
inline constexpr std::int64_t kWindowRateMax = 1'000;

/// What a limit says to one request.
struct Outcome
{
    bool allowed = false;
    std::int64_t remaining = 0;      ///< how many more would be allowed now
    base::Milliseconds retryAfter{}; ///< when denied: in so long this one would be allowed
    base::Milliseconds resetAfter{}; ///< in so long everything is as if nothing had been asked

    friend bool operator==(const Outcome &, const Outcome &) = default;
};

} // namespace voelgoed::limits
