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
constexpr Sql kInsertFollowing{
    "INSERT INTO notes.notes (organization_id, id, text, follows) VALUES (app.org(), $1, $2, $3)"};
constexpr Sql kCount{"SELECT count(*) FROM notes.notes"};
constexpr Sql kUpdate{"UPDATE notes.notes SET text = $2 WHERE id = $1"};

Query insert(std::int64_t id, std::string_view text)
{
    return {kInsert, Params::of(id, text)};
}

std::string text(const base::Error &error)
{
    return std::string(base::codeWord(error.code)) + ": " + error.message;
}

} // namespace

class PoolTest : public QObject
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
    /// Which of PostgreSQL's processes answers: another one behind a reconnect.
    std::int32_t backend()
    {
        return run(m_pool->once(m_scope, Sql("SELECT pg_catalog.pg_backend_pid()")))->front().get<std::int32_t>(0);
    }
    void makePool(std::size_t connections)
    {
        m_pool = std::make_unique<pg::Pool>(m_context.get_executor(), m_database->options(connections));
    }

private slots:
    void initTestCase() { m_postgres = std::make_unique<test::Postgres>(); }
    void init()
    {
        m_database = std::make_unique<test::Database>(*m_postgres);
        makePool(4);
    }
    void cleanup()
    {
        m_pool.reset();
        m_context.restart();
        m_context.run();
    }

    void daysAndTextsOfMomentsAreNoMatterOfTheDatabasesOwnSettings()
    {
        m_pool.reset();
        m_database->execute("ALTER DATABASE \"" + m_database->name() + "\" SET timezone = 'Africa/Johannesburg'");
        m_database->execute("ALTER DATABASE \"" + m_database->name() + "\" SET datestyle = 'German'");
        QCOMPARE(m_database->execute("SELECT '2026-12-31T23:30:00Z'::timestamptz::date"), std::string("01.01.2027"));
        makePool(1);
        const auto rows = run(m_pool->once(m_scope, Sql("SELECT '2026-12-31T23:30:00Z'::timestamptz::date::text, "
                                                        "'2026-12-31T23:30:00Z'::timestamptz::text")));
        QVERIFY2(rows, rows ? "" : text(rows.error()).c_str());
        QCOMPARE(rows->front().get<std::string>(0), std::string("2026-12-31"));
        QCOMPARE(rows->front().get<std::string>(1), std::string("2026-12-31 23:30:00+00"));
    }

    void onceIsOneTransaction()
    {
        const std::vector<Query> good{insert(1, "one"), insert(2, "two"), {kCount, {}}};
        const auto rows = run(m_pool->once(m_scope, good));
        QVERIFY2(rows, rows ? "" : text(rows.error()).c_str());
        QCOMPARE(rows->size(), std::size_t{3});
        QCOMPARE((*rows)[0].touched(), std::size_t{1});
        QCOMPARE((*rows)[2].front().get<std::int64_t>(0), std::int64_t{2});

        const std::vector<Query> bad{insert(3, "three"), insert(1, "again"), insert(4, "four")};
        QVERIFY(SqlState::isUniqueViolation(run(m_pool->once(m_scope, bad)).error(), "notes_key"));
        QCOMPARE(count(), std::int64_t{2});
    }

    void aTransactionCommitsOnlyWhenItIsTold()
    {
        run([](pg::Pool &pool, Scope scope) -> Task<void> {
            auto dropped = co_await pool.begin(scope);
            const auto inserted = co_await dropped->run(kInsert, Params::of(std::int64_t{1}, "dropped"));
            base::ensure(inserted && inserted->touched() == 1, "inserted");
            const auto seen = co_await dropped->run(kCount);
            base::ensure(seen->front().get<std::int64_t>(0) == 1, "seen by itself");
        }(*m_pool, m_scope));
        QCOMPARE(count(), std::int64_t{0});

        run([](pg::Pool &pool, Scope scope) -> Task<void> {
            auto kept = co_await pool.begin(scope);
            const auto inserted = co_await kept->run(kInsert, Params::of(std::int64_t{1}, "kept"));
            const auto committed = co_await kept->commit();
            base::ensure(inserted && committed && kept->hasEnded(), "committed");
        }(*m_pool, m_scope));
        QCOMPARE(count(), std::int64_t{1});
    }

    void aDroppedTransactionIsRolledBackBeforeItsConnectionIsUsedAgain()
    {
        makePool(1);
        const auto before = backend();
        for (int i = 0; i < 20; ++i) {
            run([](pg::Pool &pool, Scope scope) -> Task<void> {
                auto tx = co_await pool.begin(scope);
                (void)co_await tx->run(kInsert, Params::of(std::int64_t{1}, "dropped"));
            }(*m_pool, m_scope));
            QCOMPARE(count(), std::int64_t{0});
        }
        QCOMPARE(backend(), before);
    }

    void statementsAndTheCommitGoTogether()
    {
        const auto work = [](pg::Pool &pool, Scope scope) -> Task<Result<std::vector<pg::Rows>>> {
            auto tx = co_await pool.begin(scope);
            std::vector<Query> queries{insert(1, "one"), {kCount, {}}};
            co_return co_await tx->runAndCommit(std::move(queries));
        };
        const auto rows = run(work(*m_pool, m_scope));
        QVERIFY(rows && rows->size() == 2);
        QCOMPARE((*rows)[1].front().get<std::int64_t>(0), std::int64_t{1});
        QCOMPARE(count(), std::int64_t{1});
    }

    void anEmptyTransactionCommitsWithoutARoundTrip()
    {
        const auto before = m_pool->figures().statements;
        const auto work = [](pg::Pool &pool, Scope scope) -> Task<Result<void>> {
            auto tx = co_await pool.begin(scope);
            co_return co_await tx->commit();
        };
        QVERIFY(run(work(*m_pool, m_scope)));
        QCOMPARE(m_pool->figures().statements, before);
    }

    void behindAFailureOnlyTheEndIsLeft()
    {
        const auto work = [](pg::Pool &pool, Scope scope) -> Task<Result<void>> {
            auto tx = co_await pool.begin(scope);
            (void)co_await tx->run(kInsert, Params::of(std::int64_t{1}, "one"));
            tx->afterCommit([] { base::ensure(false, "nothing was committed"); });
            const auto failed = co_await tx->run(kInsert, Params::of(std::int64_t{2}, ""));
            base::ensure(!failed && failed.error().code == ErrorCode::Invalid, "an empty text");
            const auto next = co_await tx->run(kCount);
            base::ensure(!next && next.error().code == ErrorCode::Internal, "behind a failure");
            co_return co_await tx->commit();
        };
        QVERIFY(!run(work(*m_pool, m_scope)));
        QCOMPARE(count(), std::int64_t{0});
    }

    void actionsRunAfterTheCommitInTheirOrder()
    {
        QStringList heard;
        const auto work = [&](pg::Pool &pool, Scope scope) -> Task<void> {
            auto tx = co_await pool.begin(scope);
            tx->afterCommit([&] { heard << "first"; });
            tx->afterCommit([&] { heard << "second"; });
            (void)co_await tx->run(kInsert, Params::of(std::int64_t{1}, "one"));
            base::ensure(heard.isEmpty(), "before the commit");
            (void)co_await tx->commit();
            auto dropped = co_await pool.begin(scope);
            dropped->afterCommit([&] { heard << "never"; });
            (void)co_await dropped->run(kCount);
        };
        run(work(*m_pool, m_scope));
        QCOMPARE(heard, (QStringList{"first", "second"}));
    }

    void failuresHaveTheirKindAndNameTheirConstraint_data()
    {
        QTest::addColumn<QString>("sql");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *name, const char *sql, const char *expected) {
            QTest::newRow(name) << sql << expected;
        };
        row("unique", "text = 'one'",
            "conflict: unique_violation (SQLSTATE 23505, constraint notes_text of notes.notes)");
        row("check", "text = ''",
            "invalid: check_violation (SQLSTATE 23514, constraint notes_not_empty of notes.notes)");
        row("not null", "text = null", "invalid: not_null_violation (SQLSTATE 23502, in notes.notes.text)");
        row("foreign key, at the commit", "follows = 99",
            "invalid: foreign_key_violation (SQLSTATE 23503, constraint notes_follows of notes.notes)");
        row("a number out of range", "id = 9223372036854775807 + id",
            "invalid: numeric_value_out_of_range (SQLSTATE 22003)");
        row("a text that is no number", "id = 'secret'::text::bigint",
            "invalid: invalid_text_representation (SQLSTATE 22P02)");
        row("another organization's", "organization_id = '00000000-0000-0000-0000-000000000002'",
            "internal: new row violates row-level security policy for table \"notes\" (SQLSTATE 42501)");
        row("no such column", "nothing = 1",
            "internal: column \"nothing\" of relation \"notes\" does not exist (SQLSTATE 42703)");
    }
    void failuresHaveTheirKindAndNameTheirConstraint()
    {
        QFETCH(QString, sql);
        QFETCH(QString, expected);
        // A function of the owner's, as statements of the program's own are constants.
        m_database->execute(
            "SET ROLE vg_owner; CREATE FUNCTION notes.try() RETURNS void LANGUAGE sql BEGIN ATOMIC; END;"
            "CREATE OR REPLACE FUNCTION notes.try() RETURNS void LANGUAGE plpgsql AS $f$ BEGIN EXECUTE $x$"
            "UPDATE notes.notes SET " +
            sql.toStdString() + " WHERE id = 2 $x$; END $f$");
        const std::vector<Query> queries{insert(1, "one"), insert(2, "two")};
        QVERIFY(run(m_pool->once(m_scope, queries)));
        const auto failed = run(m_pool->once(m_scope, Sql("SELECT notes.try()")));
        QVERIFY(!failed);
        QCOMPARE(QString::fromStdString(text(failed.error())), expected);
        QCOMPARE(count(), std::int64_t{2});
    }

    void aDeferredFailureIsTheCommits()
    {
        makePool(1);
        const auto before = backend();
        const auto commit = [](pg::Pool &pool, Scope scope) -> Task<Result<void>> {
            auto tx = co_await pool.begin(scope);
            const auto inserted = co_await tx->run(kInsertFollowing, Params::of(std::int64_t{1}, "x", std::int64_t{9}));
            base::ensure(static_cast<bool>(inserted), "deferred");
            co_return co_await tx->commit();
        };
        const auto together = [](pg::Pool &pool, Scope scope) -> Task<Result<std::vector<pg::Rows>>> {
            auto tx = co_await pool.begin(scope);
            std::vector<Query> queries;
            queries.push_back({kInsertFollowing, Params::of(std::int64_t{1}, "x", std::int64_t{9})});
            co_return co_await tx->runAndCommit(std::move(queries));
        };
        const auto a = run(commit(*m_pool, m_scope));
        const auto b = run(together(*m_pool, m_scope));
        const auto c = run(m_pool->once(m_scope, kInsertFollowing, Params::of(std::int64_t{1}, "x", std::int64_t{9})));
        for (const auto &error : {a.error(), b.error(), c.error()}) {
            QCOMPARE(SqlState::of(error)->constraint, std::string("notes_follows"));
            QVERIFY(!SqlState::isOutcomeUnknown(error));
        }
        QCOMPARE(count(), std::int64_t{0});
        QCOMPARE(backend(), before);
    }

    void aFailureInABatchSpoilsNoStatementBehindIt()
    {
        // On one connection: what was to be prepared behind the failure was not, and is then.
        makePool(1);
        const auto before = backend();
        for (int i = 0; i < 3; ++i) {
            const std::vector<Query> bad{insert(1, ""), {Sql("SELECT 'never prepared before'"), {}}, {kCount, {}}};
            QVERIFY(!run(m_pool->once(m_scope, bad)));
            const std::vector<Query> wrong{{Sql("SELECT nothing FROM notes.notes"), {}}, {kCount, {}}};
            QCOMPARE(run(m_pool->once(m_scope, wrong)).error().code, ErrorCode::Internal);
        }
        const std::vector<Query> good{{Sql("SELECT 'never prepared before'"), {}}, {kCount, {}}, {kCount, {}}};
        const auto rows = run(m_pool->once(m_scope, good));
        QVERIFY2(rows, rows ? "" : text(rows.error()).c_str());
        QCOMPARE((*rows)[2].front().get<std::int64_t>(0), std::int64_t{0});
        QCOMPARE(backend(), before);
    }

    void aTableThatChangesUnderAPreparedStatementCostsOneFailure()
    {
        makePool(1);
        static constexpr Sql kAll{"SELECT * FROM notes.notes"};
        QVERIFY(run(m_pool->once(m_scope, kAll)));
        m_database->execute("ALTER TABLE notes.notes ADD COLUMN extra int");
        (void)run(m_pool->once(m_scope, kAll));
        QVERIFY(run(m_pool->once(m_scope, kAll)));
    }

    void fiftyTransactionsShareFourConnections()
    {
        int done = 0;
        const auto add = [&](std::int64_t id) -> Task<void> {
            auto tx = co_await m_pool->begin(m_scope);
            base::ensure(static_cast<bool>(tx), "a connection");
            const auto inserted = co_await tx->run(kInsert, Params::of(id, "note " + std::to_string(id)));
            const auto updated = co_await tx->run(kUpdate, Params::of(id, "changed " + std::to_string(id)));
            const auto committed = co_await tx->commit();
            done += inserted && updated && committed ? 1 : 0;
        };
        for (int i = 0; i < 50; ++i)
            async::start(m_context.get_executor(), "transaction", add(i));
        m_context.restart();
        m_context.run();
        QCOMPARE(done, 50);
        QCOMPARE(count(), std::int64_t{50});
        QVERIFY(m_pool->figures().open <= 4);
        QCOMPARE(m_database->execute("SELECT count(*) <= 4 FROM pg_stat_activity WHERE datname = current_database() "
                                     "AND usename = 'vg_app'"),
                 std::string("t"));
    }

    void whoWaitsTooLongForAConnectionIsTold()
    {
        auto options = m_database->options(1);
        options.acquireMax = base::Milliseconds(20);
        options.provedEvery = 1'000; // nor does the pool itself hold it for a while
        m_pool = std::make_unique<pg::Pool>(m_context.get_executor(), options);
        const auto work = [](pg::Pool &pool, Scope scope) -> Task<base::Error> {
            const auto holds = co_await pool.begin(scope);
            const auto waits = co_await pool.begin(scope);
            base::ensure(holds && !waits, "one connection");
            co_return waits.error();
        };
        QCOMPARE(run(work(*m_pool, m_scope)).code, ErrorCode::Unavailable);
        QVERIFY(!m_pool->isAway());
        QCOMPARE(count(), std::int64_t{0});
    }

    void aStatementThatTakesTooLongIsATimeout()
    {
        auto options = m_database->options(1);
        options.statementMax = base::Milliseconds(1'000);
        m_pool = std::make_unique<pg::Pool>(m_context.get_executor(), options);
        const auto before = backend();
        const std::vector<Query> queries{insert(1, "one"), {Sql("SELECT pg_catalog.pg_sleep(60)"), {}}};
        const auto late = run(m_pool->once(m_scope, queries));
        QCOMPARE(late.error().code, ErrorCode::Timeout);
        QVERIFY(!SqlState::isOutcomeUnknown(late.error()));
        QCOMPARE(count(), std::int64_t{0});
        QCOMPARE(backend(), before);
    }

    void aRequestAndAnAnswerThatAreBothLargeDoNotWaitForEachOther()
    {
        std::vector<Query> queries;
        for (int i = 0; i < 8; ++i)
            queries.push_back({Sql("SELECT $1"), Params::of(std::string(4'000'000, 'x'))});
        const auto rows = run(m_pool->once(m_scope, queries));
        QVERIFY(rows && rows->size() == 8);
        QCOMPARE(rows->back().front().get<std::string_view>(0).size(), std::size_t{4'000'000});
    }
};

QTEST_APPLESS_MAIN(PoolTest)
#include "pool_test.moc"
