#pragma once

#include "server/platform/actions/dispatcher.h"
#include "server/platform/limits/limiter.h"

namespace voelgoed::app {

/// Which limits a call falls under: by the name in its declaration (signing in, registering, pairing, passwords), or
/// else by who calls. The machine's own administrator and jobs fall under none. The server's thread.
class ActionThrottle final : public actions::Throttle
{
public:
    /// `limiter` outlives it.
    explicit ActionThrottle(limits::Limiter &limiter) : m_limiter(limiter) {}

    async::Task<Verdict> count(Asking asking) override;

private:
    limits::Limiter &m_limiter;
};

/// What a call takes from which limits, for tests; nothing: it is not limited.
std::vector<limits::Ask> asksOf(const actions::Throttle::Asking &asking);

} // namespace voelgoed::app
