#include "server/platform/topics/log.h"

#include "server/platform/topics/keys.h"
#include "shared/base/ensure.h"

#include <array>
#include <charconv>

namespace voelgoed::topics {

using async::Task;
using base::Result;

namespace {

/// KEYS: head and log of each event's topic. ARGV: a fresh epoch, how many to keep, for how long; then channel, place
/// and text of each event. Gives epoch and number of each.
constexpr redis::Script kPublish{"topics.publish", R"lua(
local told = {}
for i = 1, #KEYS / 2 do
  local head, log = KEYS[i * 2 - 1], KEYS[i * 2]
  local channel, place, text = ARGV[i * 3 + 1], ARGV[i * 3 + 2], ARGV[i * 3 + 3]
  local known = redis.call('HMGET', head, 'epoch', 'seq', 'place')
  local epoch, seq = known[1], tonumber(known[2] or 0)
  if not epoch then
    epoch, seq = ARGV[1], 0
    redis.call('DEL', log)
    redis.call('HSET', head, 'epoch', epoch)
  end
  if place == '' or not known[3] or known[3] < place then
    seq = redis.call('HINCRBY', head, 'seq', 1)
    if place ~= '' then redis.call('HSET', head, 'place', place) end
    redis.call('XADD', log, 'MAXLEN', '~', ARGV[2], string.format('%.0f-0', seq), 'e', text)
    redis.call('PEXPIRE', head, ARGV[3])
    redis.call('PEXPIRE', log, ARGV[3])
    redis.call('PUBLISH', channel, epoch .. ' ' .. string.format('%.0f', seq) .. ' ' .. text)
  end
  told[i * 2 - 1], told[i * 2] = epoch, seq
end
return told
)lua"};

/// KEYS: head, log. ARGV: behind which number, or "". Gives epoch and number of the topic, then number and text of
/// each.
constexpr redis::Script kRead{"topics.read", R"lua(
local known = redis.call('HMGET', KEYS[1], 'epoch', 'seq')
if not known[1] then return {'', 0} end
local told = {known[1], tonumber(known[2] or 0)}
if ARGV[1] ~= '' then
  for _, entry in ipairs(redis.call('XRANGE', KEYS[2], string.format('%.0f-0', ARGV[1] + 1), '+')) do
    told[#told + 1] = string.match(entry[1], '^%d+')
    told[#told + 1] = entry[2][2]
  end
end
return told
)lua"};

std::string freshEpoch(base::Random &random)
{
    std::array<std::byte, 8> bytes{};
    random.fill(bytes);
    return base::toHex(bytes);
}

std::string padded(std::int64_t number)
{
    const std::string digits = std::to_string(number);
    return std::string(20 - digits.size(), '0') + digits;
}

base::Error strange()
{
    return base::corrupt("redis: a script of topics answered something strange");
}

Result<Cursor> cursorFrom(const std::vector<redis::Reply> &list, std::size_t at)
{
    if (list.size() < at + 2)
        return strange();
    const auto epoch = list[at].text();
    const auto seq = list[at + 1].integer();
    if (!epoch || !seq || *seq < 0)
        return strange();
    return Cursor{*epoch, static_cast<std::uint64_t>(*seq)};
}

} // namespace

std::string outboxPlace(std::int64_t xid, std::int64_t id)
{
    return padded(xid) + "." + padded(id);
}

Task<Result<std::vector<Cursor>>> Log::publish(base::Uuid organization, std::vector<Publication> publications)
{
    base::ensure(!publications.empty() && publications.size() <= kPublishMax, "so many events at once");
    const redis::Tag tag = redis::Tag::organization(organization);
    std::vector<std::string> keys, arguments;
    arguments.push_back(freshEpoch(m_random));
    arguments.push_back(std::to_string(kLogMax));
    arguments.push_back(std::to_string(base::Milliseconds(kKept).count()));
    for (Publication &publication : publications) {
        keys.push_back(kHead.of(tag, {publication.topic}));
        keys.push_back(kLog.of(tag, {publication.topic}));
        arguments.push_back(channelOf(organization, publication.topic));
        arguments.push_back(std::move(publication.place));
        arguments.push_back(std::move(publication.event));
    }
    const auto reply = co_await m_redis.run(kPublish, std::move(keys), std::move(arguments));
    if (!reply)
        co_return reply.error();
    const auto *list = reply->list();
    if (!list || list->size() != publications.size() * 2)
        co_return strange();
    std::vector<Cursor> cursors;
    for (std::size_t i = 0; i < publications.size(); ++i) {
        auto cursor = cursorFrom(*list, i * 2);
        if (!cursor)
            co_return cursor.error();
        cursors.push_back(*std::move(cursor));
    }
    co_return cursors;
}

Task<Result<Log::Page>> Log::read(base::Uuid organization, std::string topic, std::optional<std::uint64_t> behind)
{
    const redis::Tag tag = redis::Tag::organization(organization);
    std::vector<std::string> keys, arguments;
    keys.push_back(kHead.of(tag, {topic}));
    keys.push_back(kLog.of(tag, {topic}));
    arguments.push_back(behind ? std::to_string(*behind) : std::string());
    const auto reply = co_await m_redis.run(kRead, std::move(keys), std::move(arguments));
    if (!reply)
        co_return reply.error();
    const auto *list = reply->list();
    if (!list || list->size() % 2 != 0)
        co_return strange();
    auto at = cursorFrom(*list, 0);
    if (!at)
        co_return at.error();
    Page page{.at = *std::move(at), .entries = {}};
    for (std::size_t i = 2; i < list->size(); i += 2) {
        const auto seq = (*list)[i].integer();
        const auto event = (*list)[i + 1].text();
        if (!seq || !event)
            co_return strange();
        page.entries.push_back({static_cast<std::uint64_t>(*seq), *event});
    }
    co_return page;
}

std::string channelOf(const base::Uuid &organization, std::string_view topic)
{
    return std::string(kChannels) + base::toText(organization) + ":" + std::string(topic);
}

std::optional<Heard> heardFrom(std::string_view channel, std::string_view message)
{
    constexpr std::size_t kUuid = 36;
    if (!channel.starts_with(kChannels) || channel.size() < kChannels.size() + kUuid + 2)
        return {};
    channel.remove_prefix(kChannels.size());
    const auto organization = base::uuidFrom(channel.substr(0, kUuid));
    const std::size_t first = message.find(' ');
    const std::size_t second = first == message.npos ? first : message.find(' ', first + 1);
    if (!organization || channel[kUuid] != ':' || second == message.npos)
        return {};
    Heard heard{.organization = *organization,
                .topic = std::string(channel.substr(kUuid + 1)),
                .at = {.epoch = std::string(message.substr(0, first)), .seq = 0},
                .event = std::string(message.substr(second + 1))};
    const std::string_view digits = message.substr(first + 1, second - first - 1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), heard.at.seq);
    if (read.ec != std::errc() || read.ptr != digits.data() + digits.size())
        return {};
    return heard;
}

} // namespace voelgoed::topics
