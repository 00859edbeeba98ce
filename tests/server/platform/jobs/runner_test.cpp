#include "tests/server/platform/jobs/world.h"

using namespace voelgoed;
using namespace voelgoed::test;
using async::Task;
using base::Result;
using namespace std::chrono_literals;

namespace {

using Words = std::vector<std::string>;

constexpr jobs::RunnerOptions kShort{.lease = 1'000ms, .poll = 100ms};

} // namespace

class RunnerTest : public QObject
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

    void aJobOfACommittedTransactionRunsOnce()
    {
        World world(*m_postgres);
        world.addDone();
        world.server().startRunner();
        for (int i = 0; i < 20; ++i)
            world.enqueue(world.make("count", std::to_string(i)));
        world.until([&] { return world.count("state = 'completed'") == "20"; });
        QCOMPARE(world.noted.size(), 20U);
        QCOMPARE(world.ask("attempt"), "1");
        QCOMPARE(world.ask("progress"), "1");
        QCOMPARE(world.ask("errors"), "[]");
    }

    void aJobOfARolledBackTransactionNeverRuns()
    {
        World world(*m_postgres);
        world.addDone();
        world.server().startRunner();
        const std::function<Task<Result<bool>>(work::UnitOfWork &)> fails =
            [&](work::UnitOfWork &unit) -> Task<Result<bool>> {
            unit.enqueue(world.make("count", "rolled back"));
            co_return base::invalid("no");
        };
        QVERIFY(!runTask(world.context,
                         world.server().database.transact<bool>({access::Actor::system(kOne, "test"), {}}, fails)));
        world.enqueue(world.make("count", "committed"));
        world.until([&] { return world.ask("state") == "completed"; });
        QCOMPARE(world.noted, Words{"committed"});
        QCOMPARE(world.count(), "1");
    }

    void ofTwentyParallelInsertsOfAUniqueJobOneLives()
    {
        World world(*m_postgres);
        world.add(
            {.name = "only", .queue = "default", .uniqueKey = [](const base::Json &) { return std::string("x"); }},
            [](Attempt &) { return Outcome(jobs::Done{}); });
        int done = 0;
        for (int i = 0; i < 20; ++i) {
            async::start(world.context.get_executor(), "insert", [&]() -> Task<void> {
                const std::function<Task<Result<bool>>(work::UnitOfWork &)> change =
                    [&](work::UnitOfWork &unit) -> Task<Result<bool>> {
                    unit.enqueue(world.make("only", "a"));
                    co_return true;
                };
                base::ensure(bool(co_await world.server().database.transact<bool>(
                                 {access::Actor::system(kOne, "test"), {}}, change)),
                             "a second one is passed over, and fails nobody");
                ++done;
            });
        }
        world.until([&] { return done == 20; });
        QCOMPARE(world.count(), "1");
        world.enqueue(world.make("only", "b"), kOther); // of another organization
        QCOMPARE(world.count(), "2");
        world.server().startRunner();
        world.until([&] { return world.count("state = 'completed'") == "2"; });
        world.enqueue(world.make("only", "c")); // the one before has ended
        world.until([&] { return world.count("state = 'completed'") == "3"; });
    }

    void whatFailsIsTriedAgainAndStaysVisibleInTheEnd()
    {
        World world(*m_postgres, "redis://127.0.0.1:1", 1, kShort);
        world.add({.name = "fails", .queue = "default", .maxAttempts = 3},
                  [](Attempt &) -> Result<Outcome> { return base::invalid("as ever"); });
        world.server().startRunner();
        world.enqueue(world.make("fails", "a"));
        world.until([&] { return world.ask("state") == "retryable"; });
        // 15 s and 2 s, and up to a tenth more.
        const double wait = std::stod(world.ask("extract(epoch FROM run_at - now())"));
        QVERIFY2(wait > 10 && wait <= 18.8, qPrintable(QString::number(wait)));
        world.hurry();
        world.until([&] { return world.ask("state || attempt") == "retryable2"; });
        world.hurry();
        world.until([&] { return world.ask("state") == "discarded"; });
        QCOMPARE(world.noted.size(), 3U);
        QCOMPARE(world.ask("jsonb_array_length(errors)"), "3");
        QCOMPARE(world.ask("errors->2->>'message'"), "invalid: as ever");
        QCOMPARE(world.ask("errors->2->>'attempt'"), "3");
        QVERIFY(!world.ask("finished_at").empty());
    }

    void backoffGrowsToAnHour()
    {
        QCOMPARE(jobs::usualBackoff(1).count(), 17'000);
        QCOMPARE(jobs::usualBackoff(5).count(), 47'000);
        QCOMPARE(jobs::usualBackoff(12).count(), 3'600'000);
        QCOMPARE(jobs::usualBackoff(1'000).count(), 3'600'000);
    }

    void outcomesAreWhatTheySay()
    {
        World world(*m_postgres);
        const auto add = [&](const char *name, Outcome outcome) {
            world.add({.name = name, .queue = "default"}, [outcome](Attempt &) { return outcome; });
        };
        add("done", jobs::Done{{{"rows", 7}}});
        add("snooze", jobs::Snooze{1h});
        add("off", jobs::CallOff{"not needed"});
        add("up", jobs::GiveUp{"never"});
        world.server().jobs.add({.name = "throws", .queue = "default", .maxAttempts = 1},
                                [](Attempt &) -> Task<Result<Outcome>> { throw std::runtime_error("a bug"); });
        world.server().startRunner();
        for (const char *kind : {"done", "snooze", "off", "up", "throws"})
            world.enqueue(world.make(kind, kind));
        world.until([&] { return world.count("state IN ('executing', 'available')") == "0"; });
        QCOMPARE(world.ask("state || ' ' || (result->>'rows')", "kind = 'done'"), "completed 7");
        QCOMPARE(world.ask("state || ' ' || max_attempts - attempt || ' ' || (run_at > now() + interval '50 minutes')",
                           "kind = 'snooze'"),
                 "scheduled 12 true");
        QCOMPARE(world.ask("state || ' ' || (errors->0->>'message')", "kind = 'off'"), "cancelled not needed");
        QCOMPARE(world.ask("state || ' ' || (errors->0->>'message')", "kind = 'up'"), "discarded never");
        QCOMPARE(world.ask("state || ' ' || (errors->0->>'message')", "kind = 'throws'"),
                 "discarded internal: it threw: a bug");
    }

    void aKindThatNobodyKnowsFailsAsOthersDo()
    {
        World world(*m_postgres);
        world.addDone();
        world.server().startRunner();
        auto job = world.make("count", "a");
        job.kind = "unheard.of";
        world.enqueue(std::move(job));
        world.until([&] { return world.ask("state") == "retryable"; });
    }

    void ofOneQueueOnlySoManyRunAtOnceAndAnotherIsNotHeldUp()
    {
        World world(*m_postgres);
        PlatformServer &server = world.server();
        server.jobs.addQueue({.name = "slow", .limit = 2});
        async::Event go(world.context.get_executor());
        bool gone = false;
        int now = 0, most = 0;
        server.jobs.add({.name = "slow", .queue = "slow"}, [&](Attempt &) -> Task<Result<Outcome>> {
            most = std::max(most, ++now);
            while (!gone)
                co_await go.wait();
            --now;
            co_return Outcome(jobs::Done{});
        });
        world.addDone();
        server.startRunner();
        for (int i = 0; i < 6; ++i)
            world.enqueue(world.make("slow", "s"));
        world.until([&] { return now == 2; });
        for (int i = 0; i < 10; ++i)
            world.enqueue(world.make("count", "q"));
        world.until([&] { return world.count("kind = 'count' AND state = 'completed'") == "10"; });
        QCOMPARE(now, 2);
        gone = true;
        go.notify();
        world.until([&] {
            go.notify();
            return world.count("state = 'completed'") == "16";
        });
        QCOMPARE(most, 2);
    }

    void whatComesFirstRunsFirst()
    {
        World world(*m_postgres);
        world.server().jobs.addQueue({.name = "one", .limit = 1});
        world.add({.name = "in turn", .queue = "one"}, [](Attempt &) { return Outcome(jobs::Done{}); });
        auto later = world.make("in turn", "later");
        later.runAt = world.server().clock.now().wall + 1h;
        auto low = world.make("in turn", "low");
        low.priority = 5;
        world.enqueue(std::move(later));
        world.enqueue(std::move(low));
        world.enqueue(world.make("in turn", "first"));
        world.enqueue(world.make("in turn", "second"));
        world.server().startRunner();
        world.until([&] { return world.noted.size() == 3; });
        QCOMPARE(world.noted, (Words{"first", "second", "low"}));
        QCOMPARE(world.ask("state"), "scheduled");
    }

    void twoServersShareTheWorkAndDoNoneTwice()
    {
        World world(*m_postgres, m_redis->url(), 2);
        std::array<int, 2> share{};
        for (std::size_t i = 0; i < 2; ++i) {
            world.server(i).jobs.add({.name = "count", .queue = "default"},
                                     [&, i](Attempt &attempt) -> Task<Result<Outcome>> {
                                         world.noted.push_back(attempt.text("n"));
                                         ++share[i];
                                         co_await async::sleepFor(1ms);
                                         co_return Outcome(jobs::Done{});
                                     });
        }
        for (int i = 0; i < 300; ++i)
            world.enqueue(world.make("count", std::to_string(i)));
        for (std::size_t i = 0; i < 2; ++i)
            world.server(i).startRunner();
        world.until([&] { return world.count("state = 'completed'") == "300"; });
        QCOMPARE(std::set(world.noted.begin(), world.noted.end()).size(), 300U);
        QCOMPARE(world.noted.size(), 300U);
        QVERIFY(share[0] > 0 && share[1] > 0);
    }

    void anotherServerIsWokenThroughRedis()
    {
        jobs::RunnerOptions patient;
        patient.poll = 1h;
        World world(*m_postgres, m_redis->url(), 2, patient);
        async::Event go(world.context.get_executor());
        int blocked = 0;
        for (std::size_t i = 0; i < 2; ++i) {
            world.addDone("count", i);
            world.server(i).jobs.add({.name = "block", .queue = "default"}, [&](Attempt &) -> Task<Result<Outcome>> {
                ++blocked;
                co_await go.wait();
                co_return Outcome(jobs::Done{});
            });
        }
        world.server(0).startRunner();
        for (int i = 0; i < 4; ++i)
            world.enqueue(world.make("block", "b"));
        world.until([&] { return blocked == 4; }); // the first server is full
        world.server(1).startRunner();
        int stands = 0;
        world.server(1).redis.subscribe(
            "test:", [](auto, auto) {}, [&] { ++stands; });
        world.until([&] { return stands > 0 && world.server(1).runner->figures().claims > 0; });
        world.enqueue(world.make("count", "woken"));
        world.until([&] { return world.noted == Words{"woken"}; });
        world.until([&] {
            go.notify();
            return world.count("state = 'completed'") == "5";
        });
    }

    void withoutRedisJobsRunAllTheSame()
    {
        World world(*m_postgres, "unix:/nowhere/redis.sock", 2, kShort);
        world.addDone("count", 0);
        world.addDone("count", 1);
        world.server(1).startRunner();
        world.enqueue(world.make("count", "polled")); // committed at a server that runs none
        world.until([&] { return world.noted == Words{"polled"}; });
    }

    void howFarAJobIsCanBeRead()
    {
        World world(*m_postgres);
        async::Event go(world.context.get_executor());
        world.server().jobs.add({.name = "long", .queue = "default"}, [&](Attempt &attempt) -> Task<Result<Outcome>> {
            co_await attempt.progress(0.25);
            co_await go.wait();
            co_return Outcome(jobs::Done{});
        });
        world.server().startRunner();
        world.enqueue(world.make("long", "a"));
        world.until([&] { return world.ask("progress") == "0.25"; });
        world.until([&] {
            go.notify();
            return world.ask("state") == "completed";
        });
        QCOMPARE(world.ask("progress"), "1");
    }

    void fromCommitToStartIsSoon()
    {
        World world(*m_postgres, m_redis->url());
        world.addDone();
        world.server().startRunner();
        std::vector<qint64> took;
        QElapsedTimer timer;
        for (int i = 0; i < 100; ++i) {
            const auto before = world.noted.size();
            world.enqueue(world.make("count", "a"));
            timer.start();
            world.until([&] { return world.noted.size() > before; });
            took.push_back(timer.nsecsElapsed() / 1'000);
        }
        std::sort(took.begin(), took.end());
        qInfo("commit to start: p50 %lld us, p99 %lld us", static_cast<long long>(took[50]),
              static_cast<long long>(took[98]));
        world.database.execute(R"(INSERT INTO platform.jobs (organization_id, id, queue, kind, args, state)
            SELECT '00000000-0000-0000-0000-000000000001', gen_random_uuid(), 'default', 'count', '{"n": "b"}', 'available'
            FROM generate_series(1, 2000))");
        timer.start();
        world.server().runner->wake();
        world.until([&] { return world.noted.size() == 2'100; });
        qInfo("backlog: %lld jobs/s in one queue of 4", 2'000LL * 1'000 / std::max<long long>(1, timer.elapsed()));
    }

private:
    std::unique_ptr<Postgres> m_postgres;
    std::unique_ptr<RedisProcess> m_redis;
};

QTEST_GUILESS_MAIN(RunnerTest)
#include "runner_test.moc"
