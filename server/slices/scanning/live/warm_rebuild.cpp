#include "server/slices/scanning/live/keys.h"
#include "server/slices/scanning/live/warm.h"

namespace voelgoed::scanning {

using async::Task;
using base::Result;

namespace {

constexpr std::size_t kFieldsTogether = 500;

/// KEYS: epoch, rebuilding. ARGV: token, epoch, batch, head, life in ms.
constexpr redis::Script kStand{"scanning.stand", R"lua(
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('HSET', KEYS[1], 'id', ARGV[2], 'batch', ARGV[3], 'head', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1
)lua"};

/// KEYS: epoch. ARGV: epoch.
constexpr redis::Script kDrop{"scanning.drop", R"lua(
if redis.call('HGET', KEYS[1], 'id') == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
)lua"};

redis::Tag tagOf(const EventKey &event)
{
    return redis::Tag::event(event.organization, event.event);
}

std::string lifeOf(base::Milliseconds life)
{
    return std::to_string(life.count());
}

/// HSETs of so many fields each, and how long the key lives.
class Hashes
{
public:
    void add(const std::string &key, std::string field, std::string value)
    {
        const bool goesOn = !m_commands.empty() && m_commands.back().front() == "HSET" && m_commands.back()[1] == key &&
                            m_commands.back().size() <= 2 * kFieldsTogether;
        if (!goesOn) {
            end();
            m_commands.push_back({"HSET", key});
        }
        m_commands.back().push_back(std::move(field));
        m_commands.back().push_back(std::move(value));
    }
    std::vector<redis::Command> take()
    {
        end();
        return std::move(m_commands);
    }

private:
    void end()
    {
        if (!m_commands.empty() && m_commands.back().front() == "HSET")
            m_commands.push_back({"PEXPIRE", m_commands.back()[1], lifeOf(kWarmKept)});
    }

    std::vector<redis::Command> m_commands;
};

} // namespace

Task<Result<bool>> Warm::beginRebuild(EventKey event, std::string token)
{
    const auto reply =
        co_await m_redis.call({"SET", kRebuilding.of(tagOf(event)), token, "NX", "PX", lifeOf(kRebuildMax)});
    if (!reply)
        co_return reply.error();
    co_return !reply->isNil();
}

Task<Result<void>> Warm::put(EventKey event, std::string epoch, WarmChange change)
{
    const redis::Tag tag = tagOf(event);
    Hashes hashes;
    for (const GateCount &gate : change.gates)
        hashes.add(kOccupancy.of(tag, {epoch}), fieldOf(gate.of), textOf(gate));
    for (const SessionCount &session : change.sessions)
        hashes.add(kSessions.of(tag, {epoch}), session.session, std::to_string(session.scans));
    std::map<std::string, std::string> keys;
    for (const Claim &claim : change.claims) {
        std::string &key = keys[claim.of.checkpoint];
        if (key.empty())
            key = kClaims.of(tag, {epoch, keyTextOf(claim.of.checkpoint)});
        if (claim.entries != 0 || claim.exits != 0)
            hashes.add(key, std::to_string(claim.of.ordinal), textOf(claim));
    }
    std::vector<redis::Command> commands = hashes.take();
    if (commands.empty())
        co_return Result<void>();
    const auto done = co_await m_redis.callAll(std::move(commands));
    co_return done ? Result<void>() : Result<void>(done.error());
}

Task<Result<void>> Warm::putEntered(EventKey event, std::string epoch, std::string checkpoint, std::string bits)
{
    const auto reply = co_await m_redis.call(
        {"SET", kEntered.of(tagOf(event), {epoch, keyTextOf(checkpoint)}), std::move(bits), "PX", lifeOf(kWarmKept)});
    co_return reply ? Result<void>() : Result<void>(reply.error());
}

Task<Result<bool>> Warm::endRebuild(EventKey event, std::string token, WarmPoint point)
{
    const redis::Tag tag = tagOf(event);
    const auto reply = co_await m_redis.run(
        kStand, {kEpoch.of(tag), kRebuilding.of(tag)},
        {std::move(token), point.epoch, std::to_string(point.batch), std::to_string(point.head), lifeOf(kEpochKept)});
    if (!reply)
        co_return reply.error();
    const auto stands = reply->integer();
    if (!stands)
        co_return stands.error();
    if (*stands == 1)
        m_epochs[event] = point.epoch;
    co_return *stands == 1;
}

Task<Result<void>> Warm::drop(EventKey event, std::string epoch)
{
    const auto reply = co_await m_redis.run(kDrop, {kEpoch.of(tagOf(event))}, {std::move(epoch)});
    co_return reply ? Result<void>() : Result<void>(reply.error());
}

} // namespace voelgoed::scanning
