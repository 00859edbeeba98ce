#include "tests/integration/practice_bundle.h"
#include "tests/integration/running_gate.h"

#include <QDir>
#include <QTemporaryDir>
#include <QtTest/QtTest>

using namespace voelgoed::integration;

namespace {

constexpr std::uint32_t kTickets = 300;
constexpr int kBlocks = 200; // of 512 bytes: so far a file may grow, that the rows go to the rescue journal

} // namespace

/// A rescue journal on another disk: every verb finds it, and it is never left with scans in it unasked.
class RescuePlaceTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY(m_folder.isValid());
        QVERIFY(!writeFile(path("event.bundle"), m_event.bundle({.sequence = 10})).isEmpty());
        for (std::uint32_t n = 1; n <= kTickets; ++n)
            m_codes += m_event.foreignCode(n) + "\n";
    }

    void init()
    {
        const QString own = path(QString("world-%1").arg(++m_number));
        m_data = own + "/data";
        m_card = own + "/card";
        QVERIFY(QDir().mkpath(m_card));
        QCOMPARE(gate({"load", "--data", m_data, "--yes", path("event.bundle")}).status, 0);
        QCOMPARE(gate({"run", "--data", m_data, "--rescue", m_card + "/rescue.log"}, "").status, 0);
        m_rescued = fullDisk(m_data);
        QVERIFY(m_rescued > 0);
    }

    void everyVerbFindsItWithoutBeingTold()
    {
        const QJsonObject found = status();
        QCOMPARE(found["admitted"].toInteger(), m_admitted);
        QCOMPARE(found["storage"].toString(), "good");
        nobodyIsAdmittedAgain({"run", "--json", "--data", m_data});
    }

    void scansThatComeBackAfterTheyWereGivenUpAreNotTaken()
    {
        QVERIFY(QDir().rename(m_card, m_card + "-in-a-pocket"));
        QCOMPARE(gate({"repair", "--data", m_data, "--rescue", m_data + "/other.log", "--yes"}).status, 0);
        QCOMPARE(gate({"run", "--data", m_data, "--rescue", m_data + "/other.log"}, m_codes).status, 0);
        const qint64 rows = status()["journal_rows"].toInteger();
        const Ran back = gate({"run", "--data", m_data, "--rescue", m_card + "-in-a-pocket/rescue.log"}, m_codes);
        QCOMPARE(back.status, 2);
        QVERIFY2(back.err.contains("it was given up before"), back.err);
        QCOMPARE(status()["journal_rows"].toInteger(), rows);
        QCOMPARE(gate({"repair", "--data", m_data}).out.left(17), QByteArray("Nothing to repair"));
    }

    void aRescueJournalInTheFolderIsMissedToo()
    {
        const QString data = m_data + "-default";
        QCOMPARE(gate({"load", "--data", data, "--yes", path("event.bundle")}).status, 0);
        QVERIFY(fullDisk(data) > 0);
        QVERIFY(QFile::rename(data + "/rescue.log", data + "/mislaid.log"));
        const Ran missed = gate({"run", "--data", data}, m_codes);
        QCOMPARE(missed.status, 2);
        QVERIFY2(missed.err.contains("the rescue journal is not there"), missed.err);
        QVERIFY(QFile::rename(data + "/mislaid.log", data + "/rescue.log"));
        nobodyIsAdmittedAgain({"run", "--json", "--data", data});
    }

    void aGateStartsOnAFullDiskAndKnowsWhoIsIn()
    {
        const qsizetype before = m_admitted;
        const int more = fullDisk(m_data, "already_used");
        QVERIFY2(more > 0, "refused, and written to the rescue journal");
        QCOMPARE(m_admitted, before);
        nobodyIsAdmittedAgain({"run", "--json", "--data", m_data});
    }

    void aDiskThatWasTakenOutIsMissed()
    {
        QVERIFY(QDir().rename(m_card, m_card + "-in-a-pocket"));
        for (const char *verb : {"status", "export", "run"}) {
            const Ran ran = gate({verb, "--data", m_data}, m_codes);
            QCOMPARE(ran.status, 2);
            QVERIFY2(ran.err.contains(m_card.toUtf8() + "/rescue.log: the rescue journal is not there"), ran.err);
            QVERIFY2(ran.err.contains("--rescue FILE"), ran.err);
            QCOMPARE(ran.out, QByteArray());
        }
        QVERIFY(QDir().rename(m_card + "-in-a-pocket", m_card));
        nobodyIsAdmittedAgain({"run", "--json", "--data", m_data});
    }

    void itsScansAreBroughtInBeforeAnotherOneIsTaken()
    {
        QVERIFY(QDir().mkpath(m_card + "-2"));
        nobodyIsAdmittedAgain({"run", "--json", "--data", m_data, "--rescue", m_card + "-2/rescue.log"});
        QVERIFY(QDir(m_card).removeRecursively());
        QCOMPARE(status()["admitted"].toInteger(), m_admitted);
        QCOMPARE(status()["rescued_rows"].toInteger(), 0);
    }

    void itIsGivenUpOnlyWhenAskedFor()
    {
        QVERIFY(QDir(m_card).removeRecursively());
        QCOMPARE(gate({"status", "--data", m_data}).status, 2);
        // What the device knows of its own journal says that rows are gone.
        const Ran given = gate({"run", "--data", m_data, "--rescue", m_data + "/rescue.log"}, m_codes);
        QCOMPARE(given.status, 2);
        QVERIFY2(given.err.contains("voelgoed-gate repair --data"), given.err);
        const Ran repaired = gate({"repair", "--data", m_data, "--rescue", m_data + "/rescue.log", "--yes", "--json"});
        QVERIFY2(repaired.status == 0, repaired.err);
        // The row at which the disk was found to be full may be in both: the file had it, and could not be sure.
        const qint64 lost = jsonOf(repaired.out)["rows_lost"].toInteger();
        QVERIFY2(lost == m_rescued || lost == m_rescued - 1, qPrintable(QString::number(lost)));
        QCOMPARE(gate({"run", "--data", m_data, "--rescue", m_data + "/rescue.log"}, "").status, 0);
        QCOMPARE(status()["storage"].toString(), "good");
        QCOMPARE(status()["admitted"].toInteger(), m_admitted - lost);
    }

    void aPlaceThatCannotBeWrittenIsNotRemembered()
    {
        const Ran refused = gate({"run", "--data", m_data, "--rescue", "/proc/rescue.log"}, m_codes);
        QCOMPARE(refused.status, 2);
        QVERIFY2(refused.err.contains("/proc/rescue.log"), refused.err);
        QCOMPARE(status()["admitted"].toInteger(), m_admitted);
    }

    void twoGatesNeverShareOne()
    {
        const QString other = m_data + "-other";
        QCOMPARE(gate({"load", "--data", other, "--yes", path("event.bundle")}).status, 0);
        // While it holds a device's scans, nobody else takes it…
        const Ran full = gate({"run", "--data", other, "--rescue", m_card + "/rescue.log"}, m_codes);
        QCOMPARE(full.status, 2);
        QVERIFY2(full.err.contains("another device's scans"), full.err);
        // …nor while its device is at work.
        RunningGate gateAtWork(m_data);
        QVERIFY(gateAtWork.isUp());
        const Ran taken = gate({"run", "--data", other, "--rescue", m_card + "/rescue.log"}, m_codes);
        QCOMPARE(taken.status, 2);
        QVERIFY2(taken.err.contains("another device has this rescue journal"), taken.err);
    }

    void whatADeviceWritesIsItsOwnersAlone()
    {
        const auto others = QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther;
        for (const QFileInfo &file : QDir(m_data).entryInfoList(QDir::Files | QDir::Hidden | QDir::System))
            QVERIFY2(!(file.permissions() & others), qPrintable(file.fileName()));
        QVERIFY(!(QFile::permissions(m_card + "/rescue.log") & others));
    }

private:
    QString path(const QString &name) const { return m_folder.filePath(name); }
    QJsonObject status() const { return jsonOf(gate({"status", "--json", "--data", m_data}).out); }

    /// Scans on a full disk, as many as there is room for. Returns how many rows of this reason went to the rescue
    /// journal.
    int fullDisk(const QString &data, const char *reason = "ok")
    {
        QProcess full; // a write beyond the limit fails like one on a full disk, unless the signal kills
        full.start("/bin/sh", {"-c", R"(trap '' XFSZ; ulimit -f "$1"; exec "$0" run --json --data "$2")",
                               program("voelgoed-gate"), QString::number(kBlocks), data});
        full.write(m_codes);
        full.closeWriteChannel();
        if (!full.waitForFinished(60'000))
            return 0;
        int rescued = 0;
        qsizetype admitted = 0;
        for (const QByteArray &line : full.readAllStandardOutput().split('\n')) {
            const QJsonObject verdict = jsonOf(line);
            admitted += verdict["reason"] == "ok";
            rescued += verdict["reason"] == reason && verdict["rescued"].toBool();
        }
        if (admitted > 0)
            m_admitted = admitted;
        return rescued;
    }

    void nobodyIsAdmittedAgain(const QStringList &run)
    {
        const Ran again = gate(run, m_codes);
        QCOMPARE(again.status, 0);
        // That the last one was shown had no place on the full disk: it may come again.
        QVERIFY(again.out.count("\"already_used\"") >= m_admitted - 1);
        m_admitted += again.out.count("\"ok\"");
        QCOMPARE(m_admitted, qsizetype(kTickets));
    }

    QTemporaryDir m_folder;
    PracticeBundle m_event{kTickets};
    QByteArray m_codes;
    QString m_data, m_card;
    int m_number = 0;
    qsizetype m_admitted = 0;
    int m_rescued = 0;
};

QTEST_GUILESS_MAIN(RescuePlaceTest)
#include "rescue_place_test.moc"
