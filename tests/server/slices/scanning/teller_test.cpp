#include "server/platform/topics/keys.h"
#include "server/slices/scanning/shifts.h"
#include "tests/server/slices/scanning/live_world.h"
#include "tests/support/memory_socket.h"

#include <QTest>

using namespace voelgoed;
using namespace voelgoed::scanning;
using namespace voelgoed::support;
using test::MemorySocket;
using test::RedisProcess;
using test::runTask;
using test::runUntil;

namespace {

access::Actor owner()
{
    access::Actor actor;
    actor.kind = access::ActorKind::User;
    actor.id = test::uuidOf(50);
    actor.organization = kOrganization;
    actor.role = access::Role::Owner;
    return actor;
}

/// A server that tells, and somebody who listens at its event.
struct Listening
{
    Listening(test::Postgres &postgres, RedisProcess &redis)
        : world(postgres, redis, 2), server(world.server(0)), socket(world.context.get_executor())
    {
        for (ScanServer &each : world.servers)
            each.isTelling = true;
        server.topics.family({.pattern = topics::kScanningOfEvent,
                              .policy = access::Policy::signedIn(),
                              .check = [](topics::Joining joining) -> async::Task<base::Result<bool>> {
                                  co_return joining.id == base::toText(kEvent);
                              }});
        server.topics.listen({.prefix = "", .heard = [](const auto &) {}, .lost = [this] { ++stands; }});
        server.topics.start();
        runUntil(world.context, [this] { return stands > 0; });
        async::start(world.context.get_executor(), "a socket", server.topics.serve(owner(), socket));
        socket.say(base::Json{{"op", "sub"}, {"topic", "scanning:event:" + base::toText(kEvent)}});
        runUntil(world.context, [this] { return !socket.got("snap").empty(); });
    }
    ~Listening()
    {
        socket.goAway();
        runUntil(world.context, [this] { return server.topics.sockets() == 0; });
    }

    std::vector<base::Json> events(std::string_view type) const
    {
        std::vector<base::Json> some;
        for (const base::Json &frame : socket.got("event")) {
            if (frame.at("event").at("type").as_string() == type)
                some.push_back(frame.at("event").at("data"));
        }
        return some;
    }
    void bring(std::vector<domain::Row> rows) { runTask(world.context, world.bring(server, std::move(rows))); }

    LiveWorld world;
    ScanServer &server;
    MemorySocket socket;
    int stands = 0;
};

} // namespace

/// Who listens at an event hears what is scanned there.
class TellerTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;

private slots:
    void initTestCase() { m_postgres = std::make_unique<test::Postgres>(); }

    void eachScanIsToldAndTheGatesFiguresBehindIt()
    {
        RedisProcess redis;
        Listening listening(*m_postgres, redis);
        listening.bring({rowOf({.sequence = 1, .ordinal = 7}),
                         rowOf({.sequence = 2, .ordinal = 7, .outcome = "refuse", .reason = "already_used"})});
        runUntil(listening.world.context, [&] { return !listening.events("scanning.occupancy_updated.v1").empty(); });
        QCOMPARE(listening.events("scanning.scan_admitted.v1").size(), 1U);
        QCOMPARE(listening.events("scanning.scan_denied.v1").size(), 1U);
        const base::Json occupancy = listening.events("scanning.occupancy_updated.v1").front();
        QCOMPARE(occupancy.at("entries").to_number<int>(), 1);
        QCOMPARE(occupancy.at("denied").to_number<int>(), 1);
        QCOMPARE(occupancy.at("current_occupancy").to_number<int>(), 1);
        QCOMPARE(occupancy.at("total_occupancy").to_number<int>(), 1);
    }

    void ofALargeBatchSumsAreTold()
    {
        RedisProcess redis;
        Listening listening(*m_postgres, redis);
        std::vector<domain::Row> rows;
        for (std::uint32_t i = 1; i <= 200; ++i)
            rows.push_back(rowOf({.sequence = i, .ordinal = i}));
        listening.bring(rows);
        runUntil(listening.world.context, [&] { return !listening.events("scanning.occupancy_updated.v1").empty(); });
        QVERIFY(listening.events("scanning.scan_admitted.v1").empty());
        QCOMPARE(listening.events("scanning.batch_taken.v1").size(), 1U);
        QCOMPARE(listening.events("scanning.batch_taken.v1").front().at("admitted").to_number<int>(), 200);
    }

    void whoBeginsAndEndsAShiftIsToldOnce()
    {
        RedisProcess redis;
        Listening listening(*m_postgres, redis);
        const base::Instant now = at("19:00:00");
        const auto say = [&](const char *session, std::optional<base::Instant> closedAt) {
            const protocol::ShiftNote note{.session = {session},
                                           .event = {base::toText(kEvent)},
                                           .gate = {"north"},
                                           .operatedBy = {"sipho"},
                                           .openedAt = now,
                                           .closedAt = closedAt};
            runTask(listening.world.context, listening.world.bring(listening.server, {}, {note}));
        };
        const auto told = [&](const char *type, std::size_t count) {
            runUntil(listening.world.context, [&] { return listening.events(type).size() >= count; });
            return listening.events(type);
        };
        say("morning", {});
        say("morning", {}); // said again
        QCOMPARE(told("scanning.session_started.v1", 1).size(), 1U);
        // The next one on the same device ends it, and then this one ends, which is said twice, too.
        say("evening", {});
        QCOMPARE(told("scanning.session_ended.v1", 1).front().at("session_id").as_string(), "morning");
        say("evening", now + std::chrono::hours(1));
        say("evening", now + std::chrono::hours(1));
        const auto ended = told("scanning.session_ended.v1", 2);
        QCOMPARE(ended.back().at("session_id").as_string(), "evening");
        QCOMPARE(std::string(ended.back().at("ended_at").as_string()),
                 base::formatInstant(now + std::chrono::hours(1)));
        say("night", {});
        const auto started = told("scanning.session_started.v1", 3);
        QCOMPARE(started.size(), 3U);
        QCOMPARE(started.back().at("gate_id").as_string(), "north");
        QCOMPARE(listening.events("scanning.session_ended.v1").size(), 2U);
    }

    // The owner's check 17.
    void aShiftThatEndsAtAnotherEventIsToldThere()
    {
        RedisProcess redis;
        Listening listening(*m_postgres, redis);
        const base::Uuid other = test::uuidOf(77);
        listening.world.database.execute("INSERT INTO scanning.feeds (organization_id, event_id) VALUES ('" +
                                         base::toText(kOrganization) + "', '" + base::toText(other) + "')");
        const auto begin = [&](const base::Uuid &event, const char *session, base::Instant openedAt) {
            auto delivery = LiveWorld::deliveryOf(listening.server, {});
            delivery.event = event;
            delivery.shifts = {{.session = {session},
                                .event = {base::toText(event)},
                                .gate = {"north"},
                                .operatedBy = {"sipho"},
                                .openedAt = openedAt,
                                .closedAt = {}}};
            runTask(listening.world.context, LiveWorld::bringAll(listening.server, std::move(delivery)));
        };
        begin(other, "there", at("19:00:00"));
        begin(kEvent, "here", at("20:00:00"));
        const auto toldAt = [&](const base::Uuid &event) {
            const auto log = redis.command({"XLEN", topics::kLog.of(redis::Tag::organization(kOrganization),
                                                                    {topics::kScanningOfEvent.of(event)})});
            return log.integer().valueOr(0);
        };
        runUntil(listening.world.context, [&] { return toldAt(other) == 2 && toldAt(kEvent) == 1; });
        runUntil(listening.world.context, [&] { return !listening.events("scanning.session_started.v1").empty(); });
        QVERIFY(listening.events("scanning.session_ended.v1").empty());
        QCOMPARE(listening.events("scanning.session_started.v1").front().at("session_id").as_string(), "here");
    }

    void howManyAreScannedIsToldOnceASecondForAllServers()
    {
        RedisProcess redis;
        Listening listening(*m_postgres, redis);
        LiveWorld &world = listening.world;
        const base::Instant now = world.server(0).clock.now().wall;
        std::vector<domain::Row> here, there;
        for (std::uint32_t i = 1; i <= 30; ++i) {
            const char *outcome = i % 3 == 0 ? "refuse" : "admit";
            here.push_back(rowOf({.sequence = i, .ordinal = i, .when = now, .outcome = outcome}));
            there.push_back(
                rowOf({.device = "gate-b", .sequence = i, .ordinal = 100 + i, .when = now, .outcome = outcome}));
        }
        // Hours late, and no crowd.
        there.push_back(
            rowOf({.device = "gate-b", .sequence = 31, .ordinal = 200, .when = now - std::chrono::hours(3)}));
        // A test scan is nobody.
        there.push_back(rowOf({.device = "gate-b", .sequence = 32, .ordinal = 201, .when = now, .test = true}));
        runTask(world.context, world.bring(world.server(0), here));
        runTask(world.context, world.bring(world.server(1), there));
        const auto rates = [&] { return listening.events("scanning.rates_updated.v1"); };
        const auto number = [](const base::Json &told, const char *name) { return told.at(name).to_number<int>(); };
        runUntil(world.context,
                 [&] { return !rates().empty() && number(rates().back(), "admitted_per_minute") == 40; });
        QCOMPARE(number(rates().back(), "denied_per_minute"), 20);
        const std::size_t before = rates().size();
        const auto from = std::chrono::steady_clock::now();
        runUntil(world.context, [&] { return rates().size() >= before + 3; });
        // Two servers, and one word a second.
        QVERIFY(std::chrono::steady_clock::now() - from > std::chrono::milliseconds(1'900));
        QCOMPARE(number(rates().back(), "admitted_per_minute"), 40);
        QCOMPARE(number(rates().back(), "admitted_per_second"), 0);
        int most = 0;
        for (const base::Json &told : rates())
            most += number(told, "admitted_per_second");
        QVERIFY2(most > 0 && most <= 40, std::to_string(most).c_str());
    }

    void whileRedisIsAwayThoseHereHearItAllTheSame()
    {
        RedisProcess redis;
        Listening listening(*m_postgres, redis);
        redis.kill();
        listening.bring({rowOf({.sequence = 1})});
        runUntil(listening.world.context, [&] { return !listening.events("scanning.scan_admitted.v1").empty(); });
        redis.start();
    }

    void aDoubleGoesIntoTheOutboxWithItsBatch()
    {
        RedisProcess redis;
        LiveWorld world(*m_postgres, redis, 1);
        runTask(world.context, world.bring(world.server(0), {rowOf({.device = "gate-a", .when = at("19:30:00")}),
                                                             rowOf({.device = "gate-b", .when = at("19:30:01")})}));
        QCOMPARE(world.database.execute("SELECT count(*) FROM platform.outbox WHERE event::jsonb->>'type' = "
                                        "'scanning.incident_raised.v1'"),
                 std::string("2"));
        // The same rows again raise nothing again.
        runTask(world.context, world.bring(world.server(0), {rowOf({.device = "gate-a", .when = at("19:30:00")})}));
        QCOMPARE(world.database.execute("SELECT count(*) FROM platform.outbox"), std::string("2"));
    }

    void aSilentShiftEndsWithItsLastScanAndALateRowStillJoinsIt()
    {
        RedisProcess redis;
        LiveWorld world(*m_postgres, redis, 1);
        const base::Instant now = world.server(0).clock.now().wall;
        const auto row = [&](std::uint64_t sequence, std::chrono::hours ago, const char *device) {
            return rowOf({.device = device, .sequence = sequence, .when = now - ago});
        };
        runTask(world.context,
                world.bring(world.server(0),
                            {row(1, std::chrono::hours(20), "gate-a"), row(2, std::chrono::hours(13), "gate-a"),
                             row(1, std::chrono::hours(20), "gate-b"), row(2, std::chrono::hours(11), "gate-b")}));
        QVERIFY(bool(runTask(world.context, closeSilentShifts(world.server(0).database))));
        const auto closed = [&] {
            return world.database.execute("SELECT string_agg(id || ' ' || closed_because || ' ' || scans, ', ') FROM "
                                          "scanning.sessions WHERE closed_at = last_scan_at");
        };
        QCOMPARE(closed(), std::string("shift of gate-a silent 2"));
        runTask(world.context, world.bring(world.server(0), {row(3, std::chrono::hours(19), "gate-a")}));
        QCOMPARE(closed(), std::string("shift of gate-a silent 3"));
    }
};

QTEST_GUILESS_MAIN(TellerTest)
#include "teller_test.moc"
