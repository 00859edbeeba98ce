#include "server/platform/async/event.h"
#include "server/platform/pg/transact.h"
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

namespace {

constexpr Sql kInsert{"INSERT INTO notes.notes (organization_id, id, text) VALUES (app.org(), $1, $2)"};
constexpr Sql kCount{"SELECT count(*) FROM notes.notes"};
constexpr Sql kLock{"SELECT FROM notes.notes WHERE id = $1 FOR UPDATE"};

Query insert(std::int64_t id, std::string_view text)
{
    return {kInsert, Params::of(id, text)};
}

} // namespace

class TransactTest : public QObject
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
    std::int64_t count() { return run(m_pool->once(m_scope, kCount))->front().get<std::int64_t>(0); }

private slots:
    void initTestCase() { m_postgres = std::make_unique<test::Postgres>(); }
    void init()
    {
        m_database = std::make_unique<test::Database>(*m_postgres);
        m_pool = std::make_unique<pg::Pool>(m_context.get_executor(), m_database->options());
    }
    void cleanup() { m_pool.reset(); }

    void collisionsAreTriedAgain()
    {
        const std::vector<Query> queries{insert(1, "one"), insert(2, "two")};
        QVERIFY(run(m_pool->once(m_scope, queries)));
        // Two that lock the same two rows in opposite order, and wait for each other before the second.
        async::Event met(m_context.get_executor());
        int attempts = 0, locked = 0, done = 0;
        const auto work = [&](std::int64_t first, std::int64_t second) -> Task<void> {
            const auto both = [&, first, second](pg::Tx &tx) -> Task<Result<int>> {
                ++attempts;
                auto rows = co_await tx.run(kLock, Params::of(first));
                if (rows && ++locked < 2)
                    co_await met.wait();
                met.notify();
                if (rows)
                    rows = co_await tx.run(kLock, Params::of(second));
                if (!rows)
                    co_return rows.error();
                co_return 7;
            };
            const auto outcome = co_await pg::transact(*m_pool, m_scope, both);
            done += outcome && *outcome == 7 ? 1 : 0;
        };
        async::start(m_context.get_executor(), "one", work(1, 2));
        async::start(m_context.get_executor(), "other", work(2, 1));
        m_context.restart();
        m_context.run();
        QCOMPARE(done, 2);
        QCOMPARE(attempts, 3);
    }

    void otherFailuresAreNotTriedAgain()
    {
        int attempts = 0;
        const auto work = [&](pg::Tx &tx) -> Task<Result<void>> {
            ++attempts;
            const auto rows = co_await tx.run(kInsert, Params::of(std::int64_t{1}, ""));
            co_return rows ? Result<void>() : rows.error();
        };
        QCOMPARE(run(pg::transact(*m_pool, m_scope, work)).error().code, ErrorCode::Invalid);
        QCOMPARE(attempts, 1);
    }

    void workThatCommitsItselfIsNotCommittedTwice()
    {
        const auto work = [](pg::Tx &tx) -> Task<Result<void>> {
            std::vector<Query> queries{insert(1, "one")};
            const auto rows = co_await tx.runAndCommit(std::move(queries));
            co_return rows ? Result<void>() : rows.error();
        };
        QVERIFY(run(pg::transact(*m_pool, m_scope, work)));
        QCOMPARE(count(), std::int64_t{1});
    }

    void itGivesUpAfterFiveCollisions()
    {
        // As a serialization failure that never ends; what was written with each is rolled back.
        m_database->execute("SET ROLE vg_owner; CREATE FUNCTION notes.collide() RETURNS void LANGUAGE plpgsql AS "
                            "$$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$");
        int attempts = 0;
        const auto work = [&](pg::Tx &tx) -> Task<Result<void>> {
            ++attempts;
            std::vector<Query> queries{insert(1, "one"), {Sql("SELECT notes.collide()"), {}}};
            const auto rows = co_await tx.run(std::move(queries));
            co_return rows ? Result<void>() : rows.error();
        };
        const auto failed = run(pg::transact(*m_pool, m_scope, work));
        QCOMPARE(attempts, pg::kAttemptsMax);
        QCOMPARE(failed.error().code, ErrorCode::Unavailable);
        QVERIFY(pg::SqlState::isCollision(failed.error()));
        QCOMPARE(count(), std::int64_t{0});
    }
};

QTEST_APPLESS_MAIN(TransactTest)
#include "transact_test.moc"
