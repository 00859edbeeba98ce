#pragma once

#include "server/platform/actions/context.h"
#include "server/platform/limits/limiter.h"

#include <map>

/// Codes that are typed by hand are short enough to be worth a try. Whoever tries many that lead nowhere waits between
/// one and the next; what is read off a ticket is not held up by that.
namespace voelgoed::scanning {

/// Twenty wrong ones at once, then one a minute: of one caller, on all servers together.
inline constexpr limits::Policy kWrongCodes{
    .name = "scan.guess", .burst = 20, .rate = 60, .period = std::chrono::hours(1)};
inline constexpr std::size_t kGuessesAtOnce = 4; ///< typed codes of one caller in hand, at one server

/// The server's thread; outlives every call.
class Guesses
{
public:
    explicit Guesses(limits::Limiter &limiter) : m_limiter(limiter) {}

    /// A code that is about to be judged. Holds until it has been; Error (429) while its caller has to wait, right or
    /// wrong. Nothing to hold for a code that has not the form of those that are typed.
    using Held = std::shared_ptr<void>;
    async::Task<base::Result<Held>> begin(actions::Context &context, std::string code);
    /// One that begin() gave something to hold for led nowhere.
    async::Task<void> wrong(access::Actor actor);

private:
    static redis::Tag scopeOf(const access::Actor &actor);

    limits::Limiter &m_limiter;
    std::map<base::Uuid, std::size_t> m_inHand; ///< by caller
};

} // namespace voelgoed::scanning
