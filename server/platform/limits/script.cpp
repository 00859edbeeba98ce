#include "server/platform/limits/script.h"

namespace voelgoed::limits {

// Whole numbers below 2^53 throughout, so that doubles are exact. '%.0f' writes them without an exponent. A key lives a
// millisecond longer than it is needed: Redis counts lifetimes from the millisecond that has begun.
const redis::Script kTakeScript{"limits.take", R"lua(
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local rules, all = {}, true
for i, key in ipairs(KEYS) do
  local at = (i - 1) * 4
  local rule = {window = ARGV[at + 1] == 'w', step = tonumber(ARGV[at + 2]), most = tonumber(ARGV[at + 3]),
                cost = tonumber(ARGV[at + 4])}
  rules[i] = rule
  if rule.window then
    local first = redis.call('LINDEX', key, 0)
    while first and tonumber(first) <= now - rule.step do
      redis.call('LPOP', key)
      first = redis.call('LINDEX', key, 0)
    end
    local over = redis.call('LLEN', key) + rule.cost - rule.most
    rule.retry = 0
    if over > 0 then
      local frees = redis.call('LINDEX', key, over - 1)
      rule.retry = (frees and tonumber(frees) or now) + rule.step - now
    end
  else
    rule.busy = math.max(tonumber(redis.call('GET', key) or now), now) - now
    rule.retry = math.max(0, rule.busy + rule.step * (rule.cost - rule.most))
  end
  all = all and rule.retry == 0
end
local answer = {now}
for i, key in ipairs(KEYS) do
  local rule = rules[i]
  local remaining, reset
  if rule.window then
    local last = redis.call('LINDEX', key, -1)
    if all and rule.cost > 0 then
      last = string.format('%.0f', math.max(now, last and tonumber(last) or now))
      for _ = 1, rule.cost do redis.call('RPUSH', key, last) end
      redis.call('PEXPIRE', key, math.ceil((last + rule.step - now) / 1000) + 1)
    end
    remaining = math.max(0, rule.most - redis.call('LLEN', key))
    reset = last and last + rule.step - now or 0
  else
    if all and rule.cost > 0 then
      rule.busy = rule.busy + rule.step * rule.cost
      redis.call('SET', key, string.format('%.0f', now + rule.busy), 'PX', math.ceil(rule.busy / 1000) + 1)
    end
    remaining = math.max(0, math.floor((rule.step * rule.most - rule.busy) / rule.step))
    reset = rule.busy
  end
  table.insert(answer, rule.retry == 0 and 1 or 0)
  table.insert(answer, remaining)
  table.insert(answer, rule.retry)
  table.insert(answer, reset)
end
return answer
)lua"};

} // namespace voelgoed::limits
