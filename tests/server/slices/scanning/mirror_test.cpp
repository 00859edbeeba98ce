#include "tests/server/slices/scanning/evening.h"
#include "tests/server/slices/scanning/live_world.h"

#include <QTest>

using namespace voelgoed;
using namespace voelgoed::scanning;
using namespace voelgoed::support;
using test::RedisProcess;
using test::runTask;

/// An event's figures in Redis beside the rows in Postgres, whatever becomes of Redis.
class MirrorTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;

    /// Several batches, on whichever server, some at the same time.
    static async::Task<void> someBatches(LiveWorld &world, Evening &evening)
    {
        const std::uint64_t batches = 1 + evening.below(3);
        for (std::uint64_t i = 0; i < batches; ++i) {
            ScanServer &server = world.server(evening.below(world.servers.size()));
            co_await world.bring(server, evening.some(1 + evening.below(25)));
        }
    }

    static void heal(LiveWorld &world)
    {
        for (ScanServer &server : world.servers) {
            const auto healed = runTask(world.context, server.mirror.heal({kOrganization, kEvent}));
            QVERIFY2(bool(healed), healed ? "" : healed.error().message.c_str());
        }
    }

private slots:
    void initTestCase() { m_postgres = std::make_unique<test::Postgres>(); }

    void figuresEqualTheRowsAfterFlushesAtAnyMoment_data()
    {
        QTest::addColumn<int>("kind");
        QTest::newRow("Redis alone") << static_cast<int>(RedisProcess::Kind::Alone);
        QTest::newRow("a cluster of one") << static_cast<int>(RedisProcess::Kind::ClusterOfOne);
    }

    // The owner's check 15.
    void figuresEqualTheRowsAfterFlushesAtAnyMoment()
    {
        QFETCH(int, kind);
        RedisProcess redis(static_cast<RedisProcess::Kind>(kind));
        LiveWorld world(*m_postgres, redis, 2);
        Evening evening(7);
        for (int round = 0; round < 100; ++round) {
            if (evening.below(3) == 0)
                redis.flush();
            bool done = false;
            async::start(world.context.get_executor(), "batches", [&]() -> async::Task<void> {
                co_await someBatches(world, evening);
                done = true;
            });
            // A flush after so many steps of whatever goes on: between commit and telling, amid a rebuild, …
            std::uint64_t steps = evening.below(60);
            while (!done) {
                world.context.restart();
                world.context.run_one();
                if (steps > 0 && --steps == 0)
                    redis.flush();
            }
            if (evening.below(4) == 0)
                redis.flush();
            heal(world);
            const std::string wrong = difference(world, evening.all(), kOrdinals);
            QVERIFY2(wrong.empty(), ("round " + std::to_string(round) + ": " + wrong).c_str());
        }
        redis::KeyRegistry keys;
        addLiveKeys(keys);
        QCOMPARE(redis.complaints(keys), std::vector<std::string>());
    }

    void aBatchThatNobodyWasToldOfIsFoundByItsNumber()
    {
        RedisProcess redis;
        LiveWorld world(*m_postgres, redis, 2);
        Evening evening(11);
        runTask(world.context, world.bring(world.server(0), evening.some(10)));
        heal(world);
        const std::string epoch = world.epoch();
        world.server(0).deaf = 1;
        runTask(world.context, world.bring(world.server(0), evening.some(10)));
        QVERIFY(!difference(world, evening.all(), kOrdinals).empty());
        runTask(world.context, world.bring(world.server(1), evening.some(10)));
        heal(world);
        QCOMPARE(difference(world, evening.all(), kOrdinals), std::string());
        // What was missing was read, and not everything.
        QCOMPARE(world.epoch(), epoch);
    }

    void whatWasScannedLatelyIsLookedAfterWithoutABatch()
    {
        RedisProcess redis;
        LiveWorld world(*m_postgres, redis, 1);
        Evening evening(12);
        runTask(world.context, world.bring(world.server(0), evening.some(10)));
        heal(world);
        world.server(0).deaf = 1;
        runTask(world.context, world.bring(world.server(0), evening.some(10)));
        QVERIFY(bool(runTask(world.context, world.server(0).mirror.healAll())));
        QCOMPARE(difference(world, evening.all(), kOrdinals), std::string());
        redis.flush();
        QVERIFY(bool(runTask(world.context, world.server(0).mirror.healAll())));
        QCOMPARE(difference(world, evening.all(), kOrdinals), std::string());
    }

    // A backup of Postgres was restored, and Redis was not emptied.
    void figuresOfBeforeARestoredBackupAreMadeAnew()
    {
        RedisProcess redis;
        LiveWorld world(*m_postgres, redis, 1);
        Evening evening(17);
        runTask(world.context, world.bring(world.server(0), evening.some(10)));
        const std::vector<domain::Row> kept = evening.all();
        world.database.execute("CREATE TABLE kept AS SELECT * FROM scanning.feeds;"
                               "CREATE TABLE kept_sums AS SELECT * FROM scanning.occupancy;"
                               "CREATE TABLE kept_shifts AS SELECT * FROM scanning.sessions;"
                               "CREATE TABLE kept_scans AS SELECT * FROM scanning.scans");
        for (int batch = 0; batch < 3; ++batch)
            runTask(world.context, world.bring(world.server(0), evening.some(10)));
        heal(world);
        QCOMPARE(difference(world, evening.all(), kOrdinals), std::string());
        for (const char *pair : {"feeds kept", "occupancy kept_sums", "sessions kept_shifts", "scans kept_scans"}) {
            const std::string text = pair, table = "scanning." + text.substr(0, text.find(' '));
            world.database.execute("DELETE FROM " + table + "; INSERT INTO " + table + " SELECT * FROM " +
                                   text.substr(text.find(' ') + 1));
        }
        QVERIFY(bool(runTask(world.context, world.server(0).mirror.healAll())));
        QCOMPARE(difference(world, kept, kOrdinals), std::string());
    }

    void aKilledRedisHealsAndHoldsUpNoBatch()
    {
        RedisProcess redis;
        LiveWorld world(*m_postgres, redis, 1);
        Evening evening(13);
        for (int round = 0; round < 5; ++round) {
            redis.kill();
            runTask(world.context, world.bring(world.server(0), evening.some(10)));
            redis.start();
            test::runUntil(world.context, [&] { return !world.server(0).redis.isAway(); });
            runTask(world.context, world.bring(world.server(0), evening.some(10)));
            heal(world);
            QCOMPARE(difference(world, evening.all(), kOrdinals), std::string());
        }
    }

    void figuresAreTheSameFromRedisAndFromPostgres()
    {
        RedisProcess redis;
        LiveWorld world(*m_postgres, redis, 1);
        Evening evening(14);
        Mirror &mirror = world.server(0).mirror;
        runTask(world.context, world.bring(world.server(0), evening.some(40)));
        heal(world);
        const auto warm = runTask(world.context, mirror.figures({kOrganization, kEvent}));
        redis.flush();
        const auto cold = runTask(world.context, mirror.figures({kOrganization, kEvent}));
        QVERIFY(warm && cold);
        QVERIFY(warm->from == Mirror::Figures::From::Redis);
        QVERIFY(cold->from == Mirror::Figures::From::Postgres);
        QCOMPARE(warm->batch, cold->batch);
        QVERIFY(warm->gates == cold->gates);
        QVERIFY(!warm->gates.empty());
        heal(world);
        QCOMPARE(difference(world, evening.all(), kOrdinals), std::string());
    }

    void anotherOrganizationsEventIsNone()
    {
        RedisProcess redis;
        LiveWorld world(*m_postgres, redis, 1);
        const auto foreign = runTask(world.context, world.server(0).mirror.figures({test::uuidOf(2), kEvent}));
        const auto none = runTask(world.context, world.server(0).mirror.figures({kOrganization, test::uuidOf(9)}));
        QVERIFY(!foreign && !none);
        QCOMPARE(foreign.error().code, base::ErrorCode::NotFound);
        QCOMPARE(foreign.error().message, none.error().message);
    }

    void aClaimSaysWhoCameFirst()
    {
        RedisProcess redis;
        LiveWorld world(*m_postgres, redis, 1);
        Warm warm(world.server(0).redis);
        const EventKey event{kOrganization, kEvent};
        const auto ask = [&](std::uint32_t ordinal, std::uint64_t sequence, const char *device = "json") {
            const auto claimed = runTask(
                world.context, warm.claim(event, {.checkpoint = "main",
                                                  .ordinal = {ordinal},
                                                  .row = {.device = {device}, .epoch = {1}, .sequence = {sequence}}}));
            base::ensure(bool(claimed), "a claim without an answer");
            return *claimed;
        };
        QVERIFY(ask(7, 1).answer == ClaimAnswer::Cold);
        runTask(world.context, world.bring(world.server(0), {rowOf({.device = "gate-a", .ordinal = 7})}));
        heal(world);
        const Claimed again = ask(7, 1);
        QVERIFY(again.answer == ClaimAnswer::Again);
        QCOMPARE(again.entries, 1);
        QCOMPARE(again.holder->device.text, std::string("gate-a"));
        QVERIFY(ask(7, 1, "gate-a").answer == ClaimAnswer::Same);
        QVERIFY(ask(8, 2).answer == ClaimAnswer::First);
        QVERIFY(ask(8, 2).answer == ClaimAnswer::Same);
        QVERIFY(ask(8, 3).answer == ClaimAnswer::Again);
        QCOMPARE(ask(8, 3).holder->sequence.value, 2U);
    }

    void oneOfManyClaimsAtOnceIsFirst()
    {
        RedisProcess redis;
        LiveWorld world(*m_postgres, redis, 1);
        Warm warm(world.server(0).redis);
        runTask(world.context, world.bring(world.server(0), {rowOf({.device = "gate-a", .ordinal = 7})}));
        heal(world);
        int first = 0, again = 0, answered = 0;
        for (std::uint64_t i = 1; i <= 50; ++i) {
            async::start(world.context.get_executor(), "claim", [&, i]() -> async::Task<void> {
                ClaimQuestion question;
                question.checkpoint = "main";
                question.ordinal = {9};
                question.row = {.device = {"json"}, .epoch = {1}, .sequence = {i}};
                const auto claimed = co_await warm.claim({kOrganization, kEvent}, question);
                ++answered;
                first += claimed && claimed->answer == ClaimAnswer::First ? 1 : 0;
                again += claimed && claimed->answer == ClaimAnswer::Again ? 1 : 0;
            });
        }
        test::runUntil(world.context, [&] { return answered == 50; });
        QCOMPARE(first, 1);
        QCOMPARE(again, 49);
    }
};

QTEST_GUILESS_MAIN(MirrorTest)
#include "mirror_test.moc"
