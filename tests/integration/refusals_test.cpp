#include "tests/integration/practice_bundle.h"
#include "tests/integration/running_gate.h"
#include "tests/support/places.h"

#include <QDir>
#include <QTemporaryDir>
#include <QtTest/QtTest>

using namespace voelgoed::integration;

/// What goes wrong around a gate is said, with a way out, and never taken for success.
class RefusalsTest : public QObject
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
        QCOMPARE(gate({"run", "--data", m_data}, m_event.signedCode(1) + "\n").status, 0);
    }

    void anOutputThatCannotBeWrittenIsNoSuccess_data()
    {
        QTest::addColumn<QStringList>("words");
        QTest::newRow("export") << QStringList{"export", "--data", "DATA"};
        QTest::newRow("status") << QStringList{"status", "--data", "DATA"};
        QTest::newRow("why") << QStringList{"why", "--data", "DATA", "x"};
        QTest::newRow("repair") << QStringList{"repair", "--data", "DATA"};
        QTest::newRow("judge") << QStringList{"judge", QString(voelgoed::test::sourceFolder()) +
                                                           "/tests/scenarios/history.json"};
    }
    void anOutputThatCannotBeWrittenIsNoSuccess()
    {
        QFETCH(QStringList, words);
        words.replaceInStrings("DATA", m_data);
        QProcess process;
        process.setStandardOutputFile("/dev/full");
        process.start(program("voelgoed-gate"), words);
        QVERIFY(process.waitForFinished(30'000));
        QVERIFY(process.exitCode() != 0);
        QVERIFY2(process.readAllStandardError().contains("could not be written"), "nobody was told");
    }

    void aStreamThatIsClosedIsNoFileOfTheGates_data()
    {
        QTest::addColumn<QString>("closed");
        QTest::addColumn<int>("status");
        QTest::addColumn<int>("inDoubt");
        QTest::newRow("input") << "<&-" << 0 << 0;
        QTest::newRow("output") << ">&-" << 1 << 1; // nobody saw the answer
        QTest::newRow("output and errors") << ">&- 2>&-" << 1 << 1;
        QTest::newRow("all") << "<&- >&- 2>&-" << 0 << 0;
    }
    void aStreamThatIsClosedIsNoFileOfTheGates()
    {
        QFETCH(QString, closed);
        QFETCH(int, status);
        QFETCH(int, inDoubt);
        QProcess process;
        process.start("/bin/sh",
                      {"-c", QString("exec %1 run --data %2 %3").arg(program("voelgoed-gate"), m_data, closed)});
        process.write(m_event.signedCode(2) + "\n");
        process.closeWriteChannel();
        QVERIFY(process.waitForFinished(30'000));
        QCOMPARE(process.exitCode(), status);
        for (const auto &[name, begin] :
             {std::pair("rescue.log", "VGRESCUE"), std::pair("lock", ""), std::pair("gate.db", "SQLite")}) {
            QFile file(m_data + "/" + name);
            QVERIFY(file.open(QIODevice::ReadOnly));
            const QByteArray bytes = file.readAll();
            QVERIFY2(bytes.startsWith(begin) && !bytes.contains("Ready") && (*begin || bytes.isEmpty()), name);
        }
        const auto after = QJsonDocument::fromJson(gate({"status", "--data", m_data, "--json"}).out).object();
        QCOMPARE(after["in_doubt"].toInt(), inDoubt);
        QCOMPARE(after["journal_rows"].toInt(), 1 + inDoubt); // and nothing that was no code was taken for one
    }

    void aDeviceThatLostItsIdentityIsNotMadeAnew_data()
    {
        QTest::addColumn<QString>("verb");
        for (const char *verb : {"run", "status", "export", "repair", "load"})
            QTest::newRow(verb) << verb;
    }
    void aDeviceThatLostItsIdentityIsNotMadeAnew()
    {
        QFETCH(QString, verb);
        QVERIFY(QFile::rename(m_data + "/device.json", m_data + "/mislaid"));
        QStringList words{verb, "--data", m_data};
        if (verb == "load")
            words << "--yes" << path("event.bundle");
        const Ran ran = gate(words);
        QCOMPARE(ran.status, 2);
        QVERIFY2(ran.err.contains("device.json: it is gone") && ran.err.contains("Put it back"), ran.err);
        QVERIFY(!QFile::exists(m_data + "/device.json"));
        QVERIFY(QFile::rename(m_data + "/mislaid", m_data + "/device.json"));
        QCOMPARE(status()["admitted"].toInteger(), 1);
    }

    void aGateThatHangsIsNamed()
    {
        RunningGate hanging(m_data);
        QVERIFY(hanging.isUp());
        hanging.signal(SIGSTOP);
        for (const QStringList &words : {QStringList{"status", "--data", m_data}, {"run", "--data", m_data}}) {
            const Ran ran = gate(words);
            QCOMPARE(ran.status, 2);
            QVERIFY2(ran.err.contains("does not answer") && ran.err.contains("kill -9 loses nothing"), ran.err);
        }
        hanging.signal(SIGCONT);
    }

    void anotherEventOfTheSameNameIsRefused()
    {
        PracticeBundle other(3, 77);
        QVERIFY(!writeFile(path("other.bundle"), other.bundle({.sequence = 99})).isEmpty());
        QVERIFY(!writeFile(path("other.key"), QByteArray::fromStdString(other.keys().publicText())).isEmpty());
        const Ran ran = gate({"load", "--data", m_data, "--trust", path("other.key"), path("other.bundle")});
        QCOMPARE(ran.status, 2);
        QVERIFY2(ran.err.contains("another event of the same name"), ran.err);
        QCOMPARE(gate({"run", "--json", "--data", m_data}, m_event.signedCode(2) + "\n").out.count("\"ok\""), 1);
    }

    void whatWasAddedToABundleIsSeen()
    {
        QFile file(path("event.bundle"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QString longer = path("longer.bundle");
        QVERIFY(!writeFile(longer, file.readAll() + "and more").isEmpty());
        for (const QString &data : {m_data, m_data + "-new"}) {
            const Ran ran = gate({"load", "--data", data, "--yes", longer});
            QCOMPARE(ran.status, 2);
            QVERIFY2(ran.err.contains("were signed"), ran.err);
        }
    }

    void namesThatThereAreNotAreAnsweredWithThoseThatThereAre_data()
    {
        QTest::addColumn<QStringList>("words");
        QTest::addColumn<QByteArray>("named");
        QTest::newRow("run at a gate") << QStringList{"run", "--gate", "nowhere"} << QByteArray("north, south");
        QTest::newRow("run at a checkpoint") << QStringList{"run", "--checkpoint", "nowhere"} << QByteArray("main");
        QTest::newRow("why at a gate") << QStringList{"why", "--gate", "nowhere", "x"} << QByteArray("north, south");
        QTest::newRow("why at a checkpoint")
            << QStringList{"why", "--checkpoint", "nowhere", "x"} << QByteArray("main");
    }
    void namesThatThereAreNotAreAnsweredWithThoseThatThereAre()
    {
        QFETCH(QStringList, words);
        QFETCH(QByteArray, named);
        const Ran ran = gate(words + QStringList{"--data", m_data});
        QCOMPARE(ran.status, 2);
        QVERIFY2(ran.err.contains("nowhere") && ran.err.contains(named), ran.err);
        const QJsonObject gates = status()["gates"].toObject();
        QCOMPARE(gates.keys(), (QStringList{"north", "south"}));
    }

    void whoStartsIsToldWhereAndWhoEndsWhatWasDone()
    {
        const Ran ran = gate({"run", "--data", m_data, "--gate", "south", "--direction", "exit"}, "stranger\n");
        QVERIFY2(ran.err.startsWith("Ready: ") && ran.err.contains("South") && ran.err.contains("exit"), ran.err);
        QVERIFY2(ran.err.contains("Ended after 1 scans: 0 admitted, 1 not."), ran.err);
    }

private:
    QString path(const QString &name) const { return m_folder.filePath(name); }
    QJsonObject status() const { return jsonOf(gate({"status", "--json", "--data", m_data}).out); }

    QTemporaryDir m_folder;
    PracticeBundle m_event{10};
    QString m_data;
    int m_number = 0;
};

QTEST_GUILESS_MAIN(RefusalsTest)
#include "refusals_test.moc"
