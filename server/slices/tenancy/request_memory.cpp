#include "server/slices/tenancy/request_memory.h"

namespace voelgoed::tenancy {

namespace {

constexpr std::uint64_t kExact = std::uint64_t{1} << 53; ///< beyond, Lua's numbers are none

/// protocol::ReplayWindow in Redis. KEYS: the device's. ARGV: boot, counter, life in ms. Answers 1 when it was taken.
constexpr redis::Script kTake{"tenancy.take_request", R"lua(
local known = redis.call('HMGET', KEYS[1], 'boot', 'highest')
local boot, counter = tonumber(ARGV[1]), tonumber(ARGV[2])
local highest = tonumber(known[2] or '0')
if known[1] and boot < tonumber(known[1]) then return 0 end
if not known[1] or boot > tonumber(known[1]) then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'boot', ARGV[1])
  highest = 0
end
if counter + 64 < highest or redis.call('HEXISTS', KEYS[1], ARGV[2]) == 1 then return 0 end
redis.call('HSET', KEYS[1], ARGV[2], '')
if counter > highest then
  for old = math.max(1, highest - 64), math.min(highest, counter - 65) do
    redis.call('HDEL', KEYS[1], string.format('%.0f', old))
  end
  redis.call('HSET', KEYS[1], 'highest', ARGV[2])
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
)lua"};

} // namespace

async::Task<bool> RequestMemory::take(const base::Uuid &organization, const protocol::RequestStamp &stamp)
{
    if (!m_windows[stamp.device].take(stamp))
        co_return false;
    if (stamp.counter >= kExact)
        co_return true;
    std::vector<std::string> keys{kRequests.of(redis::Tag::organization(organization), {stamp.device.text})};
    std::vector<std::string> arguments{std::to_string(stamp.boot.value), std::to_string(stamp.counter),
                                       std::to_string(kRequests.lifetime->count())};
    const auto answer = co_await m_redis.run(kTake, std::move(keys), std::move(arguments));
    if (!answer)
        co_return true; // nobody is kept out because Redis is away
    const auto taken = answer->integer();
    co_return !taken || *taken != 0;
}

} // namespace voelgoed::tenancy
