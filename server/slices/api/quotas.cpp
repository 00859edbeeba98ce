#include "server/slices/api/quotas.h"

#include "server/platform/limits/headers.h"

namespace voelgoed::api {

using async::Task;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr pg::Sql kQuota{"SELECT calls_per_day FROM api.quotas WHERE organization_id = app.org()"};

} // namespace

const limits::Policy kKeyPolicy{.name = "api.key", .burst = 100, .rate = 1'000, .period = 60s};
const limits::Policy kOrganizationPolicy{.name = "api.organization", .burst = 600, .rate = 6'000, .period = 60s};

limits::Policy quotaPolicy(std::int64_t callsPerDay)
{
    return {.name = "api.day", .burst = callsPerDay, .rate = callsPerDay, .period = 24h};
}

tiers::CacheOptions quotaCacheOptions()
{
    return {.capacity = 10'000, .fresh = 5s, .staleMax = 15min, .missing = 5s};
}

Task<Result<QuotaCache::Shared>> loadQuota(work::Database &database, std::string organization)
{
    const auto rows = co_await database.read(*base::uuidFrom(organization), kQuota);
    if (!rows)
        co_return rows.error();
    const std::int64_t calls = rows->empty() ? kCallsPerDay : rows->front().get<std::int64_t>(0);
    co_return std::make_shared<const limits::Policy>(quotaPolicy(calls));
}

Task<actions::Throttle::Verdict> KeyThrottle::count(const actions::Declaration &, const access::Actor &actor,
                                                    const http::Request &)
{
    if (actor.kind != access::ActorKind::ApiKey || !actor.organization)
        co_return Verdict();
    const std::string key = base::toText(actor.id);
    std::vector<limits::Ask> asks{{.policy = &kKeyPolicy, .subject = key},
                                  {.policy = &kOrganizationPolicy, .subject = "keys"}};
    // Held while it is asked. Without Postgres there is no quota; the limits a minute are there all the same.
    const auto quota = co_await m_parts.quotas.get(base::toText(*actor.organization));
    if (quota && *quota)
        asks.push_back({.policy = quota->get(), .subject = "keys"});
    const auto decision = co_await m_parts.limiter.take(redis::Tag::organization(*actor.organization), asks);
    m_parts.usage.count(*actor.organization, actor.id, m_parts.clock.now().wall,
                        decision.allowed() ? Usage::Outcome::Allowed : Usage::Outcome::Denied);
    Verdict verdict{.allowed = decision.allowed(),
                    .retryAfter = decision.outcome.retryAfter,
                    .fields = limits::headersOf(decision, asks)};
    co_return verdict;
}

} // namespace voelgoed::api
