#include "server/platform/pg/migrate.h"
#include "tests/server/platform/pg/database.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using async::Task;
using base::ErrorCode;
using base::Result;
using pg::Migrated;
using pg::Migration;

namespace {

const Migration kFirst{"shop", 1, "goods", "CREATE SCHEMA shop; CREATE TABLE shop.goods (id int); -- the end"};
const Migration kSecond{"shop", 2, "prices", "ALTER TABLE shop.goods ADD COLUMN price bigint;"};
const Migration kThird{"shop", 3, "names", "ALTER TABLE shop.goods ADD COLUMN name text;"};
const Migration kOther{"post", 1, "letters", "CREATE SCHEMA post; CREATE TABLE post.letters (id int);"};

} // namespace

class MigrateTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    boost::asio::io_context m_context;
    std::string m_name;

    Result<Migrated> migrate(std::vector<Migration> migrations)
    {
        return test::runTask(m_context, pg::migrate(m_postgres->url("vg_owner", m_name), std::move(migrations)));
    }
    std::string execute(const std::string &sql) { return m_postgres->execute(sql, m_name); }
    std::string recorded()
    {
        return execute("SELECT coalesce(string_agg(slice || number, ' ' ORDER BY slice, number), '') "
                       "FROM platform.migrations WHERE slice <> 'pg'");
    }

private slots:
    void initTestCase() { m_postgres = std::make_unique<test::Postgres>(); }
    void init() { m_name = m_postgres->freshDatabase(); }

    void whatIsNewIsRunInItsOrderAndOnce()
    {
        const auto first = migrate({kFirst, kSecond});
        QVERIFY2(first, first ? "" : first.error().message.c_str());
        QCOMPARE(first->run, (std::vector<std::string>{"shop/0001_goods", "shop/0002_prices"}));
        const auto second = migrate({kOther, kFirst, kSecond, kThird});
        QCOMPARE(second->run, (std::vector<std::string>{"post/0001_letters", "shop/0003_names"}));
        QVERIFY(migrate({kOther, kFirst, kSecond, kThird})->run.empty());
        QCOMPARE(recorded(), std::string("post1 shop1 shop2 shop3"));
        QCOMPARE(execute("SELECT count(*) FROM information_schema.columns WHERE table_name = 'goods'"),
                 std::string("3"));
    }

    void theKernelsOwnAreRecorded()
    {
        const auto again = migrate(pg::migrations());
        QVERIFY2(again, again ? "" : again.error().message.c_str());
        QVERIFY(again->run.empty() && again->newer.empty());
    }

    void serversThatMigrateAtOnceMigrateOnce()
    {
        std::vector<std::size_t> run;
        const auto one = [&]() -> Task<void> {
            const auto done = co_await pg::migrate(m_postgres->url("vg_owner", m_name), {kFirst, kSecond, kOther});
            base::ensure(static_cast<bool>(done), done ? "" : done.error().message.c_str());
            run.push_back(done->run.size());
        };
        for (int i = 0; i < 6; ++i)
            async::start(m_context.get_executor(), "server", one());
        m_context.restart();
        m_context.run();
        std::sort(run.begin(), run.end());
        QCOMPARE(run, (std::vector<std::size_t>{0, 0, 0, 0, 0, 3}));
    }

    void aTextThatHasChangedIsRefusedWithItsName()
    {
        QVERIFY(migrate({kFirst, kSecond}));
        Migration changed = kFirst;
        changed.sql = "CREATE SCHEMA shop;";
        const auto refused = migrate({changed, kSecond, kThird});
        QCOMPARE(refused.error().code, ErrorCode::Corrupt);
        QVERIFY(refused.error().message.find("shop/0001_goods") != std::string::npos);
        Migration renamed = kSecond;
        renamed.name = "costs";
        QCOMPARE(migrate({kFirst, renamed}).error().code, ErrorCode::Corrupt);
        QCOMPARE(recorded(), std::string("shop1 shop2"));
    }

    void oneThatWasLeftOutIsRefusedWithItsName()
    {
        QVERIFY(migrate({kFirst, kSecond}));
        execute("DELETE FROM platform.migrations WHERE slice = 'shop' AND number = 1");
        const auto refused = migrate({kFirst, kSecond, kThird});
        QCOMPARE(refused.error().code, ErrorCode::Conflict);
        QVERIFY(refused.error().message.find("shop/0001_goods") != std::string::npos);
        QCOMPARE(recorded(), std::string("shop2"));
    }

    void whatANewerServerHasRunIsTold()
    {
        QVERIFY(migrate({kFirst, kSecond, kThird, kOther}));
        const auto older = migrate({kFirst});
        QVERIFY(older && older->run.empty());
        QCOMPARE(older->newer, (std::vector<std::string>{"pg/0001_kernel", "pg/0002_parents", "pg/0003_migrated",
                                                         "post/0001_letters", "shop/0002_prices", "shop/0003_names"}));
    }

    void whoMayNotMigrateKnowsWhetherSomebodyDid()
    {
        const auto check = [&](std::vector<Migration> wanted) {
            return test::runTask(m_context, pg::checkMigrated(m_postgres->url("vg_app", m_name), std::move(wanted)));
        };
        const auto missing = check({kFirst, kSecond});
        QCOMPARE(missing.error().code, ErrorCode::Conflict);
        QVERIFY2(missing.error().message.find("shop/0001_goods and 1 more") != std::string::npos,
                 missing.error().message.c_str());
        QVERIFY(migrate({kFirst, kSecond, kThird}));
        QVERIFY(check({kFirst, kSecond}));
        QVERIFY(check({kFirst, kSecond, kThird}));
        QCOMPARE(check({kFirst, kOther}).error().code, ErrorCode::Conflict);
        Migration changed = kFirst;
        changed.sql = "CREATE SCHEMA shop;";
        QCOMPARE(check({changed}).error().code, ErrorCode::Corrupt);
        // Where there is nothing at all, not even what tells.
        execute("DROP SCHEMA app CASCADE");
        QCOMPARE(check({kFirst}).error().code, ErrorCode::Conflict);
    }

    void aFailureRollsBackItsOwnAndKeepsThoseBefore()
    {
        const Migration bad{"shop", 2, "bad", "CREATE TABLE shop.half (id int); SELECT 1 / 0;"};
        const auto failed = migrate({kFirst, bad, kOther});
        QVERIFY(!failed);
        QVERIFY2(failed.error().message.find("shop/0002_bad") == 0, failed.error().message.c_str());
        QCOMPARE(recorded(), std::string("shop1"));
        QCOMPARE(execute("SELECT to_regclass('shop.half') IS NULL"), std::string("t"));
        QCOMPARE(migrate({kFirst, kSecond, kOther})->run.size(), std::size_t{2});
    }

    void oneThatCommitsByItselfIsAFailure()
    {
        const Migration sly{"shop", 1, "sly", "CREATE SCHEMA shop; COMMIT;"};
        QVERIFY(!migrate({sly}));
        QCOMPARE(recorded(), std::string(""));
    }

    void makingADatabaseTwiceChangesNothing()
    {
        const std::string admin = m_postgres->url("postgres", "postgres");
        for (int i = 0; i < 2; ++i) {
            const auto made = test::runTask(m_context, pg::makeDatabase(admin, "another"));
            QVERIFY2(made, made ? "" : made.error().message.c_str());
        }
        QVERIFY(!test::runTask(m_context, pg::makeDatabase(admin, "bad\"name")));
        const auto done =
            test::runTask(m_context, pg::migrate(m_postgres->url("vg_owner", "another"), pg::migrations()));
        QVERIFY2(done, done ? "" : done.error().message.c_str());
        QVERIFY(!done->run.empty());
    }
};

QTEST_APPLESS_MAIN(MigrateTest)
#include "migrate_test.moc"
