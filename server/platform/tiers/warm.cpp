#include "server/platform/tiers/warm.h"

#include <charconv>

namespace voelgoed::tiers {

using async::Task;
using base::Result;

namespace {

// KEYS: the text's. ARGV: version, text, milliseconds.
constexpr redis::Script kPut{"tiers.put", R"lua(
local kept = redis.call('HGET', KEYS[1], 'version')
if kept and tonumber(kept) > tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'text', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
)lua"};

} // namespace

Warm::Warm(Parts parts) : m_parts(std::move(parts))
{
    base::ensure(m_parts.key.type == redis::KeyType::Hash && m_parts.key.lifetime, "a warm text's key");
}

std::string Warm::keyOf(const redis::Tag &tag, const std::vector<std::string> &values) const
{
    return m_parts.key.of(tag, {values.begin(), values.end()});
}

Task<Result<std::optional<WarmText>>> Warm::get(redis::Tag tag, std::vector<std::string> values)
{
    const auto tell = [this](CacheResult result) {
        if (m_parts.observe)
            m_parts.observe(result);
    };
    const std::vector<std::string> command{"HMGET", keyOf(tag, values), "version", "text"};
    const auto reply = co_await m_parts.client.call(command);
    if (!reply) {
        tell(CacheResult::Failed);
        co_return reply.error();
    }
    const auto *list = reply->list();
    if (!list || list->size() != 2)
        co_return base::corrupt("tiers: an answer of another shape");
    const auto version = (*list)[0].text(), text = (*list)[1].text();
    if (!version || !text) {
        tell(CacheResult::Miss);
        co_return std::optional<WarmText>();
    }
    WarmText warm{.text = std::string(*text)};
    std::from_chars(version->data(), version->data() + version->size(), warm.version);
    tell(CacheResult::Hit);
    co_return std::optional(std::move(warm));
}

Task<void> Warm::put(redis::Tag tag, std::vector<std::string> values, WarmText text)
{
    const std::int64_t longest = m_parts.key.lifetime->count();
    const auto jitter = static_cast<std::int64_t>(m_parts.random.below(static_cast<std::uint64_t>(longest / 5 + 1)));
    const std::vector<std::string> keys{keyOf(tag, values)};
    const std::vector<std::string> arguments{std::to_string(text.version), text.text, std::to_string(longest - jitter)};
    static_cast<void>(co_await m_parts.client.run(kPut, keys, arguments));
}

} // namespace voelgoed::tiers
