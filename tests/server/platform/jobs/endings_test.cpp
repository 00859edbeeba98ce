#include "tests/server/platform/jobs/world.h"

#include "server/platform/jobs/ends.h"
#include "server/platform/jobs/routines.h"
#include "tests/support/now_and_then.h"

using namespace voelgoed;
using namespace voelgoed::test;
using async::Task;
using base::Result;
using namespace std::chrono_literals;

namespace {

using Words = std::vector<std::string>;

constexpr jobs::RunnerOptions kShort{.lease = 800ms, .poll = 50ms};
const std::string kNoRedis = "redis://127.0.0.1:1";

constexpr const char *kNotes = R"(
SET ROLE vg_owner;
CREATE SCHEMA notes;
GRANT USAGE ON SCHEMA notes TO vg_app;
CREATE TABLE notes.notes (organization_id uuid NOT NULL, n text NOT NULL, id uuid NOT NULL,
                          PRIMARY KEY (organization_id, n, id));
SELECT app.protect('notes.notes');
)";
constexpr pg::Sql kPut{"INSERT INTO notes.notes VALUES (app.org(), $1, $2)"};

} // namespace

/// Workers that die, jobs that are called off or wait for others, and what a transaction keeps together.
class EndingsTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { m_postgres = std::make_unique<Postgres>(); }
    void cleanupTestCase() { m_postgres.reset(); }

    void whatADeadWorkerHadIsTakenUpByAnother()
    {
        World world(*m_postgres, kNoRedis, 2, kShort);
        async::Event never(world.context.get_executor());
        bool isFirst = true;
        for (std::size_t i = 0; i < 2; ++i) {
            world.server(i).jobs.add({.name = "long", .queue = "default"},
                                     [&](Attempt &attempt) -> Task<Result<Outcome>> {
                                         world.noted.push_back(std::to_string(attempt.job().attempt));
                                         if (std::exchange(isFirst, false))
                                             co_await never.wait();
                                         co_return Outcome(jobs::Done{});
                                     });
        }
        world.server(0).startRunner();
        world.enqueue(world.make("long", "a"));
        world.until([&] { return world.noted.size() == 1; });
        world.server(0).runner.reset(); // dies
        world.server(1).startRunner();
        world.until(nowAndThen([&] { return world.ask("(lease_until < now())::text") == "true"; }));
        QCOMPARE(world.database.execute("SELECT platform.rescue_jobs()"), "1"); // as a routine does
        world.until(nowAndThen([&] { return world.ask("state") == "completed"; }));
        QCOMPARE(world.noted, (Words{"1", "2"}));
        QCOMPARE(world.ask("errors->0->>'message'"), "its worker went away");
        // The first one comes back from the dead, and changes nothing.
        never.notify();
        world.enqueue(world.make("long", "b"), kOne, 1);
        world.until([&] { return world.count("state = 'completed'") == "2"; });
        QCOMPARE(world.ask("attempt"), "2");
    }

    void whatRunsLongerThanItsLeaseKeepsIt()
    {
        World world(*m_postgres, kNoRedis, 1, kShort);
        async::Event go(world.context.get_executor());
        world.server().jobs.add({.name = "long", .queue = "default"}, [&](Attempt &) -> Task<Result<Outcome>> {
            world.noted.emplace_back("begun");
            co_await go.wait();
            co_return Outcome(jobs::Done{});
        });
        world.server().startRunner();
        world.enqueue(world.make("long", "a"));
        world.until([&] { return world.noted.size() == 1; });
        const std::string first = world.ask("lease_until");
        // Renewed three times, and never rescued.
        for (int i = 0; i < 3; ++i) {
            const std::string before = world.ask("lease_until");
            world.until([&] { return world.ask("lease_until") != before; });
            QCOMPARE(world.database.execute("SELECT platform.rescue_jobs()"), "0");
        }
        go.notify();
        world.until([&] { return world.ask("state") == "completed"; });
        QCOMPARE(world.noted.size(), 1U);
        QVERIFY(!first.empty());
    }

    void anEffectInTheJobsTransactionHappensOnce()
    {
        World world(*m_postgres, kNoRedis, 2, kShort);
        world.database.execute(kNotes);
        int runs = 0;
        for (std::size_t i = 0; i < 2; ++i) {
            world.server(i).jobs.addTransactional(
                {.name = "pay", .queue = "default"},
                [&](work::UnitOfWork &unit, Attempt &attempt) -> Task<Result<Outcome>> {
                    ++runs;
                    const auto put =
                        co_await unit.tx().run(kPut, pg::Params::of("paid", base::makeUuid(unit.now(), m_random)));
                    if (!put)
                        co_return put.error();
                    unit.emit({.topic = "payments:order:1",
                               .type = "payments.captured.v1",
                               .subject = "1",
                               .data = {{"n", 1}}});
                    // The lease is lost before the commit, the first time.
                    if (attempt.job().attempt == 1) {
                        world.database.execute("UPDATE platform.jobs SET lease_until = now() - interval '1 second'");
                        world.database.execute("SELECT platform.rescue_jobs()");
                    }
                    co_return Outcome(jobs::Done{});
                });
        }
        world.server(0).startRunner();
        world.server(1).startRunner();
        world.enqueue(world.make("pay", "a"));
        world.until([&] { return world.ask("state") == "completed"; });
        world.until(
            [&] { return world.server(0).runner->figures().running + world.server(1).runner->figures().running == 0; });
        QCOMPARE(runs, 2);
        QCOMPARE(world.database.execute("SELECT count(*) FROM notes.notes"), "1");
        QCOMPARE(world.database.execute("SELECT count(*) FROM platform.outbox"), "1");
    }

    void aFailedTransactionKeepsNothing()
    {
        World world(*m_postgres);
        world.database.execute(kNotes);
        world.server().jobs.addTransactional(
            {.name = "pay", .queue = "default"}, [&](work::UnitOfWork &unit, Attempt &) -> Task<Result<Outcome>> {
                static_cast<void>(co_await unit.tx().run(kPut, pg::Params::of("paid", uuidOf(1))));
                co_return base::invalid("no");
            });
        world.server().startRunner();
        world.enqueue(world.make("pay", "a"));
        world.until([&] { return world.ask("state") == "retryable"; });
        QCOMPARE(world.database.execute("SELECT count(*) FROM notes.notes"), "0");
    }

    void killsOfPostgresLoseNoJobAndDoubleNoEffect()
    {
        World world(*m_postgres, kNoRedis, 2, kShort);
        world.database.execute(kNotes);
        for (std::size_t i = 0; i < 2; ++i) {
            world.server(i).jobs.addTransactional(
                {.name = "pay", .queue = "default", .backoff = [](int) { return 50ms; }},
                [&](work::UnitOfWork &unit, Attempt &attempt) -> Task<Result<Outcome>> {
                    const auto put = co_await unit.tx().run(
                        kPut, pg::Params::of(attempt.text("n"), base::makeUuid(unit.now(), m_random)));
                    if (!put)
                        co_return put.error();
                    co_return Outcome(jobs::Done{});
                });
            world.server(i).startRunner();
        }
        int committed = 0;
        for (int number = 1; number <= 90; ++number) {
            if (number % 30 == 0) {
                m_postgres->kill();
                m_postgres->start();
            }
            committed += world.server(std::size_t(number % 2))
                                 .change(kOne,
                                         [&](work::UnitOfWork &unit) {
                                             unit.enqueue(world.make("pay", std::to_string(number)));
                                         })
                             ? 1
                             : 0;
        }
        world.until([&] {
            world.database.execute("SELECT platform.rescue_jobs()");
            return world.count("state <> 'completed'") == "0";
        });
        QVERIFY(committed >= 60);
        QVERIFY(std::stoi(world.count()) >= committed);
        QCOMPARE(world.database.execute("SELECT count(*) FROM notes.notes"), world.count());
        QCOMPARE(world.database.execute("SELECT count(DISTINCT n) FROM notes.notes"), world.count());
    }

    // The twenty-second check: a job never touches two organizations.
    void aJobOfAnOrganizationReachesNoOther()
    {
        World world(*m_postgres);
        static constexpr pg::Sql kWho{"SELECT app.org()"};
        std::map<std::string, std::vector<bool>> reached;
        world.server().jobs.add({.name = "reach", .queue = "default"}, [&](Attempt &attempt) -> Task<Result<Outcome>> {
            auto &mine = reached[attempt.text("n")];
            for (const base::Uuid &there : {test::kOne, test::kOther}) {
                mine.push_back(bool(co_await attempt.database().read(there, kWho)));
                auto unit = co_await attempt.database().begin({access::Actor::system(there, "test"), {}});
                mine.push_back(bool(unit));
                if (unit)
                    (void)co_await attempt.database().commit(*unit);
            }
            auto unit = co_await attempt.database().begin(attempt.who());
            base::ensure(bool(unit), "its own");
            mine.push_back(bool(co_await unit->enter(test::kOther)));
            co_return Outcome(jobs::Done{});
        });
        world.server().startRunner();
        world.enqueue(world.make("reach", "one"), test::kOne);
        world.enqueue(world.make("reach", "platform"), work::kPlatform);
        world.until([&] { return world.count("state = 'completed'") == "2"; });
        QCOMPARE(reached["one"], (std::vector<bool>{true, true, false, false, false}));
        QCOMPARE(reached["platform"], (std::vector<bool>{true, true, true, true, true}));
    }

    void whatTakesTooLongIsAskedToStopAndTriedAgain()
    {
        World world(*m_postgres, kNoRedis, 1, kShort);
        bool stopped = false;
        world.server().jobs.add({.name = "stuck", .queue = "default", .timeout = 100ms},
                                [&](Attempt &attempt) -> Task<Result<Outcome>> {
                                    while (!attempt.shouldStop())
                                        co_await async::sleepFor(5ms);
                                    stopped = true;
                                    co_return Outcome(jobs::Done{});
                                });
        world.server().startRunner();
        world.enqueue(world.make("stuck", "a"));
        world.until([&] { return stopped && world.ask("state") == "retryable"; });
        QVERIFY(world.ask("errors->0->>'message'").starts_with("timeout: it took longer"));
        world.until([&] { return world.server().runner->figures().running == 0; });
        QCOMPARE(world.ask("state"), "retryable"); // what it said at its end did not count
    }

    void aServerThatStopsLetsItsJobsEndAndGivesBackTheRest()
    {
        World world(*m_postgres, kNoRedis, 1, kShort);
        async::Event never(world.context.get_executor());
        world.server().jobs.add({.name = "kind", .queue = "default"}, [&](Attempt &attempt) -> Task<Result<Outcome>> {
            world.noted.push_back(attempt.text("n"));
            if (attempt.text("n") == "stubborn")
                co_await never.wait();
            while (!attempt.shouldStop())
                co_await async::sleepFor(5ms);
            if (attempt.text("n") == "resumable")
                co_return Outcome(jobs::Snooze{});
            if (attempt.text("n") == "failing")
                co_return base::invalid("stopped");
            co_return Outcome(jobs::Done{});
        });
        world.server().startRunner();
        for (const char *n : {"finishing", "resumable", "failing", "stubborn"})
            world.enqueue(world.make("kind", n));
        world.until([&] { return world.noted.size() == 4; });
        runTask(world.context, world.server().runner->stop(500ms));
        const auto of = [&](const char *n) {
            return world.ask("state || ' ' || attempt", std::string("args->>'n' = '") + n + "'");
        };
        QCOMPARE(of("finishing"), "completed 1");
        QCOMPARE(of("resumable"), "scheduled 1");
        QCOMPARE(of("failing"), "retryable 0");
        QCOMPARE(of("stubborn"), "retryable 0");
        world.enqueue(world.make("kind", "after"));
        never.notify();
        QCOMPARE(of("after"), "available 0");
    }

    void anEndThatIsWrittenTwiceDoesNotEndTheAttemptAfterASnooze()
    {
        World world(*m_postgres, kNoRedis, 1, kShort);
        async::Event goOn(world.context.get_executor());
        std::optional<Attempt::Job> first;
        world.server().jobs.add({.name = "kind", .queue = "default"}, [&](Attempt &attempt) -> Task<Result<Outcome>> {
            world.noted.push_back(std::to_string(attempt.job().attempt));
            if (!first) {
                first = attempt.job();
                co_return Outcome(jobs::Snooze{});
            }
            co_await goOn.wait();
            co_return Outcome(jobs::Done{});
        });
        world.server().startRunner();
        world.enqueue(world.make("kind", "a"));
        world.until([&] { return world.noted.size() == 2; });
        QCOMPARE(world.noted, (Words{"1", "2"}));
        const pg::Query again = jobs::finish(*first, world.ask("worker"), jobs::endOf(Outcome(jobs::Snooze{})));
        const auto written = runTask(world.context, world.server().database.read(kOne, again.sql, again.params));
        QVERIFY(!written && jobs::isNoLongerOurs(written.error()));
        QCOMPARE(world.ask("state"), "executing");
        goOn.notify();
        world.until([&] { return world.ask("state") == "completed"; });
    }

    void aChainWaitsForWhatItFollows()
    {
        World world(*m_postgres, kNoRedis, 1, kShort);
        world.addDone();
        const base::Uuid a = uuidOf(11), b = uuidOf(12);
        auto last = world.make("count", "last");
        last.after = {a, b};
        auto first = world.make("count", "first");
        first.id = a;
        auto second = world.make("count", "second");
        second.id = b;
        second.after = {a};
        QVERIFY(world.server().change(kOne, [&](work::UnitOfWork &unit) {
            for (const auto &job : {last, second, first})
                unit.enqueue(job);
        }));
        world.server().startRunner();
        world.until([&] { return world.count("state = 'completed'") == "3"; });
        QCOMPARE(world.noted, (Words{"first", "second", "last"}));
    }

    /// A capture that fails for good: what releases the seats runs, what sends the tickets does not.
    void aSagaUndoesWhatFailed_data()
    {
        QTest::addColumn<bool>("fails");
        QTest::newRow("it fails") << true;
        QTest::newRow("it goes well") << false;
    }
    void aSagaUndoesWhatFailed()
    {
        QFETCH(bool, fails);
        World world(*m_postgres, kNoRedis, 1, kShort);
        world.addDone();
        world.add({.name = "capture", .queue = "default", .maxAttempts = 2, .backoff = [](int) { return 10ms; }},
                  [fails](Attempt &) -> Result<Outcome> {
                      if (fails)
                          return base::invalid("declined");
                      return Outcome(jobs::Done{});
                  });
        auto capture = world.make("capture", "capture");
        capture.id = uuidOf(11);
        const auto then = [&](const char *n, work::AfterRule rule) {
            auto job = world.make("count", n);
            job.after = {uuidOf(11)};
            job.afterRule = rule;
            return job;
        };
        auto mail = then("mail", work::AfterRule::Success);
        mail.id = uuidOf(12);
        auto thanks = world.make("count", "thanks"); // waits for what may be called off
        thanks.after = {uuidOf(12)};
        QVERIFY(world.server().change(kOne, [&](work::UnitOfWork &unit) {
            for (const auto &job : {capture, mail, thanks, then("release", work::AfterRule::Failure),
                                    then("report", work::AfterRule::End)})
                unit.enqueue(job);
        }));
        world.server().startRunner();
        world.until([&] { return world.count("finished_at IS NULL") == "0"; });
        const std::set<std::string> ran(world.noted.begin(), world.noted.end());
        QCOMPARE(ran, fails ? (std::set<std::string>{"capture", "release", "report"})
                            : (std::set<std::string>{"capture", "mail", "thanks", "report"}));
        QCOMPARE(world.count("state = 'cancelled'"), fails ? "2" : "1");
    }

    void whatEndedLongAgoIsForgotten()
    {
        World world(*m_postgres);
        world.database.execute(R"(
            INSERT INTO platform.jobs (organization_id, id, queue, kind, args, state, finished_at)
            SELECT '00000000-0000-0000-0000-000000000001', gen_random_uuid(), 'q', state, '{}', state, now() - age
            FROM unnest('{completed,cancelled,discarded}'::text[]) state,
                 unnest('{1 hour,2 days,40 days}'::interval[]) age)");
        QCOMPARE(world.database.execute(
                     "SELECT platform.prune_jobs(now() - interval '1 day', now() - interval '30 days', 100)"),
                 "4");
        QCOMPARE(world.count("state = 'completed'"), "1");
        QCOMPARE(world.count("state = 'discarded'"), "2");
        const auto counts = runTask(world.context, jobs::countJobs(world.server().database));
        QVERIFY(counts);
        QCOMPARE(counts->size(), 3U);
    }

    void onlyTheLatestErrorsAreKept()
    {
        World world(*m_postgres, kNoRedis, 1, kShort);
        world.add({.name = "fails", .queue = "default", .maxAttempts = 100, .backoff = [](int) { return 0ms; }},
                  [](Attempt &attempt) -> Result<Outcome> {
                      if (attempt.job().attempt == 40)
                          return Outcome(jobs::GiveUp{"enough"});
                      return base::invalid("no");
                  });
        world.server().startRunner();
        world.enqueue(world.make("fails", "a"));
        world.until([&] { return world.ask("state") == "discarded"; });
        QCOMPARE(world.ask("jsonb_array_length(errors)"), "20");
        QCOMPARE(world.ask("errors->19->>'message'"), "enough");
        QCOMPARE(world.ask("errors->0->>'attempt'"), "21");
    }

private:
    std::unique_ptr<Postgres> m_postgres;
    base::SystemRandom m_random;
};

QTEST_GUILESS_MAIN(EndingsTest)
#include "endings_test.moc"
