#include "tests/integration/practice_bundle.h"
#include "tests/integration/pseudo_terminal.h"
#include "tests/integration/running_gate.h"

#include <QDir>
#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <thread>

using namespace voelgoed::integration;

namespace {

constexpr std::uint32_t kTickets = 60;

/// A device file that stays the same while what is plugged in changes.
bool plugIn(const PseudoTerminal &terminal, const QString &device)
{
    QFile::remove(device);
    return !terminal.name().isEmpty() && QFile::link(terminal.name(), device);
}

} // namespace

/// What `voelgoed-gate run` reads from: lines, serial scanners, pictures.
class RunSourcesTest : public QObject
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
        m_watched = path(QString("watched-%1").arg(m_number));
        m_device = path(QString("scanner-%1").arg(m_number));
        QVERIFY(QDir().mkpath(m_watched));
        QCOMPARE(gate({"load", "--data", m_data, "--yes", path("event.bundle")}).status, 0);
    }

    void everySourceIsReadAtTheSameTime()
    {
        PseudoTerminal slow, fast;
        RunningGate running(m_data, {"--json", "--gate", "north", "--serial", slow.name(), "--serial",
                                     fast.name() + ":115200", "--watch", m_watched});
        QVERIFY(running.isUp());
        QVERIFY(becomes([&] { return slow.isRaw() && fast.isRaw(); }));
        const termios slowly = slow.settings(), fastly = fast.settings();
        QCOMPARE(::cfgetispeed(&slowly), speed_t(B9600));
        QCOMPARE(::cfgetispeed(&fastly), speed_t(B115200));

        QSet<qint64> expected;
        for (std::uint32_t n = 1; n <= 10; ++n) {
            QVERIFY(slow.send(m_event.signedCode(n) + "\r\n"));
            QVERIFY(fast.send(m_event.signedCode(10 + n) + "\r"));
            running.send(m_event.foreignCode(n) + "\n");
            expected << n << 10 + n << m_event.foreignOrdinal(n);
            if (n % 5 == 0) {
                QVERIFY(moveIn(QString("ticket-%1.png").arg(n), ticketPicture(m_event.signedCode(20 + n))));
                expected << 20 + n;
            }
        }
        QSet<qint64> admitted, sequences;
        for (qsizetype n = 0; n < expected.size(); ++n) {
            const QJsonObject verdict = running.verdict();
            QCOMPARE(verdict["outcome"].toString(), "admit");
            QCOMPARE(verdict["checkpoint"].toString(), "main");
            QVERIFY(verdict["durable"].toBool());
            admitted << verdict["ordinal"].toInteger();
            sequences << verdict["seq"].toInteger();
        }
        QCOMPARE(admitted, expected);
        QCOMPARE(sequences.size(), expected.size());
        running.closeInput();
        QCOMPARE(running.end(), 0);
        QCOMPARE(running.rest(), QByteArray());

        QMap<QString, int> media;
        for (const QByteArray &line : gate({"export", "--data", m_data}).out.trimmed().split('\n'))
            ++media[jsonOf(line)["medium"].toString()];
        QCOMPARE(media, (QMap<QString, int>{{"serial", 20}, {"line", 10}, {"image", 2}}));
    }

    void aPictureCountsOnceItIsWhole()
    {
        RunningGate running(m_data, {"--json", "--watch", m_watched});
        QVERIFY(running.isUp());
        const QByteArray picture = ticketPicture(m_event.signedCode(7));
        QFile file(m_watched + "/slow.png");
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Unbuffered));
        const qsizetype piece = picture.size() / 4 + 1;
        std::uint32_t between = 1;
        for (qsizetype at = 0; at < picture.size(); at += piece) {
            QVERIFY(file.write(picture.mid(at, piece)) > 0);
            QTest::qSleep(60);
            QCOMPARE(running.scan(m_event.foreignCode(between))["ordinal"].toInteger(),
                     m_event.foreignOrdinal(between));
            ++between;
        }
        QCOMPARE(running.errors(), QByteArray());
        file.close();
        QCOMPARE(running.verdict()["ordinal"].toInteger(), 7);
    }

    void aPictureIsReadOnceAlsoAfterARestart()
    {
        QVERIFY(moveIn("b.png", ticketPicture(m_event.signedCode(2))));
        QVERIFY(moveIn("a.png", ticketPicture(m_event.signedCode(1))));
        {
            RunningGate running(m_data, {"--json", "--watch", m_watched});
            QCOMPARE(running.verdict()["ordinal"].toInteger(), 1);
            QCOMPARE(running.verdict()["ordinal"].toInteger(), 2);
            running.closeInput();
            QCOMPARE(running.end(), 0);
        }
        RunningGate again(m_data, {"--json", "--watch", m_watched});
        QVERIFY(again.isUp());
        QVERIFY(moveIn("c.png", ticketPicture(m_event.signedCode(3))));
        QCOMPARE(again.verdict()["ordinal"].toInteger(), 3);
        QVERIFY(QFileInfo::exists(m_watched + "/a.png"));
    }

    void anUnreadablePictureIsNamedAndTheRestGoesOn_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QByteArray>("contents");
        QTest::addColumn<QByteArray>("complaint");
        QTest::newRow("no picture") << "broken.png" << QByteArray("this is no picture\n") << QByteArray("broken.png");
        QTest::newRow("nothing") << "empty.jpg" << QByteArray() << QByteArray("empty.jpg");
        QTest::newRow("cut off") << "cut.png" << ticketPicture(m_event.signedCode(9)).left(300)
                                 << QByteArray("cut.png");
        QTest::newRow("no PDF") << "half.pdf" << QByteArray("%PDF-1.7\n") << QByteArray("half.pdf");
        QTest::newRow("escape sequences in the name")
            << "\x1b[2Jred\x1b[31m\n.png" << QByteArray("no picture") << QByteArray("\\u{1b}[2Jred");
        QTest::newRow("direction override in the name")
            << QString::fromUtf8("a\u202Egnp.webp") << QByteArray("no picture") << QByteArray("\\u{202e}gnp.webp");
    }
    void anUnreadablePictureIsNamedAndTheRestGoesOn()
    {
        QFETCH(QString, name);
        QFETCH(QByteArray, contents);
        QFETCH(QByteArray, complaint);
        RunningGate running(m_data, {"--json", "--watch", m_watched});
        QVERIFY(running.isUp());
        QVERIFY(moveIn(name, contents));
        QVERIFY2(running.complains(complaint), running.errors());
        QVERIFY(moveIn("good.png", ticketPicture(m_event.signedCode(5))));
        QCOMPARE(running.verdict()["ordinal"].toInteger(), 5);
        for (const char c : running.errors())
            QVERIFY2(c == '\n' || static_cast<unsigned char>(c) >= 0x20, running.errors().toHex());
        QVERIFY(!running.errors().contains("\u202E"));
        running.closeInput();
        QCOMPARE(running.end(), 0);
    }

    void aScannerMayBePulledOutAndComeBack()
    {
        PseudoTerminal scanner;
        QVERIFY(plugIn(scanner, m_device));
        RunningGate running(m_data, {"--json", "--serial", m_device});
        QVERIFY(running.isUp());
        QVERIFY(becomes([&] { return scanner.isRaw(); }));
        QVERIFY(scanner.send(m_event.signedCode(1) + "\r\n"));
        QCOMPARE(running.verdict()["ordinal"].toInteger(), 1);

        scanner.pullOut();
        QVERIFY2(running.complains(m_device.toUtf8() + ": gone"), running.errors());
        QCOMPARE(running.scan(m_event.foreignCode(1))["outcome"].toString(), "admit");

        PseudoTerminal another;
        QVERIFY(plugIn(another, m_device));
        QVERIFY(becomes([&] { return another.isRaw(); }));
        QVERIFY(another.send(m_event.signedCode(2) + "\r\n"));
        QCOMPARE(running.verdict()["ordinal"].toInteger(), 2);

        // A second time, in the middle of a code: that much is no code.
        const qsizetype told = running.errors().size();
        QVERIFY(another.send(m_event.signedCode(3).left(60)));
        another.pullOut();
        QVERIFY2(becomes([&] {
                     running.complains("", 0);
                     return running.errors().mid(told).contains(": gone");
                 }),
                 running.errors());
        QCOMPARE(running.scan(m_event.foreignCode(2))["ordinal"].toInteger(), m_event.foreignOrdinal(2));
        running.closeInput();
        QCOMPARE(running.end(), 0);
    }

    void aFloodOfCodesIsJudgedToTheLastOne()
    {
        constexpr int kCodes = 600, kPerSecond = 200;
        PseudoTerminal scanner;
        RunningGate running(m_data, {"--json", "--serial", scanner.name() + ":115200"});
        QVERIFY(running.isUp());
        QVERIFY(becomes([&] { return scanner.isRaw(); }));
        // All of it fits into a terminal's buffer: whatever becomes of the gate, nothing waits for it.
        std::jthread sender([&] {
            for (std::uint32_t n = 0; n < kCodes; ++n) {
                scanner.send(m_event.foreignCode(n % kTickets + 1) + "\r\n");
                std::this_thread::sleep_for(std::chrono::milliseconds(1'000) / kPerSecond);
            }
        });
        int admitted = 0;
        for (std::uint32_t n = 0; n < kCodes; ++n) {
            const QJsonObject verdict = running.verdict();
            QCOMPARE(verdict["ordinal"].toInteger(), m_event.foreignOrdinal(n % kTickets + 1));
            QVERIFY(verdict["durable"].toBool());
            admitted += verdict["outcome"] == "admit" ? 1 : 0;
        }
        QCOMPARE(admitted, int(kTickets));
        running.closeInput();
        QCOMPARE(running.end(), 0);
    }

    void aScannerAtAByteASecondYieldsOneScan()
    {
        PseudoTerminal scanner;
        RunningGate running(m_data, {"--json", "--serial", scanner.name()});
        QVERIFY(running.isUp());
        QVERIFY(becomes([&] { return scanner.isRaw(); }));
        for (const char c : QByteArray("SLOW\r")) {
            QVERIFY(scanner.send(QByteArray(1, c)));
            QTest::qSleep(1'000);
        }
        QCOMPARE(running.verdict()["reason"].toString(), "unknown");
        running.closeInput();
        QCOMPARE(running.end(), 0);
        QCOMPARE(running.rest(), QByteArray());
    }

    void aWatchedFolderMayGoAndComeBack()
    {
        RunningGate running(m_data, {"--json", "--watch", m_watched});
        QVERIFY(running.isUp());
        QVERIFY(QDir(m_watched).removeRecursively());
        QVERIFY2(running.complains(m_watched.toUtf8()), running.errors());
        QCOMPARE(running.scan(m_event.foreignCode(1))["outcome"].toString(), "admit");
        QVERIFY(QDir().mkpath(m_watched));
        QVERIFY(moveIn("back.png", ticketPicture(m_event.signedCode(8))));
        QCOMPARE(running.verdict()["ordinal"].toInteger(), 8);
    }

    void theEndOfInputIsTheEnd_data()
    {
        QTest::addColumn<QByteArray>("input");
        QTest::addColumn<int>("verdicts");
        const QByteArray code = m_event.foreignCode(1);
        QTest::newRow("nothing") << QByteArray() << 0;
        QTest::newRow("one line") << code + "\n" << 1;
        QTest::newRow("no line end") << code << 1;
        QTest::newRow("the last line without an end") << code + "\r\n" + m_event.foreignCode(2) << 2;
        QTest::newRow("blank lines behind") << code + "\n\n\r\n\n" << 1;
    }
    void theEndOfInputIsTheEnd()
    {
        QFETCH(QByteArray, input);
        QFETCH(int, verdicts);
        const Ran ran = gate({"run", "--data", m_data, "--json"}, input);
        QCOMPARE(ran.status, 0);
        QCOMPARE(ran.out.count('\n'), verdicts);
        QCOMPARE(ran.out.count("\"outcome\":\"admit\""), verdicts);
    }

    void aServiceWithoutStandardInputGoesOn()
    {
        RunningGate running(m_data, {"--json", "--watch", m_watched});
        running.closeInput();
        QVERIFY(running.isUp());
        QVERIFY(moveIn("ticket.png", ticketPicture(m_event.signedCode(4))));
        QCOMPARE(running.verdict()["ordinal"].toInteger(), 4);
        QVERIFY(running.isAlive());
        running.signal(SIGTERM);
        QCOMPARE(running.end(), 0);
    }

    void whatIsNotThereIsNamedAtTheStart_data()
    {
        QTest::addColumn<QStringList>("more");
        QTest::addColumn<QByteArray>("named");
        QTest::newRow("no such scanner") << QStringList{"--serial", "/dev/none"} << QByteArray("/dev/none");
        QTest::newRow("no such rate") << QStringList{"--serial", "/dev/none:1234"} << QByteArray("1234");
        QTest::newRow("a scanner that is a file")
            << QStringList{"--serial", "/etc/passwd"} << QByteArray("/etc/passwd");
        QTest::newRow("no such folder") << QStringList{"--watch", "/none"} << QByteArray("/none");
        QTest::newRow("a folder that is a file") << QStringList{"--watch", "/etc/passwd"} << QByteArray("/etc/passwd");
        QTest::newRow("no such gate") << QStringList{"--gate", "west"} << QByteArray("west");
        QTest::newRow("no such checkpoint") << QStringList{"--checkpoint", "cellar"} << QByteArray("cellar");
    }
    void whatIsNotThereIsNamedAtTheStart()
    {
        QFETCH(QStringList, more);
        QFETCH(QByteArray, named);
        const Ran ran = gate(QStringList{"run", "--data", m_data} + more, m_event.foreignCode(1) + "\n");
        QCOMPARE(ran.status, 2);
        QVERIFY2(ran.err.contains(named), ran.err);
        QCOMPARE(ran.out, QByteArray());
    }

private:
    QString path(const QString &name) const { return m_folder.filePath(name); }

    /// Drops a file into the watched folder as a whole.
    bool moveIn(const QString &name, const QByteArray &contents)
    {
        const QString beside = path("beside");
        return !writeFile(beside, contents).isEmpty() && QFile::rename(beside, m_watched + "/" + name);
    }

    QTemporaryDir m_folder;
    PracticeBundle m_event{kTickets};
    QString m_data, m_watched, m_device;
    int m_number = 0;
};

QTEST_GUILESS_MAIN(RunSourcesTest)
#include "run_sources_test.moc"
