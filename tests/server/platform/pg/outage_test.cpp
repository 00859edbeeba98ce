#include "server/platform/async/event.h"
#include "tests/server/platform/pg/database.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using async::Task;
using base::ErrorCode;
using base::Result;
using pg::Params;
using pg::Query;
using pg::Scope;
using pg::Sql;
using pg::SqlState;

namespace {

constexpr Sql kInsert{"INSERT INTO notes.notes (organization_id, id, text) VALUES (app.org(), $1, $2)"};
constexpr Sql kCount{"SELECT count(*) FROM notes.notes"};
constexpr Sql kSleep{"SELECT pg_catalog.pg_sleep(60)"};
constexpr Sql kEndSelf{"SELECT pg_catalog.pg_terminate_backend(pg_catalog.pg_backend_pid())"};
constexpr auto kLook = std::chrono::milliseconds(10);
constexpr int kLooksMax = 3'000;

} // namespace

class OutageTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::Database> m_database;
    boost::asio::io_context m_context;
    std::unique_ptr<pg::Pool> m_pool;
    const Scope m_scope = Scope::of(test::organization(1));

    template <class T>
    T run(Task<T> task)
    {
        return test::runTask(m_context, std::move(task));
    }
    Result<pg::Rows> count() { return run(m_pool->once(m_scope, kCount)); }
    /// Waits until the pool has found its way back.
    void awaitReturn()
    {
        run([](pg::Pool &pool) -> Task<void> {
            for (int i = 0; i < kLooksMax && pool.isAway(); ++i)
                co_await async::sleepFor(kLook);
        }(*m_pool));
        QVERIFY(!m_pool->isAway());
    }
    /// Begins a task, and waits until PostgreSQL sleeps in it.
    template <class T>
    void untilItSleeps(std::optional<T> &outcome, Task<T> task)
    {
        async::start(m_context.get_executor(), "sleeper", [](std::optional<T> *out, Task<T> waited) -> Task<void> {
            *out = co_await std::move(waited);
        }(&outcome, std::move(task)));
        m_context.restart();
        for (int i = 0; i < kLooksMax; ++i) {
            m_context.run_for(kLook);
            if (m_database->execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == "1")
                return;
        }
        QFAIL("it does not sleep");
    }
    template <class T>
    void untilItIsDone(const std::optional<T> &outcome)
    {
        m_context.restart();
        while (!outcome && m_context.run_one() > 0)
            ;
        QVERIFY(outcome.has_value());
    }

private slots:
    void initTestCase() { m_postgres = std::make_unique<test::Postgres>(); }
    void init()
    {
        m_database = std::make_unique<test::Database>(*m_postgres);
        m_pool = std::make_unique<pg::Pool>(m_context.get_executor(), m_database->options(2));
    }
    void cleanup()
    {
        m_pool.reset();
        m_context.restart();
        m_context.run();
    }

    void aTransactionThatIsKilledIsUnavailableAndThenEverythingWorksAgain()
    {
        const auto work = [](pg::Pool &pool, Scope scope) -> Task<Result<void>> {
            auto tx = co_await pool.begin(scope);
            const auto inserted = co_await tx->run(kInsert, Params::of(std::int64_t{1}, "lost"));
            base::ensure(static_cast<bool>(inserted), "inserted");
            const auto slept = co_await tx->run(kSleep);
            base::ensure(!slept, "killed in its sleep");
            (void)co_await tx->commit();
            co_return slept.error();
        };
        std::optional<Result<void>> outcome;
        untilItSleeps(outcome, work(*m_pool, m_scope));
        m_postgres->kill();
        untilItIsDone(outcome);
        QCOMPARE(outcome->error().code, ErrorCode::Unavailable);
        QVERIFY(!SqlState::isOutcomeUnknown(outcome->error()));

        // The first finds out; from then on it is known, and said at once.
        QCOMPARE(count().error().code, ErrorCode::Unavailable);
        QVERIFY(m_pool->isAway());
        const auto statements = m_pool->figures().statements;
        QCOMPARE(count().error().code, ErrorCode::Unavailable);
        QCOMPARE(m_pool->figures().statements, statements);

        m_postgres->start();
        awaitReturn();
        const auto back = count();
        QVERIFY2(back, back ? "" : back.error().message.c_str());
        QCOMPARE(back->front().get<std::int64_t>(0), std::int64_t{0});
        QCOMPARE(m_pool->figures().reconnects, std::uint64_t{1});
    }

    void aRestartBetweenTwoCallsIsNotNoticed()
    {
        QVERIFY(count());
        m_postgres->restart();
        const auto back = count();
        QVERIFY2(back, back ? "" : back.error().message.c_str());
        QVERIFY(!m_pool->isAway());
    }

    void aCommitThatBrokeOffIsUnknown()
    {
        // The connection ends with the commit on its way: a deferred trigger sleeps in it.
        m_database->execute(R"(SET ROLE vg_owner;
            CREATE FUNCTION notes.linger() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN PERFORM pg_catalog.pg_sleep(60); RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER linger AFTER INSERT ON notes.notes DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION notes.linger();)");
        const auto commit = [](pg::Pool &pool, Scope scope) -> Task<Result<void>> {
            auto tx = co_await pool.begin(scope);
            (void)co_await tx->run(kInsert, Params::of(std::int64_t{1}, "perhaps"));
            co_return co_await tx->commit();
        };
        for (const bool once : {false, true}) {
            std::optional<Result<void>> outcome;
            const auto shortly = [](pg::Pool &pool, Scope scope) -> Task<Result<void>> {
                const auto rows = co_await pool.once(scope, kInsert, Params::of(std::int64_t{1}, "perhaps"));
                co_return rows ? Result<void>() : rows.error();
            };
            untilItSleeps(outcome, once ? shortly(*m_pool, m_scope) : commit(*m_pool, m_scope));
            m_postgres->kill();
            untilItIsDone(outcome);
            QCOMPARE(outcome->error().code, ErrorCode::Unavailable);
            QVERIFY2(SqlState::isOutcomeUnknown(outcome->error()), outcome->error().message.c_str());
            (void)count();
            m_postgres->start();
            awaitReturn();
        }
    }

    void aBackendThatIsEndedBeforeTheCommitIsNotUnknown()
    {
        const std::vector<Query> queries{{kInsert, Params::of(std::int64_t{1}, "no")}, {kEndSelf, {}}, {kCount, {}}};
        const auto ended = run(m_pool->once(m_scope, queries));
        QCOMPARE(ended.error().code, ErrorCode::Unavailable);
        QVERIFY2(!SqlState::isOutcomeUnknown(ended.error()), ended.error().message.c_str());
        QCOMPARE(count()->front().get<std::int64_t>(0), std::int64_t{0});
    }

    void whoWaitsInLineIsToldTooWhenItGoesAway()
    {
        std::optional<Result<pg::Rows>> first, second, third;
        untilItSleeps(first, m_pool->once(m_scope, kSleep));
        const auto keep = [](std::optional<Result<pg::Rows>> *out, Task<Result<pg::Rows>> task) -> Task<void> {
            *out = co_await std::move(task);
        };
        for (auto *outcome : {&second, &third})
            async::start(m_context.get_executor(), "in line", keep(outcome, m_pool->once(m_scope, kSleep)));
        m_context.run_for(kLook);
        m_postgres->kill();
        for (const auto *outcome : {&first, &second, &third}) {
            untilItIsDone(*outcome);
            QCOMPARE((*outcome)->error().code, ErrorCode::Unavailable);
        }
        m_postgres->start();
    }

    void aPasswordOrAddressThatIsWrongIsToldAtOnce_data()
    {
        QTest::addColumn<QString>("url");
        QTest::newRow("nobody listens") << "postgresql://vg_app@127.0.0.1:1/voelgoed";
        QTest::newRow("no such socket") << "host=/nowhere user=vg_app";
        QTest::newRow("no such host") << "postgresql://vg_app@no.such.host.invalid/voelgoed";
        QTest::newRow("no such database") << QString::fromStdString(m_postgres->url("vg_app", "nothing"));
        QTest::newRow("no such role") << QString::fromStdString(m_postgres->url("nobody"));
        QTest::newRow("no URL") << "postgresql://[";
    }
    void aPasswordOrAddressThatIsWrongIsToldAtOnce()
    {
        QFETCH(QString, url);
        m_pool = std::make_unique<pg::Pool>(m_context.get_executor(), pg::PoolOptions{.url = url.toStdString()});
        const auto refused = count();
        QVERIFY(!refused);
        QVERIFY(refused.error().code == ErrorCode::Unavailable || refused.error().code == ErrorCode::Invalid);
        QVERIFY(m_pool->isAway());
    }
};

QTEST_APPLESS_MAIN(OutageTest)
#include "outage_test.moc"
