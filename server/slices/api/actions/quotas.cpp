#include "server/slices/api/actions/quotas.h"

namespace voelgoed::api {

using actions::Context;
using async::Task;
using base::Result;

namespace {

constexpr std::int32_t kDaysMax = 366;

constexpr pg::Sql kShow{"SELECT calls_per_day FROM api.quotas WHERE organization_id = app.org()"};
constexpr pg::Sql kSet{R"(
INSERT INTO api.quotas AS q (organization_id, calls_per_day) VALUES (app.org(), $1)
ON CONFLICT (organization_id)
DO UPDATE SET calls_per_day = excluded.calls_per_day, version = q.version + 1, updated_at = now())"};
// At most a hundred live keys for a year: far below this.
constexpr pg::Sql kUsage{R"(
SELECT key_id, day::text, calls, denied FROM api.usage_daily
WHERE organization_id = app.org() AND ($1::uuid IS NULL OR key_id = $1) AND day > $2::timestamptz::date
ORDER BY day DESC, key_id LIMIT 40000)"};

QuotaOut quotaOf(const pg::Rows &rows)
{
    return {.callsPerDay = rows.empty() ? kCallsPerDay : rows.front().get<std::int64_t>(0),
            .keyCallsPerMinute = kKeyPolicy.rate,
            .organizationCallsPerMinute = kOrganizationPolicy.rate};
}

} // namespace

Task<Result<QuotaOut>> showQuota(Context &context, Api &, NoInput)
{
    const auto rows = co_await context.run(kShow);
    if (!rows)
        co_return rows.error();
    co_return quotaOf(*rows);
}

Task<Result<QuotaOut>> setQuota(Context &context, Api &api, NewQuota in)
{
    if (in.callsPerDay < 1 || in.callsPerDay > kCallsPerDayMax)
        co_return context.reject("/calls_per_day", "out_of_range", "From 1 to 1000000000 calls a day.");
    if (const auto entered = co_await context.unit().enter(in.organization); !entered)
        co_return entered.error();
    const auto status = co_await api.needs.organizations.statusIn(context.tx());
    if (!status)
        co_return status.error();
    if (!*status)
        co_return actions::notFound("organization");
    const auto before = co_await context.run(kShow);
    if (!before)
        co_return before.error();
    const auto set = co_await context.run(kSet, pg::Params::of(in.callsPerDay));
    if (!set)
        co_return set.error();
    const std::string organization = base::toText(in.organization);
    context.audit({.action = {},
                   .subjectType = "quota",
                   .subject = organization,
                   .before = {{"calls_per_day", quotaOf(*before).callsPerDay}},
                   .after = {{"calls_per_day", in.callsPerDay}},
                   .reason = in.reason});
    context.unit().afterCommit([&api, id = in.organization] { api.quotas.forget(id); });
    QuotaOut quota = quotaOf(*before);
    quota.callsPerDay = in.callsPerDay;
    co_return quota;
}

Task<Result<LimitList>> showLimits(Context &context, Api &api, NoInput)
{
    const auto left = co_await api.throttle.left(context.organization(), context.actor().id);
    LimitList list{.mode = std::string(context.actor().isTest ? kTestMode : kLiveMode),
                   .callsAtOnce = static_cast<std::int64_t>(kCallsAtOnce)};
    const auto seconds = [](base::Milliseconds span) { return std::chrono::ceil<std::chrono::seconds>(span).count(); };
    for (std::size_t i = 0; i < left.asks.size(); ++i) {
        const limits::Policy &policy = *left.asks[i].policy;
        list.data.push_back({.policy = policy.name,
                             .quota = policy.rate,
                             .windowSeconds = seconds(policy.period),
                             .remaining = left.decision.each[i].remaining,
                             .resetSeconds = seconds(left.decision.each[i].resetAfter)});
    }
    if (left.day) {
        list.data.push_back({.policy = "api.day",
                             .quota = left.day->limit,
                             .windowSeconds = seconds(std::chrono::days(1)),
                             .remaining = left.day->remaining(),
                             .resetSeconds = seconds(left.day->untilMidnight)});
    }
    co_return list;
}

Task<Result<UsageList>> showUsage(Context &context, Api &, ListUsage in)
{
    if (in.days.value < 1 || in.days.value > kDaysMax)
        co_return context.reject("/days", "out_of_range", "From 1 to 366 days.");
    const base::Instant since = context.now() - std::chrono::days(in.days.value);
    const auto rows = co_await context.run(kUsage, pg::Params::of(in.key, since));
    if (!rows)
        co_return rows.error();
    UsageList list;
    for (std::size_t i = 0; i < rows->size(); ++i) {
        const auto row = (*rows)[i];
        list.data.push_back({.key = row.get<base::Uuid>(0),
                             .day = row.get<std::string>(1),
                             .calls = row.get<std::int64_t>(2),
                             .denied = row.get<std::int64_t>(3)});
    }
    co_return list;
}

void addQuotaActions(Api &api)
{
    using access::Permission;
    using access::Policy;
    auto &actions = api.kernel.actions;
    actions.add({.name = "api.show_quota",
                 .method = http::Method::Get,
                 .route = "/v1/quotas",
                 .summary = "How much the organization's keys may do",
                 .policy = Policy::may(Permission::ManageApiKeys)},
                api, &showQuota);
    actions.add({.name = "api.set_quota",
                 .method = http::Method::Put,
                 .route = "/v1/orgs/{organization}/quotas",
                 .summary = "Says how much an organization's keys may do in a day",
                 .policy = Policy::may(Permission::ManagePlatform),
                 .effect = actions::Effect::Writes,
                 .audited = actions::Audited::Yes,
                 .load = actions::LoadClass::Write},
                api, &setQuota);
    actions.add({.name = "api.show_limits",
                 .method = http::Method::Get,
                 .route = "/v1/rate-limit",
                 .summary = "What is left of a key's limits, as the key that asks",
                 .policy = Policy::apiKey()},
                api, &showLimits);
    actions.add({.name = "api.show_usage",
                 .method = http::Method::Get,
                 .route = "/v1/usage",
                 .summary = "What the organization's keys did, by day",
                 .policy = Policy::may(Permission::ManageApiKeys),
                 .load = actions::LoadClass::Report},
                api, &showUsage);
}

} // namespace voelgoed::api
