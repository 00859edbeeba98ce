#include "server/slices/api/usage.h"

#include <chrono>
#include <utility>

namespace voelgoed::api {

using async::Task;
using base::Result;

namespace {

// Places remembered while Postgres is away; a key and day that is one too many is not counted.
constexpr std::size_t kPendingMax = 50'000;

// A key of another organization's name would find no row of its own: the join keeps the foreign key whole.
constexpr pg::Sql kAdd{R"(
WITH used AS (SELECT u.* FROM unnest($1::uuid[], $2::int[], $3::bigint[], $4::bigint[]) AS u (key_id, day, calls, denied)
              JOIN api.keys k ON k.organization_id = app.org() AND k.id = u.key_id),
     added AS (INSERT INTO api.usage_daily AS d (organization_id, key_id, day, calls, denied)
               SELECT app.org(), key_id, DATE 'epoch' + day, calls, denied FROM used ORDER BY key_id, day
               ON CONFLICT (organization_id, key_id, day)
               DO UPDATE SET calls = d.calls + excluded.calls, denied = d.denied + excluded.denied)
UPDATE api.keys k SET last_used_on = greatest(k.last_used_on, u.last)
FROM (SELECT key_id, DATE 'epoch' + max(day) AS last FROM used GROUP BY key_id) u
WHERE k.organization_id = app.org() AND k.id = u.key_id AND k.last_used_on IS DISTINCT FROM u.last)"};

} // namespace

void Usage::count(const base::Uuid &organization, const base::Uuid &key, base::Instant at, Outcome outcome)
{
    const std::int64_t day = base::millisOf(at) / std::chrono::milliseconds(std::chrono::days(1)).count();
    const Place place{organization, key, day};
    if (m_pending.size() >= kPendingMax && !m_pending.contains(place))
        return;
    Counts &counts = m_pending[place];
    ++counts.calls;
    counts.denied += outcome == Outcome::Denied ? 1 : 0;
}

Task<Result<void>> Usage::writeDown()
{
    const std::map<Place, Counts> counted = std::exchange(m_pending, {});
    Result<void> all;
    for (auto from = counted.begin(); from != counted.end();) {
        const base::Uuid organization = from->first.organization;
        std::vector<base::Uuid> keys;
        std::vector<std::int32_t> days;
        std::vector<std::int64_t> calls, denied;
        auto until = from;
        for (; until != counted.end() && until->first.organization == organization; ++until) {
            keys.push_back(until->first.key);
            days.push_back(static_cast<std::int32_t>(until->first.day));
            calls.push_back(until->second.calls);
            denied.push_back(until->second.denied);
        }
        const auto added = co_await m_database.read(organization, kAdd, pg::Params::of(keys, days, calls, denied));
        for (; !added && from != until; ++from) {
            m_pending[from->first].calls += from->second.calls;
            m_pending[from->first].denied += from->second.denied;
        }
        if (!added)
            all = added.error();
        from = until;
    }
    co_return all;
}

} // namespace voelgoed::api
