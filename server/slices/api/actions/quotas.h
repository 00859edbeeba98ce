#pragma once

#include "server/platform/actions/action.h"
#include "server/slices/api/api.h"

/// How much an organization's keys may do in a day, and what they did.
namespace voelgoed::api {

struct NoInput
{};
BOOST_DESCRIBE_STRUCT(NoInput, (), ())

struct QuotaOut
{
    std::int64_t callsPerDay = kCallsPerDay;
    std::int64_t keyCallsPerMinute = 0, organizationCallsPerMinute = 0;
};
BOOST_DESCRIBE_STRUCT(QuotaOut, (), (callsPerDay, keyCallsPerMinute, organizationCallsPerMinute))

struct NewQuota
{
    base::Uuid organization{};
    std::int64_t callsPerDay = 0;
    actions::Reason reason;
};
BOOST_DESCRIBE_STRUCT(NewQuota, (), (organization, callsPerDay, reason))

struct LimitOut
{
    std::string policy; ///< as in RateLimit-Policy
    std::int64_t quota = 0, windowSeconds = 0;
    std::int64_t remaining = 0, resetSeconds = 0;
};
BOOST_DESCRIBE_STRUCT(LimitOut, (), (policy, quota, windowSeconds, remaining, resetSeconds))

struct LimitList
{
    std::string mode; ///< of the key
    std::vector<LimitOut> data;
    std::int64_t callsAtOnce = 0;
};
BOOST_DESCRIBE_STRUCT(LimitList, (), (mode, data, callsAtOnce))

struct ListUsage
{
    std::optional<base::Uuid> key;
    actions::Defaulted<std::int32_t, 30> days; ///< back from today, at most 366
};
BOOST_DESCRIBE_STRUCT(ListUsage, (), (key, days))

struct UsageOut
{
    base::Uuid key{};
    std::string day; ///< of UTC
    std::int64_t calls = 0, denied = 0;
};
BOOST_DESCRIBE_STRUCT(UsageOut, (), (key, day, calls, denied))

struct UsageList
{
    std::vector<UsageOut> data; ///< latest day first; some seconds old
};
BOOST_DESCRIBE_STRUCT(UsageList, (), (data))

async::Task<base::Result<QuotaOut>> showQuota(actions::Context &context, Api &api, NoInput in);
async::Task<base::Result<QuotaOut>> setQuota(actions::Context &context, Api &api, NewQuota in);
async::Task<base::Result<LimitList>> showLimits(actions::Context &context, Api &api, NoInput in);
async::Task<base::Result<UsageList>> showUsage(actions::Context &context, Api &api, ListUsage in);

void addQuotaActions(Api &api);

} // namespace voelgoed::api
