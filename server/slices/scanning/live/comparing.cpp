#include "server/slices/scanning/live/comparing.h"

#include "server/slices/scanning/live/keys.h"

namespace voelgoed::scanning {

using async::Task;
using base::Result;
using Fields = std::map<std::string, std::string>;

namespace {

constexpr std::uint32_t kOrdinalsTogether = 5'000;

base::Error strange()
{
    return base::corrupt("redis: figures of scanning are no figures");
}

Task<Result<Fields>> hashAt(redis::Client &redis, std::string key)
{
    const auto reply = co_await redis.call({"HGETALL", key});
    if (!reply)
        co_return reply.error();
    const auto *list = reply->list();
    if (!list)
        co_return strange();
    Fields fields;
    for (std::size_t i = 0; i + 1 < list->size(); i += 2) {
        const auto field = (*list)[i].text(), value = (*list)[i + 1].text();
        if (!field || !value)
            co_return strange();
        fields.emplace(*field, *value);
    }
    co_return fields;
}

Task<Result<std::int64_t>> numberOf(redis::Client &redis, std::string command, std::string key)
{
    const auto reply = co_await redis.call({command, key});
    if (!reply)
        co_return reply.error();
    co_return reply->integer();
}

/// What there is of a checkpoint beyond what is compared one by one.
struct Totals
{
    std::int64_t claims = 0, entered = 0;
};

struct Place
{
    redis::Tag tag;
    std::string epoch;

    std::string claims(const std::string &checkpoint) const { return kClaims.of(tag, {epoch, checkpoint}); }
    std::string entered(const std::string &checkpoint) const { return kEntered.of(tag, {epoch, checkpoint}); }
};

/// Whether these claims are there, letter by letter, with their bits.
Task<Result<bool>> areThere(redis::Client &redis, Place place, std::string checkpoint, std::vector<Claim> claims)
{
    std::vector<std::string> ask{"HMGET", place.claims(checkpoint)}, bits{"BITFIELD", place.entered(checkpoint)};
    for (const Claim &claim : claims) {
        ask.push_back(std::to_string(claim.of.ordinal));
        for (const char *word : {"GET", "u1"})
            bits.emplace_back(word);
        bits.push_back(std::to_string(claim.of.ordinal));
    }
    const auto texts = co_await redis.call(std::move(ask));
    if (!texts)
        co_return texts.error();
    const auto flags = co_await redis.call(std::move(bits));
    if (!flags)
        co_return flags.error();
    const auto *values = texts->list(), *set = flags->list();
    if (!values || !set || values->size() != claims.size() || set->size() != claims.size())
        co_return strange();
    for (std::size_t i = 0; i < claims.size(); ++i) {
        const auto there = (*values)[i].text();
        const bool isNone = claims[i].entries == 0 && claims[i].exits == 0;
        const bool isSame = isNone ? (*values)[i].isNil() : there && *there == textOf(claims[i]);
        const auto flag = (*set)[i].integer();
        if (!isSame || !flag || (*flag == 1) != (claims[i].entries > 0))
            co_return false;
    }
    co_return true;
}

} // namespace

Task<Result<std::optional<std::string>>> findDrift(work::Database &database, redis::Client &redis, EventKey event,
                                                   std::string epoch, ColdFigures figures)
{
    const Place place{redis::Tag::event(event.organization, event.event), epoch};
    Fields gates, sessions;
    for (const GateCount &gate : figures.gates)
        gates.emplace(fieldOf(gate.of), textOf(gate));
    for (const SessionCount &session : figures.sessions)
        sessions.emplace(session.session, std::to_string(session.scans));
    for (const auto &[key, wanted, name] : {std::tuple(kOccupancy.of(place.tag, {epoch}), &gates, "occupancy"),
                                            std::tuple(kSessions.of(place.tag, {epoch}), &sessions, "sessions")}) {
        const auto there = co_await hashAt(redis, key);
        if (!there)
            co_return there.error();
        if (*there != *wanted)
            co_return std::optional<std::string>(name);
    }
    std::map<std::string, Totals> totals;
    for (const GateCount &gate : figures.gates)
        totals[keyTextOf(gate.of.checkpoint)];
    for (std::uint32_t ordinal = 0; ordinal <= figures.ordinalMax; ordinal += kOrdinalsTogether) {
        auto claims =
            co_await readClaims(database, event, {.first = ordinal, .count = kOrdinalsTogether, .head = figures.head});
        if (!claims)
            co_return claims.error();
        std::map<std::string, std::vector<Claim>> byCheckpoint;
        for (Claim &claim : *claims)
            byCheckpoint[keyTextOf(claim.of.checkpoint)].push_back(std::move(claim));
        for (auto &[checkpoint, some] : byCheckpoint) {
            for (const Claim &claim : some) {
                totals[checkpoint].claims += claim.entries != 0 || claim.exits != 0 ? 1 : 0;
                totals[checkpoint].entered += claim.entries > 0 ? 1 : 0;
            }
            const auto there = co_await areThere(redis, place, checkpoint, std::move(some));
            if (!there)
                co_return there.error();
            if (!*there)
                co_return std::optional<std::string>("claims of " + checkpoint);
        }
    }
    for (const auto &[checkpoint, total] : totals) {
        const auto claims = co_await numberOf(redis, "HLEN", place.claims(checkpoint));
        if (!claims)
            co_return claims.error();
        const auto entered = co_await numberOf(redis, "BITCOUNT", place.entered(checkpoint));
        if (!entered)
            co_return entered.error();
        if (*claims != total.claims || *entered != total.entered)
            co_return std::optional<std::string>("claims of " + checkpoint);
    }
    co_return std::optional<std::string>();
}

} // namespace voelgoed::scanning
