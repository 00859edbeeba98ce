#include "server/platform/topics/presence.h"

#include "server/platform/async/event.h"
#include "server/platform/topics/keys.h"
#include "shared/base/ensure.h"

#include <array>

namespace voelgoed::topics {

using async::Task;
using base::Result;

namespace {

constexpr std::size_t kCardMax = 1024;

/// KEYS: who is there, by when they are gone; their cards. ARGV: how long a beat counts, how long all is kept, how many
/// there may be; then id and card of each.
constexpr redis::Script kBeat{"topics.beat", R"lua(
local t = redis.call('TIME')
local gone = t[1] * 1000 + math.floor(t[2] / 1000) + tonumber(ARGV[1])
for i = 4, #ARGV, 2 do
  local id = ARGV[i]
  if redis.call('ZSCORE', KEYS[1], id) or redis.call('ZCARD', KEYS[1]) < tonumber(ARGV[3]) then
    redis.call('ZADD', KEYS[1], gone, id)
    redis.call('HSET', KEYS[2], id, ARGV[i + 1])
  end
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return 0
)lua"};

/// Takes away who has not been heard of. Gives id and card of who is there.
constexpr redis::Script kLook{"topics.look", R"lua(
local t = redis.call('TIME')
local now = string.format('%.0f', t[1] * 1000 + math.floor(t[2] / 1000))
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
  redis.call('ZREM', KEYS[1], id)
  redis.call('HDEL', KEYS[2], id)
end
return redis.call('HGETALL', KEYS[2])
)lua"};

constexpr redis::Script kLeave{"topics.leave", R"lua(
redis.call('ZREM', KEYS[1], ARGV[1])
return redis.call('HDEL', KEYS[2], ARGV[1])
)lua"};

std::vector<std::string> keysOf(const Presence::Where &where)
{
    const redis::Tag tag = redis::Tag::organization(where.organization);
    return {kHere.of(tag, {where.topic}), kCards.of(tag, {where.topic})};
}

/// One who is there at two servers is said by both, each with its own mark: "device:…|5f3a…".
std::string withoutMark(const std::string &stored)
{
    return stored.substr(0, stored.rfind('|'));
}

/// As clients see somebody: {"id":"device:…", …card}.
boost::json::object shown(const std::string &id, const std::string &card)
{
    const auto json = base::parseJson(card);
    boost::json::object object = json && json->is_object() ? json->get_object() : boost::json::object();
    object["id"] = id; // whatever a card says
    return object;
}

} // namespace

struct Presence::State
{
    explicit State(Parts with) : parts(with), closing(with.executor)
    {
        std::array<std::byte, 8> bytes{};
        parts.random.fill(bytes);
        mark = "|" + base::toHex(bytes);
    }

    /// What is seen now; who watches is told what is other than before.
    void seen(const Where &where, Cards now);
    Cards mineAt(const Where &where) const;

    Parts parts;
    std::string mark;
    async::Event closing;
    bool isClosed = false;
    std::map<Where, std::map<std::string, Mine>> mine;
    std::map<Where, Watched> watched;
};

Presence::Presence(Parts parts) : m_state(std::make_shared<State>(parts))
{
    async::start(parts.executor, "topics: presence, beats", beatAll(m_state));
    async::start(parts.executor, "topics: presence, looks", lookAll(m_state));
}

Presence::~Presence()
{
    m_state->isClosed = true;
    m_state->closing.notify();
}

void Presence::enter(const Where &where, Member member)
{
    std::string card = base::toText(member.card);
    base::ensure(card.size() <= kCardMax, "a card of presence is too large");
    Mine &mine = m_state->mine[where][member.id];
    ++mine.count;
    mine.card = std::move(card);
    std::vector<std::string> ids;
    ids.push_back(member.id);
    async::start(m_state->parts.executor, "topics: presence, enter", beat(m_state, where, std::move(ids)));
}

void Presence::leave(const Where &where, const std::string &id)
{
    const auto place = m_state->mine.find(where);
    if (place == m_state->mine.end())
        return;
    const auto found = place->second.find(id);
    if (found == place->second.end() || --found->second.count > 0)
        return;
    place->second.erase(found);
    if (place->second.empty())
        m_state->mine.erase(place);
    async::start(m_state->parts.executor, "topics: presence, leave", forget(m_state, where, id));
}

void Presence::watch(const Where &where, http::Socket &watcher)
{
    m_state->watched[where].watchers.insert_or_assign(&watcher, false);
    async::start(m_state->parts.executor, "topics: presence, first look", look(m_state, where));
}

void Presence::unwatch(const Where &where, http::Socket &watcher)
{
    const auto found = m_state->watched.find(where);
    if (found == m_state->watched.end())
        return;
    found->second.watchers.erase(&watcher);
    if (found->second.watchers.empty())
        m_state->watched.erase(found);
}

Presence::Cards Presence::State::mineAt(const Where &where) const
{
    Cards cards;
    if (const auto found = mine.find(where); found != mine.end()) {
        for (const auto &[id, one] : found->second)
            cards[id] = one.card;
    }
    return cards;
}

void Presence::State::seen(const Where &where, Cards now)
{
    const auto found = watched.find(where);
    if (found == watched.end())
        return;
    Watched &place = found->second;
    boost::json::array all, joined, left;
    for (const auto &[id, card] : now) {
        const auto before = place.known.find(id);
        if (before == place.known.end() || before->second != card)
            joined.push_back(shown(id, card));
        all.push_back(shown(id, card));
    }
    for (const auto &[id, card] : place.known) {
        if (!now.contains(id))
            left.push_back(boost::json::string(id));
    }
    place.known = std::move(now);
    const std::string whole = presentFrame(where.topic, all);
    const std::string change = joined.empty() && left.empty() ? "" : presenceFrame(where.topic, joined, left);
    for (auto &[watcher, wasToldAll] : place.watchers) {
        // Who did not take a change is told all, once there is room.
        if (!wasToldAll)
            wasToldAll = watcher->send(whole);
        else if (!change.empty())
            wasToldAll = watcher->send(change);
    }
}

Task<void> Presence::beatAll(std::shared_ptr<State> state)
{
    while (!state->isClosed) {
        co_await state->closing.waitFor(state->parts.times.beat);
        std::vector<Where> places;
        for (const auto &[where, mine] : state->mine)
            places.push_back(where);
        for (const Where &where : places) {
            std::vector<std::string> ids;
            for (const auto &[id, card] : state->mineAt(where))
                ids.push_back(id);
            if (!state->isClosed && !ids.empty())
                co_await beat(state, where, std::move(ids));
        }
    }
}

Task<void> Presence::lookAll(std::shared_ptr<State> state)
{
    while (!state->isClosed) {
        co_await state->closing.waitFor(state->parts.times.look);
        std::vector<Where> places;
        for (const auto &[where, watched] : state->watched)
            places.push_back(where);
        for (const Where &where : places) {
            if (!state->isClosed)
                co_await look(state, where);
        }
    }
}

Task<void> Presence::beat(std::shared_ptr<State> state, Where where, std::vector<std::string> ids)
{
    std::vector<std::string> arguments;
    arguments.push_back(std::to_string(state->parts.times.downAfter.count()));
    arguments.push_back(std::to_string(base::Milliseconds(kPresenceKept).count()));
    arguments.push_back(std::to_string(kPresentMax));
    const Cards cards = state->mineAt(where);
    for (const std::string &id : ids) {
        const auto card = cards.find(id);
        if (card == cards.end())
            continue;
        arguments.push_back(id + state->mark);
        arguments.push_back(card->second);
    }
    // One that fails is said again with the next beat.
    if (!state->isClosed && arguments.size() > 3)
        static_cast<void>(co_await state->parts.redis.run(kBeat, keysOf(where), std::move(arguments)));
}

Task<void> Presence::forget(std::shared_ptr<State> state, Where where, std::string id)
{
    std::vector<std::string> arguments;
    arguments.push_back(id + state->mark);
    if (!state->isClosed)
        static_cast<void>(co_await state->parts.redis.run(kLeave, keysOf(where), std::move(arguments)));
}

Task<void> Presence::look(std::shared_ptr<State> state, Where where)
{
    if (state->isClosed)
        co_return;
    std::vector<std::string> nothing;
    const auto reply = co_await state->parts.redis.run(kLook, keysOf(where), std::move(nothing));
    const auto found = state->watched.find(where);
    if (state->isClosed || found == state->watched.end())
        co_return;
    Cards now = state->mineAt(where);
    const auto *list = reply ? reply->list() : nullptr;
    for (std::size_t i = 0; list && i + 1 < list->size(); i += 2) {
        const auto stored = (*list)[i].text();
        const auto card = (*list)[i + 1].text();
        if (stored && card)
            now.emplace(withoutMark(*stored), *card);
    }
    if (!list)
        now.insert(found->second.known.begin(), found->second.known.end());
    state->seen(where, std::move(now));
}

} // namespace voelgoed::topics
