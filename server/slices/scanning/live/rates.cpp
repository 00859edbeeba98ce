#include "server/slices/scanning/live/rates.h"

#include "server/platform/topics/names.h"
#include "server/slices/scanning/live/keys.h"
#include "shared/domain/verdict.h"

namespace voelgoed::scanning {

using async::Task;
using namespace std::chrono_literals;

namespace {

/// KEYS: rate. ARGV: admitted, denied, life in ms. Counts them into this second. Whoever comes first in a second gets
/// what there is to tell: 1, scans of the last whole second, and of the sixty behind us.
constexpr redis::Script kCountRate{"scanning.rate", R"lua(
local now = tonumber(redis.call('TIME')[1])
if ARGV[1] ~= '0' then redis.call('HINCRBY', KEYS[1], now .. 'a', ARGV[1]) end
if ARGV[2] ~= '0' then redis.call('HINCRBY', KEYS[1], now .. 'd', ARGV[2]) end
if redis.call('HGET', KEYS[1], 'told') == tostring(now) then return {0} end
redis.call('HSET', KEYS[1], 'told', now)
redis.call('PEXPIRE', KEYS[1], ARGV[3])
local last, sums = {a = 0, d = 0}, {a = 0, d = 0}
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local second, kind = string.match(all[i], '^(%d+)([ad])$')
  if second then
    local age = now - second
    if age > 60 then
      redis.call('HDEL', KEYS[1], all[i])
    elseif age >= 0 then
      sums[kind] = sums[kind] + all[i + 1]
      if age == 1 then last[kind] = tonumber(all[i + 1]) end
    end
  end
end
return {1, last.a, last.d, sums.a, sums.d}
)lua"};

} // namespace

Rates::Rates(async::Executor executor, redis::Client &redis, topics::Topics &topics)
    : m_state(std::make_shared<State>(State{.executor = std::move(executor), .redis = redis, .topics = topics}))
{}

Rates::~Rates()
{
    m_state->isClosed = true;
}

void Rates::count(const Committed &committed, base::Instant now)
{
    Counts counts;
    for (const NewRow &row : committed.plan.rows) {
        const auto *scan = std::get_if<domain::ScanRecord>(&row.brought->row.what);
        if (scan && !scan->test && row.brought->at + kFreshFor >= now)
            ++(scan->outcome == domain::word(domain::Outcome::Admit) ? counts.admitted : counts.denied);
    }
    if (counts.admitted + counts.denied == 0)
        return;
    Counts &sums = m_state->counts[{committed.organization, committed.event}];
    sums.admitted += counts.admitted;
    sums.denied += counts.denied;
    if (!std::exchange(m_state->isRunning, true))
        async::start(m_state->executor, "scanning: rates", follow(m_state));
}

Task<void> Rates::follow(std::shared_ptr<State> state)
{
    while (!state->isClosed && !state->counts.empty()) {
        co_await async::sleepFor(1s);
        for (const auto &[event, counts] : std::map<EventKey, Counts>(state->counts)) {
            if (state->isClosed)
                break;
            Counts &left = state->counts[event];
            left.admitted -= counts.admitted;
            left.denied -= counts.denied;
            co_await tell(state, event, counts);
        }
    }
    state->isRunning = false;
}

Task<void> Rates::tell(std::shared_ptr<State> state, EventKey event, Counts counts)
{
    const auto reply = co_await state->redis.run(
        kCountRate, {kRate.of(redis::Tag::event(event.organization, event.event))},
        {std::to_string(counts.admitted), std::to_string(counts.denied), std::to_string(kRate.lifetime->count())});
    const auto *list = reply ? reply->list() : nullptr;
    const auto number = [&](std::size_t at) { return (*list)[at].integer().valueOr(0); };
    const bool isOurs = list && list->size() == 5 && number(0) == 1;
    const bool isOver = !list || (isOurs && number(3) + number(4) == 0);
    if (const auto found = state->counts.find(event);
        isOver && found != state->counts.end() && found->second.admitted + found->second.denied == 0)
        state->counts.erase(found);
    if (!isOurs || state->isClosed)
        co_return;
    co_await state->topics.tell(event.organization, {.topic = topics::kScanningOfEvent.of(event.event),
                                                     .type = "scanning.rates_updated.v1",
                                                     .subject = base::toText(event.event),
                                                     .data = {{"event_id", base::toText(event.event)},
                                                              {"admitted_per_second", number(1)},
                                                              {"denied_per_second", number(2)},
                                                              {"admitted_per_minute", number(3)},
                                                              {"denied_per_minute", number(4)}}});
}

} // namespace voelgoed::scanning
