#include "tests/integration/spoiled_folders.h"

#include <QtTest/QtTest>

#include <set>

using namespace voelgoed::integration;

/// From a damaged folder back to a gate at work.
class RepairVerbTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { QCOMPARE(m_folders.make(), QString()); }

    void whatWasSavedIsRefusedAndExportedOnce_data()
    {
        QTest::addColumn<QString>("master");
        QTest::addColumn<Damage>("damage");
        QTest::addColumn<int>("saved");
        QTest::addColumn<int>("passages");
        const auto zeroed = [this](const char *table) -> Damage {
            const int page = middlePageOf(m_folders.path("clean/gate.db"), table);
            return [=](const QString &folder) { zeroPage(folder + "/gate.db", page); };
        };
        QTest::newRow("a page of the journal zeroed") << "clean" << zeroed("journal") << -1 << kScans;
        QTest::newRow("a page of the passages zeroed") << "clean" << zeroed("passage") << kScans << kScans;
        QTest::newRow("a page of the tickets zeroed") << "clean" << zeroed("ticket_a") << kScans << kScans;
        QTest::newRow("the first page zeroed") << "clean" << zeroed("sqlite_schema") << kScans << kScans;
        QTest::newRow("the log without its head") << "killed" << Damage([](const QString &folder) {
            QByteArray log = contents(folder + "/gate.db-wal");
            put(folder + "/gate.db-wal", log.replace(0, 32, QByteArray(32, '\0')));
        }) << kScans << kScans;
        QTest::newRow("the log deleted") << "killed" << Damage([](const QString &folder) {
            QFile::remove(folder + "/gate.db-wal");
        }) << 0 << 0;
        QTest::newRow("a folder in its place") << "clean" << Damage([](const QString &folder) {
            QFile::remove(folder + "/gate.db");
            QDir().mkdir(folder + "/gate.db");
        }) << 0 << 0;
    }
    void whatWasSavedIsRefusedAndExportedOnce()
    {
        QFETCH(QString, master);
        QFETCH(Damage, damage);
        QFETCH(int, saved);
        QFETCH(int, passages);
        const QString data = m_folders.copyOf(master);
        damage(data);
        const auto before = filesIn(data);

        // First it only says what it would do.
        const Ran asked = gate({"repair", "--data", data, "--json"});
        QCOMPARE(asked.status, 3);
        QVERIFY2(asked.err.contains("--yes"), asked.err);
        const QJsonObject found = object(asked.out);
        QCOMPARE(found["finding"].toString(), "damaged");
        QCOMPARE(found["rows_saved"].toInt() + found["rows_doubtful"].toInt() + found["rows_lost"].toInt(), kScans);
        if (saved >= 0)
            QCOMPARE(found["rows_saved"].toInt(), saved);
        else
            QVERIFY(found["rows_saved"].toInt() > kScans / 2 && found["rows_saved"].toInt() < kScans);
        QCOMPARE(filesIn(data), before);

        const Ran repaired = gate({"repair", "--data", data, "--json", "--yes"});
        QVERIFY2(repaired.status == 0, repaired.err);
        const QString aside = object(repaired.out)["put_aside"].toString();
        for (auto file = before.begin(); file != before.end(); ++file) {
            const QString name = QFileInfo(file.key()).fileName();
            if (name.startsWith("gate.db"))
                QVERIFY2(contents(aside + "/" + name) == file.value(), qPrintable(name));
        }
        QCOMPARE(gate({"repair", "--data", data}).out.left(17), QByteArray("Nothing to repair"));
        const QJsonObject status = object(gate({"status", "--data", data, "--json"}).out);
        QCOMPARE(status["journal_rows"].toInt(), found["rows_saved"].toInt());
        if (status["event"].isNull())
            QVERIFY(status["list"].toString().contains("load the bundle again"));

        QCOMPARE(gate({"load", "--data", data, "--yes", m_folders.bundle()}).status, 0);
        const QByteArrayList lines =
            gate({"run", "--data", data, "--gate", "north", "--json"}, m_folders.admitted()).out.trimmed().split('\n');
        QCOMPARE(lines.size(), kScans);
        int refused = 0;
        for (const QByteArray &line : lines) {
            refused += object(line)["reason"].toString() == "already_used";
            QVERIFY(object(line)["seq"].toInteger() > kScans);
            QVERIFY(object(line)["epoch"].toInteger() > 1);
        }
        QCOMPARE(refused, passages);

        // Each row is there once, and the saved ones are what they were.
        std::set<std::pair<qint64, qint64>> keys;
        int kept = 0;
        for (const QByteArray &line : gate({"export", "--data", data}).out.trimmed().split('\n')) {
            const QJsonObject row = object(line);
            QVERIFY(keys.emplace(row["epoch"].toInteger(), row["seq"].toInteger()).second);
            kept += row["seq"].toInteger() <= kScans;
            if (master == "clean" && row["seq"].toInteger() <= kScans)
                QVERIFY2(m_folders.rows.contains(row["previous"].toString().toUtf8()), line);
        }
        QCOMPARE(kept, found["rows_saved"].toInt());
        QCOMPARE(static_cast<int>(keys.size()), kept + kScans);
    }

    void aRepairThatIsKilledIsDoneAgain()
    {
        int untouched = 0;
        for (int round = 0; round < 30; ++round) {
            const QString data = m_folders.copyOf("clean");
            zeroPage(data + "/gate.db", 1);
            const auto before = filesIn(data);
            QProcess process;
            process.start(program("voelgoed-gate"), {"repair", "--data", data, "--yes"});
            QVERIFY(process.waitForStarted());
            QTest::qSleep(round * 2);
            ::kill(static_cast<pid_t>(process.processId()), SIGKILL);
            process.waitForFinished();
            untouched += contents(data + "/gate.db") == before[data + "/gate.db"];
            const Ran again = gate({"repair", "--data", data, "--yes"});
            QVERIFY2(again.status == 0, again.err);
            const QJsonObject status = object(gate({"status", "--data", data, "--json"}).out);
            QCOMPARE(status["journal_rows"].toInt(), kScans);
            QCOMPARE(status["admitted"].toInt(), kScans);
            int broken = 0;
            for (const QString &folder : QDir(data).entryList({"broken-*"}, QDir::Dirs))
                broken += contents(data + "/" + folder + "/gate.db") == before[data + "/gate.db"];
            QCOMPARE(broken, 1);
        }
        QVERIFY(untouched > 0);
    }

    void aRunningGateIsLeftAlone()
    {
        const QString data = m_folders.copyOf("clean");
        QProcess running;
        running.start(program("voelgoed-gate"), {"run", "--data", data, "--gate", "north", "--json"});
        running.write(m_folders.codes[kScans] + "\n");
        QVERIFY(running.waitForReadyRead(10'000));
        const Ran repaired = gate({"repair", "--data", data, "--yes"});
        QCOMPARE(repaired.status, 2);
        QVERIFY2(repaired.err.contains("a gate is running in this folder"), repaired.err);
        running.closeWriteChannel();
        QVERIFY(running.waitForFinished());
        QCOMPARE(running.exitCode(), 0);
    }

private:
    SpoiledFolders m_folders;
};

QTEST_GUILESS_MAIN(RepairVerbTest)
#include "repair_verb_test.moc"
