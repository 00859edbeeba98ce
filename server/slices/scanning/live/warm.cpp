#include "server/slices/scanning/live/warm.h"

#include "server/slices/scanning/live/keys.h"
#include "shared/base/json.h"

#include <algorithm>
#include <sstream>

namespace voelgoed::scanning {

using async::Task;
using base::Milliseconds;
using base::Result;

namespace {

constexpr std::size_t kEpochsKept = 10'000;

/// KEYS: epoch, occupancy, sessions; then claims, entered and held of each checkpoint. ARGV: epoch, batch before,
/// batch, head, two lives in ms, how many gates, sessions and checkpoints; then gates as field and value, sessions as
/// field and value, and for each checkpoint how many claims, with ordinal, bit and value ("": none) of each.
constexpr redis::Script kApply{"scanning.apply", R"lua(
local known = redis.call('HMGET', KEYS[1], 'id', 'batch')
if not known[1] then return 'cold' end
if known[1] ~= ARGV[1] then return 'epoch ' .. known[1] end
local at = tonumber(known[2])
if at >= tonumber(ARGV[3]) then return 'already' end
if at ~= tonumber(ARGV[2]) then return 'gap' end
local place = 10
for _ = 1, ARGV[7] do
  redis.call('HSET', KEYS[2], ARGV[place], ARGV[place + 1])
  place = place + 2
end
for _ = 1, ARGV[8] do
  redis.call('HSET', KEYS[3], ARGV[place], ARGV[place + 1])
  place = place + 2
end
for c = 1, ARGV[9] do
  local claims, entered, held = KEYS[c * 3 + 1], KEYS[c * 3 + 2], KEYS[c * 3 + 3]
  local count = tonumber(ARGV[place])
  place = place + 1
  for _ = 1, count do
    local ordinal = ARGV[place]
    redis.call('SETBIT', entered, ordinal, ARGV[place + 1])
    if ARGV[place + 2] == '' then
      redis.call('HDEL', claims, ordinal)
    else
      redis.call('HSET', claims, ordinal, ARGV[place + 2])
    end
    redis.call('HDEL', held, ordinal)
    place = place + 3
  end
  redis.call('PEXPIRE', claims, ARGV[6])
  redis.call('PEXPIRE', entered, ARGV[6])
end
redis.call('PEXPIRE', KEYS[2], ARGV[6])
redis.call('PEXPIRE', KEYS[3], ARGV[6])
redis.call('HSET', KEYS[1], 'batch', ARGV[3], 'head', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 'done'
)lua"};

/// KEYS: epoch, claims, held. ARGV: epoch, ordinal, "epoch seq device" of the scan, how long it is held in ms.
constexpr redis::Script kClaim{"scanning.claim", R"lua(
local known = redis.call('HGET', KEYS[1], 'id')
if not known then return {'cold'} end
if known ~= ARGV[1] then return {'epoch', known} end
local there = redis.call('HGET', KEYS[2], ARGV[2])
if there then
  local entries, exits, who = string.match(there, '^(%d+) (%d+) ?%-?%d* ?(.*)$')
  if tonumber(entries) > 0 then
    if who == ARGV[3] then return {'same', entries, exits, who} end
    return {'again', entries, exits, who}
  end
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local held = redis.call('HGET', KEYS[3], ARGV[2])
if held then
  local till, who = string.match(held, '^(%d+) (.*)$')
  if who == ARGV[3] then return {'same', '0', '0', who} end
  if tonumber(till) > now then return {'again', '0', '0', who} end
end
redis.call('HSET', KEYS[3], ARGV[2], string.format('%.0f ', now + ARGV[4]) .. ARGV[3])
redis.call('PEXPIRE', KEYS[3], ARGV[4])
return {'first'}
)lua"};

redis::Tag tagOf(const EventKey &event)
{
    return redis::Tag::event(event.organization, event.event);
}

std::string numberOf(Milliseconds life)
{
    return std::to_string(life.count());
}

std::string whoOf(const domain::RowKey &row)
{
    return std::to_string(row.epoch.value) + " " + std::to_string(row.sequence.value) + " " + row.device.text;
}

std::optional<domain::RowKey> rowFrom(const std::string &who)
{
    std::istringstream in(who);
    domain::RowKey row;
    if (!(in >> row.epoch.value >> row.sequence.value))
        return std::nullopt;
    in.get();
    std::getline(in, row.device.text, '\0');
    return row;
}

base::Error strange()
{
    return base::corrupt("redis: a script of scanning answered something strange");
}

std::map<std::string, std::vector<const Claim *>> byCheckpoint(const WarmChange &change)
{
    std::map<std::string, std::vector<const Claim *>> claims;
    for (const Claim &claim : change.claims)
        claims[keyTextOf(claim.of.checkpoint)].push_back(&claim);
    return claims;
}

bool isNothing(const Claim &claim)
{
    return claim.entries == 0 && claim.exits == 0;
}

struct ApplyCall
{
    std::vector<std::string> keys, arguments;
};

ApplyCall callFor(const EventKey &event, const std::string &epoch, const WarmChange &change)
{
    const redis::Tag tag = tagOf(event);
    const auto claims = byCheckpoint(change);
    ApplyCall call;
    call.keys = {kEpoch.of(tag), kOccupancy.of(tag, {epoch}), kSessions.of(tag, {epoch})};
    call.arguments = {epoch,
                      std::to_string(change.from),
                      std::to_string(change.batch),
                      std::to_string(change.head),
                      numberOf(kEpochKept),
                      numberOf(kWarmKept),
                      std::to_string(change.gates.size()),
                      std::to_string(change.sessions.size()),
                      std::to_string(claims.size())};
    for (const GateCount &gate : change.gates) {
        call.arguments.push_back(fieldOf(gate.of));
        call.arguments.push_back(textOf(gate));
    }
    for (const SessionCount &session : change.sessions) {
        call.arguments.push_back(session.session);
        call.arguments.push_back(std::to_string(session.scans));
    }
    for (const auto &[checkpoint, some] : claims) {
        for (const redis::Key *key : {&kClaims, &kEntered, &kHeld})
            call.keys.push_back(key->of(tag, {epoch, checkpoint}));
        call.arguments.push_back(std::to_string(some.size()));
        for (const Claim *claim : some) {
            call.arguments.push_back(std::to_string(claim->of.ordinal));
            call.arguments.emplace_back(claim->entries > 0 ? "1" : "0");
            call.arguments.push_back(isNothing(*claim) ? std::string() : textOf(*claim));
        }
    }
    return call;
}

} // namespace

std::string keyTextOf(const std::string &checkpoint)
{
    return checkpoint.empty() ? "~" : checkpoint;
}

std::string textOf(const Claim &claim)
{
    std::string text = std::to_string(claim.entries) + " " + std::to_string(claim.exits);
    if (claim.first)
        text += " " + std::to_string(claim.first->at.time_since_epoch().count()) + " " + whoOf(claim.first->row);
    return text;
}

std::string fieldOf(const GateKey &gate)
{
    return base::toText(boost::json::array{gate.checkpoint, gate.gate});
}

std::string textOf(const GateCount &count)
{
    const GateDelta &sum = count.sum;
    std::string text =
        std::to_string(sum.entries) + " " + std::to_string(sum.exits) + " " + std::to_string(sum.refused);
    // Where nothing ever closes both sums are the same.
    if (sum.since != base::Instant{})
        text += " " + std::to_string(base::millisOf(sum.since)) + " " + std::to_string(sum.sinceEntries) + " " +
                std::to_string(sum.sinceExits);
    return text;
}

Task<Result<WarmPoint>> Warm::where(EventKey event)
{
    const auto reply = co_await m_redis.call({"HMGET", kEpoch.of(tagOf(event)), "id", "batch", "head"});
    if (!reply)
        co_return reply.error();
    const auto *list = reply->list();
    if (!list || list->size() != 3)
        co_return strange();
    if (list->front().isNil())
        co_return WarmPoint();
    const auto epoch = (*list)[0].text();
    const auto batch = (*list)[1].integer(), head = (*list)[2].integer();
    if (!epoch || !batch || !head)
        co_return strange();
    if (m_epochs.size() >= kEpochsKept)
        m_epochs.clear();
    m_epochs[event] = *epoch;
    co_return WarmPoint{*epoch, *batch, *head};
}

Task<Result<Applied>> Warm::apply(EventKey event, WarmChange change)
{
    for (int attempt = 0; attempt < 3; ++attempt) {
        std::string &epoch = m_epochs[event];
        ApplyCall call = callFor(event, epoch.empty() ? "-" : epoch, change);
        const auto reply = co_await m_redis.run(kApply, std::move(call.keys), std::move(call.arguments));
        if (!reply)
            co_return reply.error();
        const auto word = reply->text();
        if (!word)
            co_return word.error();
        if (*word == "done")
            co_return Applied::Done;
        if (*word == "already")
            co_return Applied::Already;
        if (*word == "gap")
            co_return Applied::Gap;
        if (*word == "cold")
            co_return Applied::Cold;
        if (!word->starts_with("epoch "))
            co_return strange();
        m_epochs[event] = word->substr(6);
    }
    co_return Applied::Gap;
}

Task<Result<Claimed>> Warm::claim(EventKey event, ClaimQuestion question)
{
    const redis::Tag tag = tagOf(event);
    const std::string checkpoint = keyTextOf(question.checkpoint);
    for (int attempt = 0; attempt < 3; ++attempt) {
        const std::string epoch = m_epochs[event].empty() ? "-" : m_epochs[event];
        const auto reply = co_await m_redis.run(
            kClaim, {kEpoch.of(tag), kClaims.of(tag, {epoch, checkpoint}), kHeld.of(tag, {epoch, checkpoint})},
            {epoch, std::to_string(question.ordinal.value), whoOf(question.row), numberOf(kHeldMax)});
        if (!reply)
            co_return reply.error();
        const auto *list = reply->list();
        const auto word = list && !list->empty() ? list->front().text() : base::Result<std::string>(strange());
        if (!word)
            co_return word.error();
        if (*word == "epoch" && list->size() == 2) {
            m_epochs[event] = (*list)[1].text().valueOr("");
            continue;
        }
        if (*word == "first")
            co_return Claimed{.answer = ClaimAnswer::First, .entries = 0, .exits = 0, .holder = {}};
        if (*word == "cold" || list->size() != 4)
            co_return Claimed();
        const auto entries = (*list)[1].integer(), exits = (*list)[2].integer();
        const auto who = (*list)[3].text();
        if (!entries || !exits || !who)
            co_return strange();
        co_return Claimed{.answer = *word == "same" ? ClaimAnswer::Same : ClaimAnswer::Again,
                          .entries = *entries,
                          .exits = *exits,
                          .holder = rowFrom(*who)};
    }
    co_return Claimed();
}

Task<Result<std::vector<GateCount>>> Warm::gates(EventKey event, std::string epoch)
{
    const auto reply = co_await m_redis.call({"HGETALL", kOccupancy.of(tagOf(event), {epoch})});
    if (!reply)
        co_return reply.error();
    const auto *list = reply->list();
    if (!list)
        co_return strange();
    std::vector<GateCount> gates;
    for (std::size_t i = 0; i + 1 < list->size(); i += 2) {
        const auto field = (*list)[i].text(), value = (*list)[i + 1].text();
        if (!field || !value)
            co_return strange();
        const auto names = base::parseJson(*field);
        if (!names || !names->is_array() || names->get_array().size() != 2)
            co_return strange();
        GateCount gate{
            .of = {std::string(names->get_array()[0].as_string()), std::string(names->get_array()[1].as_string())},
            .sum = {}};
        std::istringstream in(*value);
        GateDelta &sum = gate.sum;
        if (!(in >> sum.entries >> sum.exits >> sum.refused))
            co_return strange();
        std::int64_t since = 0;
        if (in >> since >> sum.sinceEntries >> sum.sinceExits) {
            sum.since = base::instantFromMillis(since);
        } else {
            sum.sinceEntries = sum.entries;
            sum.sinceExits = sum.exits;
        }
        gates.push_back(std::move(gate));
    }
    std::sort(gates.begin(), gates.end(), [](const auto &a, const auto &b) { return a.of < b.of; });
    co_return gates;
}

} // namespace voelgoed::scanning
