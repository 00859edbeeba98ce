#include "device/gate/data_folder.h"
#include "tests/integration/practice_bundle.h"
#include "tests/integration/running_gate.h"

#include <QJsonArray>
#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <optional>

using namespace voelgoed::integration;

namespace {

constexpr std::uint32_t kFlood = 800;
constexpr std::uint32_t kTickets = 2'500; ///< of each kind: three chunks of a bundle

} // namespace

/// What a gate that runs says to other processes, over the socket in its folder.
class RunningGateTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY(m_folder.isValid());
        writeFile(path("first.bundle"), m_event.bundle({.sequence = 10}));
        m_event.ticket(1).blocked = true;
        m_event.ticket(m_event.foreignOrdinal(1)).blocked = true;
        const QByteArray newer = m_event.bundle({.sequence = 20});
        writeFile(path("newer.bundle"), newer);
        writeFile(path("cut.bundle"), newer.left(newer.size() - 100));
        writeFile(path("another_event.bundle"), m_event.bundle({.sequence = 30, .event = "another"}));
        writeFile(path("stranger.bundle"), PracticeBundle(3, 2).bundle({.sequence = 30}));
        QByteArray touched = newer;
        touched[touched.size() - 5] = static_cast<char>(touched[touched.size() - 5] ^ 1);
        writeFile(path("touched.bundle"), touched);
        writeFile(path("text.bundle"), "not a bundle\n");
    }

    void init()
    {
        m_data = path(QString("data-%1").arg(++m_number));
        QCOMPARE(gate({"load", "--data", m_data, "--yes", path("first.bundle")}).status, 0);
    }

    void statusSaysWhatWasScanned()
    {
        RunningGate running(m_data, {"--json", "--gate", "north", "--operator", "jo"});
        QVERIFY(running.isUp());
        for (const std::uint32_t n : {2U, 3U, 4U})
            QCOMPARE(running.scan(m_event.signedCode(n))["outcome"].toString(), "admit");
        QCOMPARE(running.scan(m_event.signedCode(2))["reason"].toString(), "already_used");
        QCOMPARE(running.scan("nobody's")["reason"].toString(), "unknown");

        const QJsonObject status = this->status();
        QCOMPARE(status["running"].toBool(), true);
        QCOMPARE(status["event"].toString(), "practice");
        QCOMPARE(status["cursor"].toObject()["sequence"].toInteger(), 10);
        QCOMPARE(status["tickets"].toInteger(), 2 * kTickets);
        QCOMPARE(status["journal_rows"].toInteger(), 5);
        QCOMPARE(status["unacknowledged"].toInteger(), 5);
        QCOMPARE(status["admitted"].toInteger(), 3);
        QCOMPARE(status["in_doubt"].toInteger(), 0);
        QCOMPARE(status["storage"].toString(), "good");
        QCOMPARE(status["shift"].toObject()["gate"].toString(), "north");
        QCOMPARE(status["shift"].toObject()["operator"].toString(), "jo");
        running.closeInput();
        QCOMPARE(running.end(), 0);

        QJsonObject after = this->status();
        QCOMPARE(after["running"].toBool(), false);
        QVERIFY(after["shift"].isNull());
        for (const char *name : {"device", "event", "cursor", "tickets", "checksum", "signer", "journal_rows",
                                 "in_doubt", "unacknowledged", "admitted", "storage"})
            QCOMPARE(after[name], status[name]);
    }

    void exportIsWhatWasScannedInItsOrder()
    {
        RunningGate running(m_data, {"--json", "--gate", "north", "--direction", "entry"});
        QVERIFY(running.isUp());
        QList<QJsonObject> verdicts;
        for (std::uint32_t n = 1; n <= 450; ++n) // more than two steps of the job
            verdicts << running.scan(n % 3 == 0 ? m_event.foreignCode(n) : m_event.signedCode(n % 40 + 1));
        const Ran exported = gate({"export", "--data", m_data});
        QCOMPARE(exported.status, 0);
        const QByteArrayList lines = exported.out.trimmed().split('\n');
        QCOMPARE(lines.size(), verdicts.size());
        for (qsizetype i = 0; i < lines.size(); ++i) {
            const QJsonObject row = jsonOf(lines[i]);
            QCOMPARE(row["seq"].toInteger(), i + 1);
            for (const char *name :
                 {"seq", "epoch", "at", "checkpoint", "direction", "ordinal", "outcome", "reason", "explanation"})
                QCOMPARE(row[name], verdicts[i][name]);
            QCOMPARE(row["shown"].toBool(), true);
        }
        QVERIFY(running.scan(m_event.foreignCode(1))["outcome"] == "admit"); // it goes on
    }

    void exportGoesOnWhileTheGateScans()
    {
        RunningGate running(m_data);
        QVERIFY(running.isUp());
        QByteArray flood;
        for (std::uint32_t n = 1; n <= kFlood; ++n)
            flood += m_event.foreignCode(n) + "\n";
        running.send(flood);
        qsizetype last = 0;
        qint64 answered = 0;
        // Its answers are read meanwhile: a gate whose answers nobody takes waits for that.
        for (int i = 0; i < 5; ++i) {
            QProcess exporting;
            exporting.start(program("voelgoed-gate"), {"export", "--data", m_data});
            QVERIFY(exporting.waitForStarted());
            while (exporting.state() != QProcess::NotRunning) {
                exporting.waitForFinished(1);
                if (answered < kFlood)
                    QCOMPARE(running.verdict()["seq"].toInteger(), ++answered);
            }
            QCOMPARE(exporting.exitCode(), 0);
            const qsizetype rows = exporting.readAllStandardOutput().count('\n');
            QVERIFY(rows >= last);
            last = rows;
        }
        while (answered < kFlood)
            QCOMPARE(running.verdict()["seq"].toInteger(), ++answered);
        QCOMPARE(gate({"export", "--data", m_data}).out.count('\n'), qsizetype(kFlood));
    }

    void whyTellsTheStoryOfACode()
    {
        RunningGate running(m_data, {"--json", "--gate", "south"});
        QVERIFY(running.isUp());
        const QByteArray code = m_event.signedCode(6);
        QJsonObject why = this->why(code);
        QCOMPARE(why["now"].toObject()["reason"].toString(), "ok");
        QCOMPARE(why["story"].toArray().size(), 0);
        const QJsonObject admitted = running.scan(code);
        running.scan(code);
        why = this->why(code);
        QCOMPARE(why["ordinal"].toInteger(), 6);
        QCOMPARE(why["now"].toObject()["reason"].toString(), "already_used");
        const QJsonArray story = why["story"].toArray();
        QCOMPARE(story.size(), 2);
        QCOMPARE(story[0]["seq"], admitted["seq"]);
        QCOMPARE(story[0]["at"], admitted["at"]);
        QCOMPARE(story[0]["gate"].toString(), "south");
        QCOMPARE(story[1]["reason"].toString(), "already_used");
        // Asking left nothing behind.
        QCOMPARE(status()["journal_rows"].toInteger(), 2);
    }

    void aNewerListTakesEffectAtOnce()
    {
        RunningGate running(m_data);
        QVERIFY(running.isUp());
        QCOMPARE(running.scan(m_event.signedCode(2))["outcome"].toString(), "admit");
        const Ran loaded = gate({"load", "--data", m_data, path("newer.bundle")});
        QVERIFY2(loaded.status == 0, loaded.err);
        QCOMPARE(status()["cursor"].toObject()["sequence"].toInteger(), 20);
        QCOMPARE(running.scan(m_event.signedCode(1))["reason"].toString(), "blocked");
        QCOMPARE(running.scan(m_event.foreignCode(1))["reason"].toString(), "blocked");
        QCOMPARE(running.scan(m_event.signedCode(2))["reason"].toString(), "already_used");
        QCOMPARE(running.scan(m_event.signedCode(3))["outcome"].toString(), "admit");
        running.kill(SIGKILL);
        QCOMPARE(status()["cursor"].toObject()["sequence"].toInteger(), 20);
        QCOMPARE(status()["admitted"].toInteger(), 2);
    }

    void scansGoOnDuringALoad()
    {
        RunningGate running(m_data);
        QVERIFY(running.isUp());
        QProcess loading;
        loading.start(program("voelgoed-gate"), {"load", "--data", m_data, path("newer.bundle")});
        for (std::uint32_t n = 2; n <= 60; ++n)
            QCOMPARE(running.scan(m_event.foreignCode(n))["outcome"].toString(), "admit");
        QVERIFY(loading.waitForFinished());
        QCOMPARE(loading.exitCode(), 0);
        QCOMPARE(running.scan(m_event.foreignCode(1))["reason"].toString(), "blocked");
        for (std::uint32_t n = 2; n <= 60; ++n)
            QCOMPARE(running.scan(m_event.foreignCode(n))["reason"].toString(), "already_used");
    }

    void aBadBundleIsRefusedAndTheOldListStays_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("status");
        QTest::newRow("not a bundle") << "text.bundle" << 2;
        QTest::newRow("cut off") << "cut.bundle" << 2;
        QTest::newRow("a bit changed") << "touched.bundle" << 2;
        QTest::newRow("another event's") << "another_event.bundle" << 2;
        QTest::newRow("of somebody else") << "stranger.bundle" << 3;
        QTest::newRow("not there") << "none.bundle" << 2;
        QTest::newRow("a folder") << "." << 2;
    }
    void aBadBundleIsRefusedAndTheOldListStays()
    {
        QFETCH(QString, name);
        QFETCH(int, status);
        RunningGate running(m_data);
        QVERIFY(running.isUp());
        const QJsonObject before = this->status();
        const Ran loaded = gate({"load", "--data", m_data, path(name)});
        QCOMPARE(loaded.status, status);
        QVERIFY2(loaded.err.startsWith("error: "), loaded.err);
        QCOMPARE(this->status(), before);
        QCOMPARE(running.scan(m_event.signedCode(1))["outcome"].toString(), "admit");
        QCOMPARE(gate({"load", "--data", m_data, path("newer.bundle")}).status, 0);
        QCOMPARE(running.scan(m_event.foreignCode(1))["reason"].toString(), "blocked");
    }

    void aSecondGateInTheFolderIsRefused()
    {
        RunningGate running(m_data);
        QVERIFY(running.isUp());
        const Ran second = gate({"run", "--data", m_data, "--json"}, m_event.foreignCode(1) + "\n");
        QCOMPARE(second.status, 2);
        QVERIFY2(second.err.contains("a gate is running in this folder"), second.err);
        QVERIFY(second.err.contains(m_data.toUtf8()));
        QCOMPARE(second.out, QByteArray());
        QCOMPARE(running.scan(m_event.foreignCode(1))["outcome"].toString(), "admit");
        QCOMPARE(status()["running"].toBool(), true);
    }

    void aGateStartsAlsoWhileAnotherCommandLooksIntoTheFolder()
    {
        auto looking = std::make_optional(
            voelgoed::gate::DataFolder::take(m_data.toStdString(), voelgoed::gate::DataFolder::Missing::Refuse));
        QVERIFY(*looking);
        RunningGate running(m_data);
        QTest::qSleep(300);
        QVERIFY(running.isAlive());
        looking.reset();
        QCOMPARE(running.scan(m_event.foreignCode(1))["outcome"].toString(), "admit");
    }

    void whatAKilledGateLeftBehindIsInNobodysWay()
    {
        {
            RunningGate running(m_data);
            QVERIFY(running.isUp());
            QCOMPARE(running.scan(m_event.signedCode(1))["outcome"].toString(), "admit");
            running.kill(SIGKILL);
        }
        QVERIFY2(QFileInfo::exists(m_data + "/gate.sock"), "the socket that nobody listens on is what this is about");
        QCOMPARE(status()["running"].toBool(), false);
        QCOMPARE(gate({"export", "--data", m_data}).out.count('\n'), 1);
        RunningGate again(m_data);
        QCOMPARE(again.scan(m_event.signedCode(2))["outcome"].toString(), "admit");
        QCOMPARE(status()["running"].toBool(), true);
    }

    void aGateThatIsAskedToStopEndsCleanly_data()
    {
        QTest::addColumn<int>("number");
        QTest::newRow("SIGHUP") << SIGHUP;
        QTest::newRow("SIGTERM") << SIGTERM;
        QTest::newRow("SIGINT") << SIGINT;
    }
    void aGateThatIsAskedToStopEndsCleanly()
    {
        QFETCH(int, number);
        RunningGate running(m_data);
        QVERIFY(running.isUp());
        QCOMPARE(running.scan(m_event.signedCode(1))["outcome"].toString(), "admit");
        running.signal(number);
        QCOMPARE(running.end(), 0);
        QCOMPARE(running.errors(), QByteArray());
        QVERIFY(!QFileInfo::exists(m_data + "/gate.sock"));
        QCOMPARE(status()["in_doubt"].toInteger(), 0);
        QVERIFY(status()["shift"].isNull());
    }

    void aGateWhoseFileIsGoneLetsNobodyIn_data()
    {
        QTest::addColumn<bool>("replaced");
        QTest::newRow("moved away") << false;
        QTest::newRow("another one in its place") << true;
    }
    void aGateWhoseFileIsGoneLetsNobodyIn()
    {
        QFETCH(bool, replaced);
        RunningGate running(m_data);
        QVERIFY(running.isUp());
        QCOMPARE(running.scan(m_event.signedCode(1))["outcome"].toString(), "admit");
        QVERIFY(QFile::rename(m_data + "/gate.db", m_data + "/gate.db-away"));
        if (replaced)
            QVERIFY(QFile::copy(m_data + "/gate.db-away", m_data + "/gate.db"));
        running.send(m_event.signedCode(2) + "\n");
        QCOMPARE(running.end(), 1);
        QCOMPARE(running.rest(), QByteArray());
        QVERIFY2(running.errors().contains("gate.db: it was removed"), running.errors());
    }

    void aDeepFolderIsNoObstacle()
    {
        const QString deep = path(QString("a-name-of-many-letters/").repeated(8));
        QCOMPARE(gate({"load", "--data", deep, "--yes", path("first.bundle")}).status, 0);
        RunningGate running(deep);
        QVERIFY(running.isUp());
        QCOMPARE(running.scan(m_event.signedCode(1))["outcome"].toString(), "admit");
        const QJsonObject status = jsonOf(gate({"status", "--json", "--data", deep}).out);
        QCOMPARE(status["running"].toBool(), true);
        QCOMPARE(status["admitted"].toInteger(), 1);
    }

    void theSocketIsForTheOwnerAlone()
    {
        RunningGate running(m_data);
        QVERIFY(running.isUp());
        const auto others = QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther;
        QVERIFY(!(QFile::permissions(m_data + "/gate.sock") & others));
        QVERIFY(!(QFile::permissions(m_data) & (others | QFile::ExeGroup | QFile::ExeOther)));
    }

private:
    QString path(const QString &name) const { return m_folder.filePath(name); }
    QJsonObject status() const { return jsonOf(gate({"status", "--json", "--data", m_data}).out); }
    QJsonObject why(const QByteArray &code) const
    {
        return jsonOf(gate({"why", "--json", "--data", m_data, "--", QString::fromUtf8(code)}).out);
    }

    QTemporaryDir m_folder;
    PracticeBundle m_event{kTickets};
    QString m_data;
    int m_number = 0;
};

QTEST_GUILESS_MAIN(RunningGateTest)
#include "running_gate_test.moc"
