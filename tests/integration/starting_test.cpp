#include "tests/integration/server_process.h"

#include <thread>

using namespace voelgoed;
using support::PlainHttp;

/// What a server says and does before it serves.
class StartingTest : public QObject
{
    Q_OBJECT

private:
    static QString program() { return QString(test::programFolder()) + "/voelgoed-server"; }

private slots:
    void untilItIsReadyEverythingIsPutOffButItsPages()
    {
        test::Postgres postgres;
        const std::string database = postgres.freshDatabase();
        const QString address = "127.0.0.1:" + QString::number(integration::freePort());
        const QTemporaryDir folder("/tmp/vgsrv-XXXXXX");

        // As if another server migrated just now: this one has to wait for it.
        std::jthread other([&] {
            postgres.execute(
                "SELECT pg_advisory_lock(7205759403792794); DO $$ BEGIN FOR i IN 1..1200 LOOP EXIT WHEN "
                "EXISTS (SELECT FROM pg_class WHERE relname = 'go_on'); PERFORM pg_sleep(0.05); END LOOP; END $$",
                database);
        });
        QTRY_COMPARE(QString::fromStdString(postgres.execute(
                         "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted", database)),
                     QString("1"));
        QProcess server;
        server.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        server.start(program(), {"run", "--data", folder.path(), "--listen", address, "--pg",
                                 QString::fromStdString(postgres.url("vg_app", database)), "--pg-owner",
                                 QString::fromStdString(postgres.url("vg_owner", database))});
        QVERIFY(server.waitForStarted());
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(folder.path() + "/admin.sock"), 30'000);
        const PlainHttp http("http://" + address.toStdString());
        QCOMPARE(http.get("/livez").status, 200);
        QCOMPARE(http.get("/readyz").status, 503);
        const auto early = http.get("/v1/events");
        QCOMPARE(early.status, 503);
        QCOMPARE(QString::fromStdString(early.code()), QString("starting"));
        QVERIFY2(early.head.find("Retry-After: 2") != std::string::npos, early.head.c_str());
        QVERIFY(!early.json().at("request_id").as_string().empty());
        QCOMPARE(http.get("/v1/socket").status, 503);

        postgres.execute("CREATE TABLE public.go_on ()", database);
        QTRY_VERIFY_WITH_TIMEOUT(server.canReadLine() || !server.waitForReadyRead(10), 60'000);
        QTRY_COMPARE_WITH_TIMEOUT(http.get("/readyz").status, 200, 60'000);
        QCOMPARE(http.get("/v1/events").status, 401);
        server.terminate();
        QVERIFY(server.waitForFinished(60'000));
        QCOMPARE(server.exitCode(), 0);
    }

    // Its PostgreSQL counts from the beginning, and all that was written lies in its future.
    void aDatabaseThatWasReadFromADumpIsRefusedUntilItsCountIsSetRight()
    {
        test::Postgres postgres;
        const std::string database = postgres.freshDatabase();
        const QTemporaryDir folder("/tmp/vgsrv-XXXXXX");
        const QStringList words{"run",
                                "--data",
                                folder.path(),
                                "--listen",
                                "127.0.0.1:0",
                                "--pg",
                                QString::fromStdString(postgres.url("vg_app", database)),
                                "--pg-owner",
                                QString::fromStdString(postgres.url("vg_owner", database))};
        const auto startsWell = [&] {
            QProcess server;
            server.setProcessChannelMode(QProcess::ForwardedErrorChannel);
            server.start(program(), words);
            const bool isReady = server.waitForReadyRead(60'000);
            server.terminate();
            return isReady && server.waitForFinished(60'000) && server.exitCode() == 0;
        };
        QVERIFY(startsWell());
        postgres.execute("UPDATE platform.outbox_readers SET xid = '12884901888' WHERE name = 'topics'", database);
        QProcess refused;
        refused.start(program(), words);
        QVERIFY(refused.waitForFinished(60'000));
        QVERIFY(refused.exitCode() != 0);
        const QByteArray said = refused.readAllStandardError();
        QVERIFY2(said.contains("read from a dump") && said.contains("pg_resetwal -e 3 -x 2097152"), said);
        postgres.execute("UPDATE platform.outbox_readers SET xid = '0' WHERE name = 'topics'", database);
        QVERIFY(startsWell());
    }

    void aDatabaseThatNobodyMigratedIsRefusedByAServerThatMayNot()
    {
        test::Postgres postgres;
        const QTemporaryDir folder("/tmp/vgsrv-XXXXXX");
        QProcess server;
        server.start(program(), {"run", "--data", folder.path(), "--listen", "127.0.0.1:0", "--pg",
                                 QString::fromStdString(postgres.url("vg_app", postgres.freshDatabase()))});
        QVERIFY(server.waitForFinished(60'000));
        const QByteArray said = server.readAllStandardError();
        QVERIFY(server.exitCode() != 0);
        QVERIFY2(said.contains("has not been migrated: work/0001_work") && said.contains("--pg-owner"), said);
    }
};

QTEST_GUILESS_MAIN(StartingTest)
#include "starting_test.moc"
