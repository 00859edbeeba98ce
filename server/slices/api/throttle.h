#pragma once

#include "server/platform/actions/dispatcher.h"
#include "server/platform/limits/limiter.h"
#include "server/slices/api/quotas.h"

namespace voelgoed::api {

/// Of a key, and of all keys of an organization together.
extern const limits::Policy kKeyPolicy, kOrganizationPolicy;
inline constexpr std::size_t kCallsAtOnce = 100; ///< of a key, at one server

/// Counts the calls of API keys against their limits; calls of others are not its business. The server's thread;
/// outlives every call.
class KeyThrottle final : public actions::Throttle
{
public:
    struct Parts
    {
        limits::Limiter &limiter;
        DayQuotas &quotas;
        Usage &usage;
        base::Clock &clock;
        std::function<void(const limits::Policy &)> limited; ///< for metrics
    };
    explicit KeyThrottle(Parts parts) : m_parts(std::move(parts)) {}

    async::Task<Verdict> count(Asking asking) override;

    /// What is left of a key's limits, or without a key of its organization's; takes nothing.
    struct Left
    {
        std::vector<limits::Ask> asks; ///< policies with static storage
        limits::Decision decision;
        std::optional<DayUse> day;
    };
    async::Task<Left> left(base::Uuid organization, std::optional<base::Uuid> key);

private:
    Parts m_parts;
    std::map<base::Uuid, std::size_t> m_inHand; ///< by key
};

} // namespace voelgoed::api
