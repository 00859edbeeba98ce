#pragma once

#include "server/platform/clock/system_clock.h"
#include "server/platform/topics/topics.h"
#include "server/slices/scanning/live/keys.h"
#include "server/slices/scanning/live/mirror.h"
#include "server/slices/scanning/live/rates.h"
#include "server/slices/scanning/live/teller.h"
#include "server/slices/scanning/migrations.h"
#include "server/slices/scanning/scanning.h"
#include "server/slices/scanning/telling.h"
#include "shared/base/crypto/system_random.h"
#include "tests/server/slices/scanning/rows.h"
#include "tests/support/redis_process.h"
#include "tests/support/scanning_needs.h"
#include "tests/support/work_database.h"

#include <list>
#include <map>
#include <set>

namespace voelgoed::support {

inline const base::Uuid kOrganization = test::uuidOf(1);
inline const base::Uuid kEvent = *base::uuidFrom("018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01");

/// What one server has of scanning: the way of rows into the database, and what follows it.
struct ScanServer
{
    ScanServer(boost::asio::io_context &on, const std::string &postgres, redis::Options options)
        : context(on),
          pool(on.get_executor(), {.url = postgres, .connections = 4, .provedEvery = 1}),
          redis(on.get_executor(), std::move(options)),
          database({.pool = pool, .clock = clock, .random = random, .wakeRelay = {}, .wakeJobs = {}}),
          waiting(on.get_executor()),
          lanes({.executor = on.get_executor(),
                 .database = database,
                 .random = random,
                 .waiting = waiting,
                 .organizations = neighbours.organizations}),
          mirror({.executor = on.get_executor(), .database = database, .redis = redis, .random = random}),
          topics({.executor = on.get_executor(), .redis = redis, .clock = clock, .random = random}),
          teller(on.get_executor(), topics),
          rates(on.get_executor(), redis, topics)
    {
        follow();
    }

    void follow()
    {
        lanes.follow({.within =
                          [](work::UnitOfWork &unit, const base::Uuid &event, const scanning::Plan &plan) {
                              for (work::Event &told : scanning::incidentEvents(unit.organization(), event, plan))
                                  unit.emit(std::move(told));
                          },
                      .after =
                          [this](const scanning::Committed &committed) {
                              if (deaf > 0)
                                  --deaf;
                              else
                                  mirror.tell(committed);
                              if (isTelling) {
                                  teller.tell(committed);
                                  rates.count(committed, clock.now().wall);
                              }
                          }});
    }

    boost::asio::io_context &context;
    platform::SystemClock clock;
    base::SystemRandom random;
    pg::Pool pool;
    redis::Client redis;
    work::Database database;
    scanning::Waiting waiting;
    test::ScanningNeeds neighbours;
    scanning::Lanes lanes;
    scanning::Mirror mirror;
    topics::Topics topics;
    scanning::Teller teller;
    scanning::Rates rates;
    int deaf = 0; ///< so many batches are committed and told to nobody, as when the server dies in between
    bool isTelling = false;
};

/// A real Postgres and a real Redis, with one event and servers that take its scans.
struct LiveWorld
{
    LiveWorld(test::Postgres &postgres, test::RedisProcess &with, std::size_t howMany) : database(postgres), redis(with)
    {
        const auto migrated = test::runTask(context, migrate(postgres));
        base::ensure(bool(migrated), migrated ? "" : migrated.error().message.c_str());
        database.execute("INSERT INTO scanning.feeds (organization_id, event_id) VALUES ('" +
                         base::toText(kOrganization) + "', '" + base::toText(kEvent) + "')");
        for (std::size_t i = 0; i < howMany; ++i)
            servers.emplace_back(context, database.url(), redis.patient());
    }

    async::Task<base::Result<void>> migrate(test::Postgres &postgres)
    {
        std::vector<pg::Migration> all = work::migrations();
        for (pg::Migration &migration : scanning::migrations())
            all.push_back(std::move(migration));
        const auto done = co_await pg::migrate(postgres.url("vg_owner", database.name()), std::move(all));
        co_return done ? base::Result<void>() : done.error();
    }

    ScanServer &server(std::size_t number) { return *std::next(servers.begin(), static_cast<std::ptrdiff_t>(number)); }

    /// What the first server's mirror says of the event once that holds; it is told after the commit, a moment later.
    template <class Condition>
    auto figuresOnce(Condition holds)
    {
        const auto read = [this] {
            return test::runTask(context, server(0).mirror.figures({support::kOrganization, support::kEvent}));
        };
        auto figures = read();
        for (int again = 0; again < 500 && figures && !holds(*figures); ++again) {
            test::runTask(context, async::sleepFor(base::Milliseconds(10)));
            figures = read();
        }
        return figures;
    }

    async::Task<void> bring(ScanServer &server, std::vector<domain::Row> rows,
                            std::vector<protocol::ShiftNote> shifts = {}, std::string by = "gate-a")
    {
        auto delivery = deliveryOf(server, rows);
        delivery.broughtBy = std::move(by);
        delivery.shifts = std::move(shifts);
        co_await bringAll(server, std::move(delivery));
    }

    static scanning::Delivery deliveryOf(ScanServer &server, const std::vector<domain::Row> &rows)
    {
        scanning::Delivery delivery;
        delivery.organization = kOrganization;
        delivery.event = kEvent;
        delivery.broughtBy = "gate-a";
        delivery.receivedAt = server.clock.now().wall;
        for (const domain::Row &row : rows) {
            // Rows of an evening that is yet to come arrive on that evening.
            delivery.receivedAt = std::max(delivery.receivedAt, row.at);
            delivery.rows.push_back(broughtOf(row));
        }
        return delivery;
    }

    static async::Task<void> bringAll(ScanServer &server, scanning::Delivery delivery)
    {
        const auto taken = co_await server.lanes.take(std::move(delivery));
        base::ensure(bool(taken), taken ? "" : taken.error().message.c_str());
    }

    std::map<std::string, std::string> hash(const redis::Key &key, const std::vector<std::string_view> &values)
    {
        const auto reply = redis.command({"HGETALL", key.of(redis::Tag::event(kOrganization, kEvent), values)});
        std::map<std::string, std::string> fields;
        const auto &list = *reply.list();
        for (std::size_t i = 0; i + 1 < list.size(); i += 2)
            fields[*list[i].text()] = *list[i + 1].text();
        return fields;
    }

    std::string epoch()
    {
        const auto fields = hash(scanning::kEpoch, {});
        const auto found = fields.find("id");
        return found == fields.end() ? std::string() : found->second;
    }

    boost::asio::io_context context;
    test::WorkDatabase database;
    test::RedisProcess &redis;
    std::list<ScanServer> servers;
};

/// What Redis should hold, counted from the rows alone, by other means than the server's.
struct Recount
{
    std::map<std::string, std::map<std::string, std::string>> claims; ///< checkpoint, ordinal, text
    std::map<std::string, std::set<std::uint32_t>> entered;
    std::map<std::string, std::string> occupancy, sessions;
};

inline Recount recount(const std::vector<domain::Row> &rows)
{
    struct Sum
    {
        std::int64_t entries = 0, exits = 0;
        const domain::Row *first = nullptr;
    };
    std::set<domain::RowKey> undone;
    for (const domain::Row &row : rows) {
        if (const auto *undo = std::get_if<domain::UndoRecord>(&row.what))
            undone.insert(undo->row);
    }
    std::map<std::pair<std::string, std::uint32_t>, Sum> sums;
    std::map<std::pair<std::string, std::string>, std::array<std::int64_t, 3>> gates;
    std::map<std::string, std::int64_t> sessions;
    for (const domain::Row &row : rows) {
        const auto *scan = std::get_if<domain::ScanRecord>(&row.what);
        if (!scan)
            continue;
        ++sessions[scan->session.text];
        if (scan->test)
            continue;
        auto &gate = gates[{scan->checkpoint.text, scan->gate.text}];
        if (scan->outcome != "admit") {
            ++gate[2];
            continue;
        }
        if (undone.contains(row.key))
            continue;
        Sum &sum = sums[{scan->checkpoint.text, scan->ordinal.value}];
        const bool isEntry = scan->direction == domain::Direction::Entry;
        (isEntry ? sum.entries : sum.exits) += scan->count;
        gate[isEntry ? 0 : 1] += scan->count;
        const auto place = [](const domain::Row &of) {
            return std::tuple(of.at, of.key.device.text, of.key.sequence.value);
        };
        if (isEntry && (!sum.first || place(row) < place(*sum.first)))
            sum.first = &row;
    }
    Recount result;
    for (const auto &[key, sum] : sums) {
        std::string text = std::to_string(sum.entries) + " " + std::to_string(sum.exits);
        if (sum.first) {
            const domain::RowKey &row = sum.first->key;
            text += " " + std::to_string(sum.first->at.time_since_epoch().count()) + " " +
                    std::to_string(row.epoch.value) + " " + std::to_string(row.sequence.value) + " " + row.device.text;
            result.entered[key.first].insert(key.second);
        }
        result.claims[key.first][std::to_string(key.second)] = text;
    }
    for (const auto &[key, gate] : gates)
        result.occupancy["[\"" + key.first + "\",\"" + key.second + "\"]"] =
            std::to_string(gate[0]) + " " + std::to_string(gate[1]) + " " + std::to_string(gate[2]);
    for (const auto &[session, scans] : sessions)
        result.sessions[session] = std::to_string(scans);
    return result;
}

/// What is wrong with Redis; empty when nothing is.
inline std::string difference(LiveWorld &world, const std::vector<domain::Row> &rows, std::uint32_t ordinals)
{
    const Recount wanted = recount(rows);
    const std::string epoch = world.epoch();
    if (epoch.empty())
        return "it is cold";
    if (world.hash(scanning::kOccupancy, {epoch}) != wanted.occupancy)
        return "occupancy";
    if (world.hash(scanning::kSessions, {epoch}) != wanted.sessions)
        return "sessions";
    for (const char *checkpoint : {"main", "vip"}) {
        const auto claims = wanted.claims.find(checkpoint);
        const auto expected = claims == wanted.claims.end() ? std::map<std::string, std::string>() : claims->second;
        if (world.hash(scanning::kClaims, {epoch, checkpoint}) != expected)
            return std::string("claims of ") + checkpoint;
        const auto entered = wanted.entered.find(checkpoint);
        const std::string key = scanning::kEntered.of(redis::Tag::event(kOrganization, kEvent), {epoch, checkpoint});
        for (std::uint32_t ordinal = 0; ordinal <= ordinals; ++ordinal) {
            const bool is = *world.redis.command({"GETBIT", key, std::to_string(ordinal)}).integer() == 1;
            if (is != (entered != wanted.entered.end() && entered->second.contains(ordinal)))
                return "the flag of " + std::to_string(ordinal) + " at " + checkpoint;
        }
    }
    return {};
}

} // namespace voelgoed::support
