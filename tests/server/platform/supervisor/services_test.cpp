#include "tests/support/services.h"

#include <QtTest/QtTest>

using namespace voelgoed;

class ServicesTest : public QObject
{
    Q_OBJECT

private slots:
    void aPostgresForTestsHasItsRolesAndSurvivesAKill()
    {
        test::Postgres postgres;
        const std::string database = postgres.freshDatabase();
        QCOMPARE(postgres.execute("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'vg_%'"), std::string("3"));
        postgres.execute("CREATE TABLE kept AS SELECT 1 AS one", database);
        postgres.kill();
        postgres.start();
        QCOMPARE(postgres.execute("SELECT one FROM kept", database), std::string("1"));
        postgres.restart();
        QCOMPARE(postgres.execute("SELECT one FROM kept", database), std::string("1"));
        QCOMPARE(postgres.execute("SELECT app.org() IS NULL", postgres.freshDatabase(database)), std::string("t"));
    }

    void aRedisForTestsKeepsWhatItWasToldThroughAKill_data()
    {
        QTest::addColumn<bool>("cluster");
        QTest::newRow("alone") << false;
        QTest::newRow("a cluster of one node") << true;
    }
    void aRedisForTestsKeepsWhatItWasToldThroughAKill()
    {
        QFETCH(bool, cluster);
        test::Redis redis(cluster ? test::Redis::Kind::Cluster : test::Redis::Kind::Alone);
        QCOMPARE(redis.execute("SET {a}b 7"), std::string("+OK\r\n"));
        redis.kill();
        redis.start();
        QCOMPARE(redis.execute("GET {a}b"), std::string("$1\r\n7\r\n"));
        redis.restart();
        QCOMPARE(redis.execute("GET {a}b"), std::string("$1\r\n7\r\n"));
    }
};

QTEST_APPLESS_MAIN(ServicesTest)
#include "services_test.moc"
