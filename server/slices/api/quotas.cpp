#include "server/slices/api/quotas.h"

#include <chrono>

namespace voelgoed::api {

using async::Task;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kHereMax = 10'000; // organizations counted while Redis is away
constexpr std::array<int, 2> kWarnAt{80, 100};

constexpr pg::Sql kLimit{"SELECT calls_per_day FROM api.quotas WHERE organization_id = app.org()"};
constexpr pg::Sql kUsed{R"(
SELECT coalesce(sum(calls - denied), 0)::bigint FROM api.usage_daily
WHERE organization_id = app.org() AND day = DATE 'epoch' + $1::int)"};
constexpr pg::Sql kWarned{R"(
INSERT INTO api.quota_warnings (organization_id, day, percent, calls_per_day)
VALUES (app.org(), DATE 'epoch' + $1::int, $2, $3) ON CONFLICT DO NOTHING RETURNING percent)"};

// KEYS: the month. ARGV: the day, limit, calls, what was used before if it is not known here (or nothing), and what was
// used while Redis was away: the former holds it already. Answers -1 when the former is needed; else whether the calls
// were taken, and what is used now.
constexpr redis::Script kTake{"api.quota", R"lua(
local used = redis.call('HGET', KEYS[1], ARGV[1])
if not used then
  if ARGV[4] == '' then return {-1, 0} end
  used = ARGV[4]
else
  used = used + ARGV[5]
end
used = tonumber(used)
local calls = tonumber(ARGV[3])
local taken = used + calls <= tonumber(ARGV[2])
if taken then used = used + calls end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', used))
redis.call('EXPIRE', KEYS[1], 40 * 86400)
return {taken and 1 or 0, used}
)lua"};

std::int64_t dayOf(base::Instant at)
{
    return base::millisOf(at) / std::chrono::milliseconds(std::chrono::days(1)).count();
}

base::Milliseconds untilMidnight(base::Instant at)
{
    const std::int64_t length = std::chrono::milliseconds(std::chrono::days(1)).count();
    return base::Milliseconds(length - base::millisOf(at) % length);
}

/// "2026-12" and "05".
std::pair<std::string, std::string> monthAndDay(std::int64_t day)
{
    const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
    const auto two = [](unsigned number) { return (number < 10 ? "0" : "") + std::to_string(number); };
    return {std::to_string(static_cast<int>(date.year())) + "-" + two(static_cast<unsigned>(date.month())),
            two(static_cast<unsigned>(date.day()))};
}

/// The first call that makes it so many percent of the limit.
std::int64_t reaches(std::int64_t limit, int percent)
{
    return (limit * percent + 99) / 100;
}

} // namespace

DayQuotas::DayQuotas(Parts parts)
    : m_parts(std::move(parts)),
      m_limits({m_parts.executor, m_parts.clock, m_parts.random},
               {.capacity = 10'000, .fresh = 5s, .staleMax = 15min, .missing = 5s},
               [this](std::string organization) -> Task<Result<std::shared_ptr<const std::int64_t>>> {
                   const auto rows = co_await m_parts.database.read(*base::uuidFrom(organization), kLimit);
                   if (!rows)
                       co_return rows.error();
                   co_return std::make_shared<const std::int64_t>(rows->empty() ? kCallsPerDay
                                                                                : rows->front().get<std::int64_t>(0));
               })
{}

Task<std::optional<DayUse>> DayQuotas::take(base::Uuid organization, std::int64_t calls)
{
    const auto limit = co_await m_limits.get(base::toText(organization));
    // Without Postgres there is no quota; the limits a minute are there all the same.
    if (!limit || !*limit)
        co_return std::nullopt;
    const base::Instant now = m_parts.clock.now().wall;
    std::int64_t owed = 0;
    if (const auto here = m_here.find(organization); here != m_here.end()) {
        if (here->second.day == dayOf(now))
            owed = std::exchange(here->second.owed, 0);
        else
            m_here.erase(here);
    }
    const auto inRedis = co_await takeInRedis(organization, now, {calls, **limit, owed});
    const auto here = m_here.find(organization);
    if (!inRedis && here != m_here.end())
        here->second.owed += owed;
    else if (inRedis && here != m_here.end() && here->second.owed == 0)
        m_here.erase(here);
    const auto taken = inRedis ? *inRedis : co_await takeHere(organization, dayOf(now), calls, **limit);
    const DayUse use{
        .limit = **limit, .used = taken.second, .allowed = taken.first, .untilMidnight = untilMidnight(now)};
    for (const int percent : kWarnAt) {
        const std::int64_t at = reaches(use.limit, percent);
        if (use.allowed && use.used >= at && use.used - calls < at)
            async::start(m_parts.executor, "quota warning", warn(organization, dayOf(now), percent, use));
    }
    co_return use;
}

Task<Result<std::pair<bool, std::int64_t>>> DayQuotas::takeInRedis(base::Uuid organization, base::Instant now,
                                                                   Taking taking)
{
    const auto [month, day] = monthAndDay(dayOf(now));
    const std::string key = kQuotaKey.of(redis::Tag::organization(organization), {month});
    std::string before;
    for (;;) {
        const std::vector<std::string> keys{key};
        const std::vector<std::string> arguments{day, std::to_string(taking.limit), std::to_string(taking.calls),
                                                 before, std::to_string(taking.owed)};
        const auto reply = co_await m_parts.redis.run(kTake, keys, arguments);
        if (!reply)
            co_return reply.error();
        const auto *list = reply->list();
        if (!list || list->size() != 2)
            co_return base::corrupt("quotas: an answer of another shape");
        const std::int64_t taken = (*list)[0].integer().valueOr(-1);
        if (taken >= 0)
            co_return std::pair(taken == 1, (*list)[1].integer().valueOr(0));
        if (!before.empty())
            co_return base::corrupt("quotas: an answer of another shape");
        const auto written = co_await writtenDown(organization, dayOf(now));
        if (!written)
            co_return written.error();
        before = std::to_string(*written);
    }
}

Task<std::pair<bool, std::int64_t>> DayQuotas::takeHere(base::Uuid organization, std::int64_t day, std::int64_t calls,
                                                        std::int64_t limit)
{
    if (!m_here.contains(organization) || m_here[organization].day != day) {
        const auto written = co_await writtenDown(organization, day);
        // Who is one too many goes uncounted: known keys are let through rather than kept out.
        if (m_here.size() >= kHereMax && !m_here.contains(organization))
            co_return std::pair(true, calls);
        Today &today = m_here[organization];
        if (today.day != day) // or somebody else was here meanwhile
            today = {day, written.valueOr(0), 0};
    }
    Today &today = m_here[organization];
    const bool taken = today.used + calls <= limit;
    today.used += taken ? calls : 0;
    today.owed += taken ? calls : 0;
    co_return std::pair(taken, today.used);
}

Task<Result<std::int64_t>> DayQuotas::writtenDown(base::Uuid organization, std::int64_t day)
{
    const auto rows =
        co_await m_parts.database.read(organization, kUsed, pg::Params::of(static_cast<std::int32_t>(day)));
    if (!rows)
        co_return rows.error();
    std::int64_t used = rows->front().get<std::int64_t>(0);
    for (const auto &[place, counts] : m_parts.usage.pending()) {
        if (place.organization == organization && place.day == day)
            used += counts.calls - counts.denied;
    }
    co_return used;
}

Task<void> DayQuotas::warn(base::Uuid organization, std::int64_t day, int percent, DayUse use)
{
    const auto [month, ofMonth] = monthAndDay(day);
    const std::string date = month + "-" + ofMonth;
    const work::Database::Who who{access::Actor::system(organization, "a quota is used up"), {}};
    std::function<Task<Result<bool>>(work::UnitOfWork &)> change =
        [organization, day, percent, use, date](work::UnitOfWork &unit) -> Task<Result<bool>> {
        const auto params = pg::Params::of(static_cast<std::int32_t>(day), percent, use.limit);
        const auto rows = co_await unit.tx().run(kWarned, params);
        if (!rows)
            co_return rows.error();
        if (!rows->empty()) {
            unit.emit(
                {.topic = "api_keys:org:" + base::toText(organization),
                 .type = "api.quota_warning.v1",
                 .subject = base::toText(organization),
                 .data = {{"percent", percent}, {"used", use.used}, {"calls_per_day", use.limit}, {"day", date}}});
        }
        co_return !rows->empty();
    };
    // A warning that cannot be written is not worth failing a call.
    static_cast<void>(co_await m_parts.database.transact<bool>(who, change));
}

} // namespace voelgoed::api
