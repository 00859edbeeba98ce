#include "tests/server/platform/outbox/world.h"

using namespace voelgoed;
using namespace voelgoed::test;
using namespace std::chrono_literals;

namespace {

const std::string kTopic = "scanning:event:1";

constexpr outbox::RelayOptions kShort{.lease = 2'000ms, .margin = 1'200ms};

constexpr pg::Sql kPut{R"(
INSERT INTO platform.outbox (organization_id, topic, event)
VALUES (app.org(), 'scanning:event:1', jsonb_build_object('type', 'scanning.counted.v1',
                                                          'data', jsonb_build_object('number', $1::int)))
RETURNING xid)"};

} // namespace

class RelayTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<Postgres>();
        m_redis = std::make_unique<RedisProcess>(RedisProcess::Kind::Alone, RedisProcess::Files::Append);
    }
    void init() { m_redis->flush(); }
    void cleanupTestCase()
    {
        m_redis.reset();
        m_postgres.reset();
    }

    void whatWasCommittedIsToldInOrder()
    {
        World world(*m_postgres, *m_redis);
        world.server().startRelay();
        for (int number = 1; number <= 50; ++number)
            world.emit(number);
        world.until([&] { return world.heard[kTopic].size() >= 50; });
        QCOMPARE(world.heard[kTopic], fromTo(1, 50));
    }

    void whatWasRolledBackIsNeverTold()
    {
        World world(*m_postgres, *m_redis);
        world.server().startRelay();
        const std::function<async::Task<base::Result<bool>>(work::UnitOfWork &)> fails =
            [](work::UnitOfWork &unit) -> async::Task<base::Result<bool>> {
            unit.emit(eventOf(1));
            co_return base::invalid("no");
        };
        QVERIFY(!runTask(world.context,
                         world.server().database.transact<bool>({access::Actor::system(kOne, "test"), {}}, fails)));
        world.emit(2);
        world.until([&] { return !world.heard[kTopic].empty(); });
        QCOMPARE(world.heard[kTopic], std::vector<int>{2});
        QCOMPARE(world.database.execute("SELECT count(*) FROM platform.outbox"), "1");
    }

    /// The older transaction commits after the younger one was there to be read.
    void aLateCommitIsNotPassedOver()
    {
        World world(*m_postgres, *m_redis);
        world.server().startRelay();
        world.emit(1);
        world.until([&] { return world.heard[kTopic].size() == 1; });
        const auto race = [&]() -> async::Task<void> {
            auto early = co_await world.server().pool.begin(pg::Scope::of(kOne));
            auto late = co_await world.server().pool.begin(pg::Scope::of(kOne));
            const auto first = co_await early->run(kPut, pg::Params::of(std::int32_t{2}));
            const auto second = co_await late->run(kPut, pg::Params::of(std::int32_t{3}));
            base::ensure(first->front().get<std::int64_t>(0) < second->front().get<std::int64_t>(0), "xids in order");
            base::ensure(bool(co_await late->commit()), "the younger one commits");
            // A relay that looks now must not go on to the younger one.
            for (int i = 0; i < 5; ++i) {
                world.server().relay->wake();
                co_await async::sleepFor(20ms);
            }
            base::ensure(world.heard[kTopic].size() == 1, "nothing may be told before the older one has ended");
            base::ensure(bool(co_await early->commit()), "the older one commits");
        };
        runTask(world.context, race());
        world.until([&] { return world.heard[kTopic].size() == 3; });
        QCOMPARE(world.heard[kTopic], fromTo(1, 3));
    }

    void aThousandThatCommitInAnyOrderAreAllTold()
    {
        World world(*m_postgres, *m_redis);
        world.server().startRelay();
        int done = 0;
        std::uint64_t seed = 7;
        for (int writer = 0; writer < 5; ++writer) {
            async::start(world.context.get_executor(), "a writer", [&, writer]() -> async::Task<void> {
                for (int i = 0; i < 200; ++i) {
                    auto tx = co_await world.server().pool.begin(pg::Scope::of(kOne));
                    const auto put = co_await tx->run(kPut, pg::Params::of(std::int32_t{writer * 200 + i}));
                    seed = seed * 6364136223846793005ULL + 1;
                    if (seed % 4 == 0)
                        co_await async::sleepFor(base::Milliseconds(seed % 7));
                    base::ensure(put && bool(co_await tx->commit()), "committed");
                }
                ++done;
            });
        }
        world.until([&] { return done == 5 && world.heard[kTopic].size() >= 1'000; });
        auto heard = world.heard[kTopic];
        QCOMPARE(heard.size(), 1'000U);
        for (int writer = 0; writer < 5; ++writer) { // each writer's in its order
            std::vector<int> own;
            std::copy_if(heard.begin(), heard.end(), std::back_inserter(own),
                         [&](int number) { return number / 200 == writer; });
            QCOMPARE(own, fromTo(writer * 200, writer * 200 + 199));
        }
    }

    void oneOfTwoServersLeadsAndTheOtherTakesOver()
    {
        World world(*m_postgres, *m_redis, 2, kShort);
        world.server(0).startRelay();
        world.until([&] { return world.server(0).relay->leads(); });
        world.server(1).startRelay();
        world.emit(1, kOne, 1); // committed where nobody leads
        world.until([&] { return world.heard[kTopic].size() == 1; });
        QVERIFY(!world.server(1).relay->leads());
        // Dies without a word: the other one leads once the lease has ended.
        world.server(0).relay.reset();
        world.emit(2);
        world.until([&] { return world.server(1).relay->leads() && world.heard[kTopic].size() == 2; });
        QCOMPARE(world.heard[kTopic], fromTo(1, 2));
        // Goes in order: the next one leads at once.
        world.server(0).startRelay();
        runTask(world.context, world.server(1).relay->stop());
        world.emit(3);
        world.until([&] { return world.server(0).relay->leads() && world.heard[kTopic].size() == 3; });
    }

    void twoServersNeverLeadTogether()
    {
        World world(*m_postgres, *m_redis, 2, kShort);
        world.server(0).startRelay();
        world.server(1).startRelay();
        for (int change = 0; change < 4; ++change) {
            world.until([&] {
                const bool one = world.server(0).relay->leads(), other = world.server(1).relay->leads();
                base::ensure(!one || !other, "two lead");
                return one || other;
            });
            auto &leader = world.server(world.server(0).relay->leads() ? 0 : 1);
            leader.relay.reset();
            leader.startRelay();
        }
    }

    void whatWasToldBeforeAServerDiedIsNotSaidAgain()
    {
        World world(*m_postgres, *m_redis, 1);
        world.server().startRelay();
        for (int number = 1; number <= 10; ++number)
            world.emit(number);
        world.until([&] { return world.heard[kTopic].size() == 10; });
        runTask(world.context, world.server().relay->stop());
        // As if it had died before it noted how far it was.
        world.database.execute("UPDATE platform.outbox_readers SET xid = '0', id = 0");
        world.server().startRelay();
        world.emit(11);
        world.until([&] { return world.heard[kTopic].size() >= 11; });
        QCOMPARE(world.heard[kTopic], fromTo(1, 11));
    }

    void aRedisThatIsKilledInTheMiddleCostsNoEvent()
    {
        World world(*m_postgres, *m_redis);
        world.server().startRelay();
        MemorySocket &socket = world.server().connect(access::Actor::system(kOne, "test"));
        world.server().topics.family(
            {.pattern = topics::kScanningOfEvent,
             .policy = access::Policy::system(),
             .check = [](topics::Joining) -> async::Task<base::Result<bool>> { co_return true; }});
        socket.say(base::Json{{"op", "sub"}, {"topic", kTopic}});
        world.until([&] { return socket.got("snap").size() == 1; });
        int number = 0;
        for (int round = 0; round < 3; ++round) {
            for (int i = 0; i < 20; ++i)
                world.emit(++number);
            m_redis->kill();
            for (int i = 0; i < 20; ++i)
                world.emit(++number);
            // Whoever listens here hears them all the same.
            world.until([&] {
                const auto events = socket.got("event");
                return !events.empty() && numberOf(events.back().at("event")) == number;
            });
            m_redis->start();
        }
        world.emit(++number);
        // Every one was published in the end, once, in order: the log has them all.
        world.until([&] {
            const auto length = m_redis->command({"XLEN", topics::kLog.of(redis::Tag::organization(kOne), {kTopic})});
            return length.integer() && *length.integer() >= number;
        });
        const auto log =
            m_redis->command({"XRANGE", topics::kLog.of(redis::Tag::organization(kOne), {kTopic}), "-", "+"});
        std::vector<int> logged;
        for (const auto &entry : *log.list()) {
            const auto text = (*(*entry.list())[1].list())[1].text();
            logged.push_back(numberOf(*base::parseJson(*text)));
        }
        QCOMPARE(logged, fromTo(1, number));
    }

    // As when nobody serves its slot of a cluster.
    void anOrganizationWhoseEventsRedisDoesNotTakeHoldsUpNoOther()
    {
        World world(*m_postgres, *m_redis, 1, {.asideFor = 50ms, .pageMax = 5});
        const std::string head = topics::kHead.of(redis::Tag::organization(kOne), {kTopic});
        const std::string log = topics::kLog.of(redis::Tag::organization(kOne), {kTopic});
        m_redis->command({"SET", head, "no hash"});
        for (int number = 1; number <= 20; ++number)
            world.emit(number);
        for (int number = 1; number <= 3; ++number)
            world.emit(number, kOther, 0, "scanning:event:2");
        world.server().startRelay();
        const std::string others = topics::kLog.of(redis::Tag::organization(kOther), {"scanning:event:2"});
        world.until([&] { return m_redis->command({"XLEN", others}).integer().valueOr(0) == 3; });
        QCOMPARE(m_redis->command({"XLEN", log}).integer().valueOr(0), 0);
        // It is tried again and again, and said to who listens here once.
        world.until(
            [until = std::chrono::steady_clock::now() + 500ms] { return std::chrono::steady_clock::now() > until; });
        QCOMPARE(world.server().relay->figures().toldHere, std::uint64_t{20});
        // What stayed behind is made good, in its order, and the others' are not said twice.
        m_redis->command({"DEL", head});
        world.until([&] { return m_redis->command({"XLEN", log}).integer().valueOr(0) == 20; });
        world.emit(4, kOther, 0, "scanning:event:2");
        world.until([&] { return m_redis->command({"XLEN", others}).integer().valueOr(0) == 4; });
    }

    void whatRedisNeverTakesOfAnOrganizationIsGivenUp()
    {
        World world(*m_postgres, *m_redis, 1, {.asideFor = 20ms, .asideMax = 100ms, .pageMax = 5});
        const std::string head = topics::kHead.of(redis::Tag::organization(kOne), {kTopic});
        m_redis->command({"SET", head, "no hash"});
        for (int number = 1; number <= 7; ++number)
            world.emit(number);
        world.server().startRelay();
        world.until([&] { return world.server().relay->figures().toldHere == 7; });
        world.until(
            [until = std::chrono::steady_clock::now() + 500ms] { return std::chrono::steady_clock::now() > until; });
        // Its reader goes on, so that what all have read can be forgotten.
        world.emit(1, kOther, 0, "scanning:event:2");
        world.until([&] {
            return world.database.execute("SELECT count(*) FROM platform.outbox o, platform.outbox_readers r WHERE "
                                          "r.name = 'topics' AND (o.xid, o.id) > (r.xid, r.id)") == "0";
        });
        m_redis->command({"DEL", head});
    }

    void aPostgresThatIsKilledInTheMiddleCostsNoEvent()
    {
        World world(*m_postgres, *m_redis, 2, kShort);
        world.server(0).startRelay();
        world.server(1).startRelay();
        std::vector<int> committed;
        for (int number = 1; number <= 60; ++number) {
            if (number % 20 == 0) {
                m_postgres->kill();
                m_postgres->start();
            }
            const auto done = world.server(std::size_t(number % 2)).change(kOne, [&](work::UnitOfWork &unit) {
                unit.emit(eventOf(number));
            });
            if (done)
                committed.push_back(number);
        }
        world.until(
            [&] { return bool(world.server(0).change(kOne, [](work::UnitOfWork &unit) { unit.emit(eventOf(61)); })); });
        world.until([&] { return !world.heard[kTopic].empty() && world.heard[kTopic].back() == 61; });
        for (const int number : committed)
            QVERIFY2(std::count(world.heard[kTopic].begin(), world.heard[kTopic].end(), number) == 1,
                     qPrintable(QString::number(number)));
        QVERIFY(std::is_sorted(world.heard[kTopic].begin(), world.heard[kTopic].end()));
        QVERIFY(committed.size() >= 40);
    }

    void oldEventsThatAllHaveReadAreForgotten()
    {
        World world(*m_postgres, *m_redis);
        PlatformServer &server = world.server();
        server.consumers.on("scanning.", "test.follow",
                            [](work::UnitOfWork &, outbox::Delivered) -> async::Task<base::Result<void>> {
                                co_return base::Result<void>();
                            });
        work::Routines routines({.executor = world.context.get_executor(),
                                 .database = server.database,
                                 .clock = server.clock,
                                 .failed = {}});
        outbox::addRoutines(routines, server.database, server.consumers);
        const auto prune = [&] {
            return world.database.execute(
                "SELECT platform.prune_outbox(now() - interval '2 days', '{topics,consumer:test.follow}', 100)");
        };
        for (int number = 1; number <= 3; ++number)
            world.emit(number);
        world.database.execute("UPDATE platform.outbox SET at = now() - interval '3 days' WHERE id <= 2");
        QCOMPARE(prune(), "0"); // nobody has read them
        server.startRelay();
        world.until([&] { return world.heard[kTopic].size() == 3; });
        world.until([&] { return prune() == "2"; });
        QCOMPARE(world.database.execute("SELECT count(*) FROM platform.outbox"), "1");
    }

    void fromCommitToListenerIsSoon()
    {
        World world(*m_postgres, *m_redis);
        world.server().startRelay();
        world.emit(0);
        world.until([&] { return world.heard[kTopic].size() == 1; });
        std::vector<qint64> took;
        QElapsedTimer timer;
        for (int number = 1; number <= 200; ++number) {
            world.emit(number);
            timer.start();
            world.until([&] { return world.heard[kTopic].size() == std::size_t(number) + 1; });
            took.push_back(timer.nsecsElapsed() / 1'000);
        }
        std::sort(took.begin(), took.end());
        qInfo("commit to listener: p50 %lld us, p99 %lld us", static_cast<long long>(took[100]),
              static_cast<long long>(took[197]));
        world.database.execute(R"(INSERT INTO platform.outbox (organization_id, topic, event)
            SELECT '00000000-0000-0000-0000-000000000001', 'scanning:event:' || (n % 50),
                   jsonb_build_object('type', 'scanning.counted.v1', 'data', jsonb_build_object('number', n))
            FROM generate_series(1, 20000) n)");
        const auto before = world.server().relay->figures().told;
        timer.start();
        world.until([&] { return world.server().relay->figures().told >= before + 20'000; });
        qInfo("backlog: %lld events/s", 20'000LL * 1'000 / std::max<long long>(1, timer.elapsed()));
    }

private:
    std::unique_ptr<Postgres> m_postgres;
    std::unique_ptr<RedisProcess> m_redis;
};

QTEST_GUILESS_MAIN(RelayTest)
#include "relay_test.moc"
