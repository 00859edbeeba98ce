#include "tests/server/platform/pg/database.h"

#include <QtTest/QtTest>

#include <libpq-fe.h>

using namespace voelgoed;
using async::Task;
using pg::Params;
using pg::Query;
using pg::Scope;
using pg::Sql;

namespace {

constexpr Sql kInsert{"INSERT INTO notes.notes (organization_id, id, text) VALUES (app.org(), 1, $1)"};
constexpr Sql kTexts{"SELECT coalesce(string_agg(text, ',' ORDER BY text), '') FROM notes.notes"};

} // namespace

class ScopeTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::Database> m_database;
    boost::asio::io_context m_context;
    std::unique_ptr<pg::Pool> m_pool;

    std::string texts(Scope scope)
    {
        return test::runTask(m_context, m_pool->once(scope, kTexts))->front().get<std::string>(0);
    }

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_database = std::make_unique<test::Database>(*m_postgres);
        m_pool = std::make_unique<pg::Pool>(m_context.get_executor(), m_database->options(1));
        for (const auto number : std::initializer_list<unsigned char>{1, 2})
            QVERIFY(test::runTask(m_context, m_pool->once(Scope::of(test::organization(number)), kInsert,
                                                          Params::of("of " + std::to_string(number)))));
    }
    void cleanupTestCase() { m_pool.reset(); }

    void aScopeSeesItsOwnRowsAlone()
    {
        QCOMPARE(texts(Scope::of(test::organization(1))), std::string("of 1"));
        QCOMPARE(texts(Scope::of(test::organization(2))), std::string("of 2"));
        QCOMPARE(texts(Scope::of(test::organization(3))), std::string(""));
    }

    void noScopeSeesNothing()
    {
        QCOMPARE(texts(Scope::nobody()), std::string(""));
        const auto written = test::runTask(m_context, m_pool->once(Scope::nobody(), kInsert, Params::of("x")));
        QVERIFY(!written);
    }

    void aTransactionKeepsItsScopeFromFirstToLast()
    {
        const auto work = [](pg::Pool &pool) -> Task<std::string> {
            auto tx = co_await pool.begin(Scope::of(test::organization(2)));
            std::string seen;
            for (int i = 0; i < 3; ++i)
                seen += (co_await tx->run(kTexts))->front().get<std::string>(0) + ";";
            co_return seen;
        };
        QCOMPARE(test::runTask(m_context, work(*m_pool)), std::string("of 2;of 2;of 2;"));
    }

    void nothingOfAScopeIsLeftOnItsConnection()
    {
        // The pool itself asks at each check-in (provedEvery = 1); and the next one on the same connection sees
        // nothing.
        const std::vector<Query> failing{{kInsert, Params::of("x")}, {Sql("SELECT 1 / 0"), {}}};
        (void)test::runTask(m_context, m_pool->once(Scope::of(test::organization(2)), failing));
        QCOMPARE(texts(Scope::nobody()), std::string(""));
        QCOMPARE(m_pool->figures().open, std::size_t{1});
    }

    void theServersRoleCannotGetAround_data()
    {
        QTest::addColumn<QString>("sql");
        QTest::addColumn<QString>("refused");
        const auto row = [](const char *name, const char *sql, const char *refused = "42501") {
            QTest::newRow(name) << sql << refused;
        };
        row("switching row security off", "SET row_security = off; SELECT * FROM notes.notes");
        row("taking row security away", "ALTER TABLE notes.notes DISABLE ROW LEVEL SECURITY");
        row("another policy", "CREATE POLICY mine ON notes.notes USING (true)");
        row("becoming the owner", "SET ROLE vg_owner");
        row("becoming vg_ops", "SET ROLE vg_ops");
        row("becoming the superuser", "SET SESSION AUTHORIZATION postgres");
        row("a table of its own", "CREATE TABLE notes.mine (x int)");
        row("a table in public", "CREATE TABLE public.mine (x int)");
        row("a temporary table", "CREATE TEMPORARY TABLE mine (x int)");
        row("another function app.org",
            "CREATE OR REPLACE FUNCTION app.org() RETURNS uuid LANGUAGE sql AS 'SELECT null'");
        row("protecting", "SELECT app.protect('notes.notes')");
        row("emptying a table", "TRUNCATE notes.notes");
        row("changing the history of migrations", "DELETE FROM platform.migrations");
        row("COPY around the policy", "COPY notes.notes FROM STDIN", "0A000");
    }
    void theServersRoleCannotGetAround()
    {
        QFETCH(QString, sql);
        QFETCH(QString, refused);
        const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(m_database->options().url.c_str()),
                                                                      &PQfinish);
        const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.toUtf8()), &PQclear);
        QCOMPARE(QString(PQresultErrorField(result.get(), PG_DIAG_SQLSTATE)), refused);
    }

    void theOwnerIsBoundAsWell()
    {
        QCOMPARE(m_database->execute("SET ROLE vg_owner; SELECT count(*) FROM notes.notes"), std::string("0"));
        QCOMPARE(m_database->execute("SELECT count(*) FROM notes.notes"), std::string("2"));
    }

    void theRolesAreWhatTheyShouldBe()
    {
        QCOMPARE(
            m_database->execute("SELECT string_agg(concat_ws(' ', rolname, rolcanlogin, rolbypassrls, rolsuper), ', ' "
                                "ORDER BY rolname) FROM pg_roles WHERE rolname LIKE 'vg_%'"),
            std::string("vg_app t f f, vg_ops f t f, vg_owner t f f"));
        QCOMPARE(m_database->execute("SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = relowner "
                                     "WHERE rolname = 'vg_app'"),
                 std::string("0"));
    }

    void aTableWithAKeyThatTellsOfOthersIsNotProtected()
    {
        m_database->execute("SET ROLE vg_owner; CREATE TABLE notes.leaky (organization_id uuid, email text UNIQUE)");
        const std::string sql =
            "DO $t$ BEGIN PERFORM app.protect('notes.leaky'); RAISE EXCEPTION 'it was protected'; "
            "EXCEPTION WHEN raise_exception THEN IF SQLERRM NOT LIKE '%leaky_email_key%' THEN RAISE; "
            "END IF; END $t$";
        m_database->execute("SET ROLE vg_owner; " + sql);
    }

    void aFunctionOfOpsLooksAcross()
    {
        m_database->execute(R"(SET ROLE vg_owner;
            CREATE FUNCTION notes.how_many() RETURNS bigint LANGUAGE sql SET search_path = pg_catalog
                AS 'SELECT count(*) FROM notes.notes';
            GRANT SELECT ON notes.notes TO vg_ops;
            SELECT app.give_to_ops('notes.how_many()');)");
        const auto rows = test::runTask(m_context, m_pool->once(Scope::nobody(), Sql("SELECT notes.how_many()")));
        QVERIFY2(rows, rows ? "" : rows.error().message.c_str());
        QCOMPARE(rows->front().get<std::int64_t>(0), std::int64_t{2});
        QCOMPARE(m_database->execute("SELECT has_schema_privilege('vg_ops', 'notes', 'CREATE')"), std::string("f"));
    }
};

QTEST_APPLESS_MAIN(ScopeTest)
#include "scope_test.moc"
