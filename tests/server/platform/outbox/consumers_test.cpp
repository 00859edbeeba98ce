#include "tests/server/platform/outbox/world.h"
#include "tests/support/now_and_then.h"

using namespace voelgoed;
using namespace voelgoed::test;
using async::Task;
using base::Result;

namespace {

/// What handlers did, as rows of their transaction.
constexpr const char *kNotes = R"(
SET ROLE vg_owner;
CREATE SCHEMA notes;
GRANT USAGE ON SCHEMA notes TO vg_app;
CREATE TABLE notes.notes (organization_id uuid NOT NULL, n int NOT NULL, PRIMARY KEY (organization_id, n));
SELECT app.protect('notes.notes');
)";

constexpr pg::Sql kPut{"INSERT INTO notes.notes VALUES (app.org(), $1)"};

Task<Result<void>> note(work::UnitOfWork &unit, std::int32_t number)
{
    const auto put = co_await unit.tx().run(kPut, pg::Params::of(number));
    co_return put ? Result<void>() : Result<void>(put.error());
}

std::int32_t numberIn(const outbox::Delivered &event)
{
    return static_cast<std::int32_t>(event.data.at("number").as_int64());
}

} // namespace

class ConsumersTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<Postgres>();
        m_redis = std::make_unique<RedisProcess>();
    }
    void cleanupTestCase()
    {
        m_redis.reset();
        m_postgres.reset();
    }
    void init()
    {
        m_redis->flush();
        m_world = std::make_unique<World>(*m_postgres, *m_redis, 2);
        m_world->database.execute(kNotes);
    }
    void cleanup() { m_world.reset(); }

    void aConsumerHearsWhatItAskedForInItsOrganization()
    {
        std::vector<std::pair<std::string, base::Uuid>> heard;
        server().consumers.on({"scanning.", "events.published.v1"}, "test.follow",
                              [&](work::UnitOfWork &unit, outbox::Delivered event) -> Task<Result<void>> {
                                  base::ensure(unit.organization() == event.organization, "whose transaction");
                                  base::ensure(unit.actor().kind == access::ActorKind::System, "who acts");
                                  heard.emplace_back(event.type, event.organization);
                                  co_return Result<void>();
                              });
        server().startRelay();
        const auto emit = [&](const char *type, const base::Uuid &organization) {
            QVERIFY(server().change(organization, [&](work::UnitOfWork &unit) { unit.emit(eventOf(1, type)); }));
        };
        emit("scanning.a.v1", kOne);
        emit("ticketing.a.v1", kOne);
        emit("events.published.v10", kOne);
        emit("events.published.v1", kOther);
        emit("scanning.b.v1", kOther);
        m_world->until([&] { return heard.size() >= 3; });
        QCOMPARE(heard.size(), 3U);
        QCOMPARE(heard[0], std::pair(std::string("scanning.a.v1"), kOne));
        QCOMPARE(heard[1], std::pair(std::string("events.published.v1"), kOther));
        QCOMPARE(heard[2], std::pair(std::string("scanning.b.v1"), kOther));
    }

    void aRepeatDoesNothing()
    {
        follow();
        server().startRelay();
        for (int number = 1; number <= 5; ++number)
            m_world->emit(number);
        m_world->until([&] { return notes() == "5"; });
        runTask(m_world->context, server().relay->stop());
        m_world->database.execute("UPDATE platform.outbox_readers SET xid = '0', id = 0");
        server().startRelay();
        m_world->emit(6);
        m_world->until([&] { return notes() == "6"; }); // a second 1 would break its key
        QCOMPARE(m_world->database.execute("SELECT count(*) FROM platform.inbox"), "6");
        QCOMPARE(m_world->database.execute("SELECT count(*) FROM platform.jobs"), "0");
    }

    void whatFailsIsTriedAgainAndHoldsUpNobody()
    {
        bool fails = true;
        std::vector<int> first, second;
        server().consumers.on("scanning.", "test.first",
                              [&](work::UnitOfWork &unit, outbox::Delivered event) -> Task<Result<void>> {
                                  const auto number = numberIn(event);
                                  // What a failed delivery wrote is not kept.
                                  if (const auto noted = co_await note(unit, number); !noted)
                                      co_return noted.error();
                                  if (number == 2 && fails)
                                      co_return base::invalid("not yet");
                                  first.push_back(number);
                                  co_return Result<void>();
                              });
        server().consumers.on("scanning.", "test.second",
                              [&](work::UnitOfWork &, outbox::Delivered event) -> Task<Result<void>> {
                                  second.push_back(numberIn(event));
                                  co_return Result<void>();
                              });
        server().startRelay();
        for (int number = 1; number <= 4; ++number)
            m_world->emit(number);
        m_world->until([&] { return first.size() == 3 && second.size() == 4; });
        m_world->until([&] { return notes() == "3"; }); // what was heard is committed a moment later
        QCOMPARE(first, (std::vector<int>{1, 3, 4}));
        QCOMPARE(second, fromTo(1, 4));
        QCOMPARE(notes(), "3");
        QCOMPARE(m_world->database.execute("SELECT kind || ' ' || state FROM platform.jobs"),
                 "outbox.deliver available");
        fails = false;
        server().startRunner();
        m_world->until([&] { return first.size() == 4; });
        m_world->until([&] { return m_world->database.execute("SELECT state FROM platform.jobs") == "completed"; });
        QCOMPARE(first.back(), 2);
        QCOMPARE(notes(), "4");
    }

    void aSlowConsumerHoldsUpNobody()
    {
        async::Event go(m_world->context.get_executor());
        int begun = 0;
        std::vector<int> quick;
        server().consumers.on("scanning.", "test.slow",
                              [&](work::UnitOfWork &, outbox::Delivered) -> Task<Result<void>> {
                                  if (++begun == 1)
                                      co_await go.wait();
                                  co_return Result<void>();
                              });
        server().consumers.on("scanning.", "test.quick",
                              [&](work::UnitOfWork &, outbox::Delivered event) -> Task<Result<void>> {
                                  quick.push_back(numberIn(event));
                                  co_return Result<void>();
                              });
        server().startRelay();
        for (int number = 1; number <= 3; ++number)
            m_world->emit(number);
        m_world->until([&] { return quick.size() == 3 && begun == 1; });
        go.notify();
        m_world->until([&] { return begun == 3; });
    }

    void consumersGoOnWhileRedisIsAway()
    {
        RedisProcess redis;
        World world(*m_postgres, redis);
        world.database.execute(kNotes);
        int heard = 0;
        world.server().consumers.on("scanning.", "test.follow",
                                    [&](work::UnitOfWork &, outbox::Delivered) -> Task<Result<void>> {
                                        ++heard;
                                        co_return Result<void>();
                                    });
        world.server().startRelay();
        world.emit(1);
        world.until([&] { return heard == 1; });
        redis.kill();
        for (int number = 2; number <= 4; ++number)
            world.emit(number);
        world.until([&] { return heard == 4; });
        redis.start();
    }

    void aServerThatTakesOverGoesOnWhereTheOtherWas()
    {
        for (std::size_t i = 0; i < 2; ++i)
            follow(i);
        server(0).startRelay();
        m_world->emit(1);
        m_world->until([&] { return notes() == "1"; });
        runTask(m_world->context, server(0).relay->stop());
        m_world->emit(2);
        server(1).startRelay();
        m_world->until([&] { return notes() == "2"; });
        QCOMPARE(m_world->database.execute("SELECT count(*) FROM platform.jobs"), "0");
    }

    void aPostgresThatIsKilledInTheMiddleLosesNoDelivery()
    {
        follow();
        server().startRelay();
        server().given.runner.lease = std::chrono::seconds(2);
        server().startRunner(); // what failed because Postgres went is delivered again by a job
        int committed = 0;
        for (int number = 1; number <= 40; ++number) {
            if (number % 15 == 0) {
                m_postgres->kill();
                m_postgres->start();
            }
            committed += server().change(kOne, [&](work::UnitOfWork &unit) { unit.emit(eventOf(number)); }) ? 1 : 0;
        }
        const auto told = [&] { return m_world->database.execute("SELECT count(*) FROM platform.outbox"); };
        m_world->until(nowAndThen([&] {
            m_world->database.execute("SELECT platform.rescue_jobs()"); // as a routine does
            return notes() == told();
        }));
        QVERIFY(committed >= 30);
        QVERIFY(QString::fromStdString(told()).toInt() >= committed);
    }

private:
    PlatformServer &server(std::size_t number = 0) { return m_world->server(number); }
    std::string notes() { return m_world->database.execute("SELECT count(*) FROM notes.notes"); }
    void follow(std::size_t at = 0)
    {
        server(at).consumers.on("scanning.", "test.follow",
                                [](work::UnitOfWork &unit, outbox::Delivered event) -> Task<Result<void>> {
                                    co_return co_await note(unit, numberIn(event));
                                });
    }

    std::unique_ptr<Postgres> m_postgres;
    std::unique_ptr<RedisProcess> m_redis;
    std::unique_ptr<World> m_world;
};

QTEST_GUILESS_MAIN(ConsumersTest)
#include "consumers_test.moc"
