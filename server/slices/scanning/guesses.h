#pragma once

#include "server/platform/actions/dispatcher.h"
#include "server/platform/limits/limiter.h"

/// Codes that are typed by hand are short enough to be worth a try. Whoever tries many that lead nowhere waits between
/// one and the next; what is read off a ticket is not held up by that.
namespace voelgoed::scanning {

/// Twenty wrong ones at once, then one a minute: of one caller, on all servers together.
inline constexpr limits::Policy kWrongCodes{
    .name = "scan.guess", .burst = 20, .rate = 60, .period = std::chrono::hours(1)};

/// Who has to wait. The server's thread.
class Guesses final : public actions::Throttle
{
public:
    Guesses(limits::Limiter &limiter, base::Clock &clock) : m_limiter(limiter), m_clock(clock) {}

    /// Denies a typed code while its caller has to wait, right or wrong.
    async::Task<Verdict> count(const actions::Declaration &declaration, const access::Actor &actor,
                               const http::Request &request) override;
    /// A code of its caller's led nowhere. Counts if it has the form of those that are typed.
    async::Task<void> wrong(access::Actor actor, std::string code);

private:
    static constexpr std::size_t kCallersMax = 10'000;

    limits::Limiter &m_limiter;
    base::Clock &m_clock;
    std::map<base::Uuid, base::Milliseconds> m_until; ///< by caller, on the clock since boot
};

} // namespace voelgoed::scanning
