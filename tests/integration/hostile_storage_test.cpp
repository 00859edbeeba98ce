#include "tests/integration/practice_bundle.h"
#include "tests/integration/running_gate.h"

#include <QDir>
#include <QTemporaryDir>
#include <QtTest/QtTest>

using namespace voelgoed::integration;

namespace {

constexpr std::uint32_t kTickets = 400;

} // namespace

/// What a real gate does when its disk is full, or somebody was at its files.
class HostileStorageTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY(m_folder.isValid());
        QVERIFY(!writeFile(path("event.bundle"), m_event.bundle({.sequence = 10})).isEmpty());
    }

    void init()
    {
        m_data = path(QString("data-%1").arg(++m_number));
        QCOMPARE(gate({"load", "--data", m_data, "--yes", path("event.bundle")}).status, 0);
    }

    void aFullDiskNeverAdmitsWhatIsNotKept_data()
    {
        QTest::addColumn<int>("blocks"); ///< of 512 bytes: no file may grow beyond
        for (const int blocks : {0, 8, 64, 200, 300})
            QTest::addRow("%d KiB", blocks / 2) << blocks;
    }
    void aFullDiskNeverAdmitsWhatIsNotKept()
    {
        QFETCH(int, blocks);
        QByteArray input;
        for (std::uint32_t n = 1; n <= kTickets; ++n)
            input += m_event.foreignCode(n) + "\n";
        QProcess full; // a write beyond the limit fails like one on a full disk, unless the signal kills
        full.start("/bin/sh", {"-c", R"(trap '' XFSZ; ulimit -f "$1"; exec "$0" run --json --data "$2")",
                               program("voelgoed-gate"), QString::number(blocks), m_data});
        QVERIFY(full.waitForStarted());
        full.write(input);
        full.closeWriteChannel();
        QVERIFY(full.waitForFinished(60'000));
        QVERIFY2(full.exitStatus() == QProcess::NormalExit, "it crashed");

        QMap<qint64, qint64> promised; ///< ordinal by sequence
        for (const QByteArray &line : full.readAllStandardOutput().split('\n')) {
            const QJsonObject verdict = jsonOf(line);
            if (verdict["outcome"] == "admit") {
                QVERIFY2(verdict["durable"].toBool(), line);
                ++(verdict["rescued"].toBool() ? m_rescued : m_stored);
                promised[verdict["seq"].toInteger()] = verdict["ordinal"].toInteger();
            } else if (!verdict.isEmpty()) {
                QCOMPARE(verdict["outcome"].toString(), "undecided");
                ++m_undecided;
            }
        }
        // With room again, everything that was promised is there, once.
        const Ran after = gate({"run", "--json", "--data", m_data}, input);
        QCOMPARE(after.status, 0);
        QCOMPARE(after.out.count("\"outcome\":\"undecided\""), 0);
        QMap<qint64, int> admitted;
        for (const QByteArray &line : gate({"export", "--data", m_data}).out.trimmed().split('\n')) {
            const QJsonObject row = jsonOf(line);
            if (row["outcome"] != "admit")
                continue;
            ++admitted[row["ordinal"].toInteger()];
            if (promised.contains(row["seq"].toInteger()))
                QCOMPARE(row["ordinal"].toInteger(), promised.take(row["seq"].toInteger()));
        }
        QCOMPARE(promised.size(), 0);
        QCOMPARE(admitted.size(), qsizetype(kTickets));
        for (const int times : admitted)
            QCOMPARE(times, 1);
        QCOMPARE(status()["storage"].toString(), "good");
    }

    void everyStateOfADiskWasMet()
    {
        QVERIFY2(m_stored > 0, "room");
        QVERIFY2(m_rescued > 0, "no room in the file, some in the rescue journal");
        QVERIFY2(m_undecided > 0, "no room at all");
    }

    void aFileWithABrokenPageNeverCrashesNorAdmitsTwice_data()
    {
        QTest::addColumn<int>("seed");
        for (int seed = 1; seed <= 12; ++seed)
            QTest::addRow("place %d", seed) << seed;
    }
    void aFileWithABrokenPageNeverCrashesNorAdmitsTwice()
    {
        QFETCH(int, seed);
        QByteArray first;
        for (std::uint32_t n = 1; n <= 50; ++n)
            first += m_event.foreignCode(n) + "\n";
        QCOMPARE(gate({"run", "--json", "--data", m_data}, first).out.count("\"outcome\":\"admit\""), 50);
        QFile file(m_data + "/gate.db");
        QVERIFY(file.open(QIODevice::ReadWrite));
        const qint64 pages = file.size() / 4'096;
        QVERIFY(pages > 12);
        file.seek(4'096 * (seed * pages / 13));
        QVERIFY(file.write(QByteArray(4'096, static_cast<char>(seed * 37))) == 4'096);
        file.close();

        const Ran after = gate({"run", "--json", "--data", m_data}, first);
        QVERIFY2(after.status == 0 || after.status == 2, after.err);
        QVERIFY2(after.status == 0 || after.err.startsWith("error: "), after.err);
        for (const QByteArray &line : after.out.trimmed().split('\n')) {
            const QJsonObject verdict = jsonOf(line);
            QVERIFY2(verdict["outcome"] != "admit" || verdict["durable"].toBool(), line);
            QVERIFY2(verdict["reason"] != "ok", line);
        }
        for (const char *verb : {"status", "export"})
            QVERIFY2(gate({verb, "--data", m_data}).status >= 0, verb);
    }

    void aLogThatSomebodyDeletedLosesNoOrderlyEnd()
    {
        QCOMPARE(gate({"run", "--data", m_data}, m_event.signedCode(1) + "\n").status, 0);
        QFile::remove(m_data + "/gate.db-wal");
        QFile::remove(m_data + "/gate.db-shm");
        QCOMPARE(status()["admitted"].toInteger(), 1);
        const Ran again = gate({"run", "--json", "--data", m_data}, m_event.signedCode(1) + "\n");
        QCOMPARE(jsonOf(again.out)["reason"].toString(), "already_used");
    }

    void anIdentityThatIsBrokenIsNotReplaced_data()
    {
        QTest::addColumn<QByteArray>("contents");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("half") << QByteArray("{\"device\":\"12");
        QTest::newRow("another's text") << QByteArray("not a device\n");
    }
    void anIdentityThatIsBrokenIsNotReplaced()
    {
        QFETCH(QByteArray, contents);
        writeFile(m_data + "/device.json", contents);
        const Ran ran = gate({"run", "--data", m_data}, m_event.signedCode(1) + "\n");
        QCOMPARE(ran.status, 2);
        QVERIFY2(ran.err.contains("device.json"), ran.err);
        QFile file(m_data + "/device.json");
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), contents);
    }

    void aFileThatIsNoDatabaseIsRefused()
    {
        writeFile(m_data + "/gate.db", QByteArray(100'000, 'x'));
        const Ran ran = gate({"run", "--data", m_data}, m_event.signedCode(1) + "\n");
        QCOMPARE(ran.status, 2);
        QVERIFY2(ran.err.startsWith("error: "), ran.err);
        QCOMPARE(ran.out, QByteArray());
    }

private:
    QString path(const QString &name) const { return m_folder.filePath(name); }
    QJsonObject status() const { return jsonOf(gate({"status", "--json", "--data", m_data}).out); }

    QTemporaryDir m_folder;
    PracticeBundle m_event{kTickets};
    QString m_data;
    int m_number = 0;
    int m_stored = 0, m_rescued = 0, m_undecided = 0;
};

QTEST_GUILESS_MAIN(HostileStorageTest)
#include "hostile_storage_test.moc"
