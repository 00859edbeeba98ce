#include "tests/integration/server_process.h"
#include "tests/support/services.h"

#include <QFile>
#include <QtTest/QtTest>

using namespace voelgoed;
using integration::ServerProcess;

/// A database belongs to the keys of the servers that made it.
class ServerKeysTest : public QObject
{
    Q_OBJECT

private slots:
    void aServerWithOtherKeysIsRefusedUnlessTheyAreToReplaceThem()
    {
        test::Postgres postgres;
        const std::string database = postgres.freshDatabase();
        const QStringList of{"--pg", QString::fromStdString(postgres.url("vg_app", database)), "--pg-owner",
                             QString::fromStdString(postgres.url("vg_owner", database))};
        ServerProcess first(of), beside(of), other(of), heir(of + QStringList{"--new-keys"});
        QVERIFY(first.start());
        const auto keys = [](const ServerProcess &server) {
            return QString::fromStdString(server.folder() + "/server-keys.json");
        };
        QVERIFY(QFile::copy(keys(first), keys(beside)));
        QVERIFY(beside.start());
        QVERIFY(!other.start());
        QVERIFY(QFile::exists(keys(other))); // its own, which it made: nothing of them is lost
        QCOMPARE(beside.stop(), 0);
        QCOMPARE(first.stop(), 0);
        QVERIFY(!other.start());
        QVERIFY(heir.start());
        QCOMPARE(heir.stop(), 0);
        QVERIFY(heir.start());
        QVERIFY(!first.start());
    }
};

QTEST_GUILESS_MAIN(ServerKeysTest)
#include "server_keys_test.moc"
