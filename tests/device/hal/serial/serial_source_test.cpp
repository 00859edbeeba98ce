#include "device/hal/serial/serial_source.h"
#include "tests/integration/pseudo_terminal.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::hal;
using voelgoed::integration::PseudoTerminal;

namespace {

constexpr int kSilenceMs = 20;
constexpr int kNeverMs = 60'000;

std::string nameOf(const PseudoTerminal &terminal)
{
    return terminal.name().toStdString();
}

QByteArrayList taken(CodeSource &source)
{
    QByteArrayList texts;
    const auto codes = source.take();
    if (!codes)
        return {"failed"};
    for (const CodeRead &code : *codes) {
        const std::string_view text = base::textOf(code.code);
        texts << QByteArray(text.data(), static_cast<qsizetype>(text.size()));
    }
    return texts;
}

/// What comes until that many codes did; bytes cross a terminal when the kernel gets to it.
QByteArrayList takenUntil(CodeSource &source, qsizetype count)
{
    QByteArrayList texts;
    for (int tries = 0; tries < 2'000 && texts.size() < count; ++tries) {
        texts += taken(source);
        if (texts.size() < count)
            QTest::qSleep(1);
    }
    return texts;
}

} // namespace

/// Scanners on serial lines, played by pseudo terminals.
class SerialSourceTest : public QObject
{
    Q_OBJECT

private slots:
    void optionsAreADeviceAndPerhapsARate_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("device"); ///< empty: refused
        QTest::addColumn<int>("baud");
        QTest::newRow("device") << "/dev/ttyACM0"
                                << "/dev/ttyACM0" << 9'600;
        for (const int rate : {1'200, 2'400, 4'800, 9'600, 19'200, 38'400, 57'600, 115'200, 230'400, 460'800, 921'600})
            QTest::addRow("%d baud", rate) << QString("/dev/ttyS1:%1").arg(rate) << "/dev/ttyS1" << rate;
        QTest::newRow("a colon in the name") << "/dev/serial/by-path/pci-0:1.0-port0:9600"
                                             << "/dev/serial/by-path/pci-0:1.0-port0" << 9'600;
        for (const char *bad : {"", ":9600", "/dev/ttyS1:", "/dev/ttyS1:9601", "/dev/ttyS1:0", "/dev/ttyS1:-9600",
                                "/dev/ttyS1:+9600", "/dev/ttyS1:9600x", "/dev/ttyS1: 9600", "/dev/ttyS1:09600",
                                "/dev/ttyS1:fast", "/dev/ttyS1:99999999999999999999"})
            QTest::addRow("refused: '%s'", bad) << bad << "" << 0;
    }
    void optionsAreADeviceAndPerhapsARate()
    {
        QFETCH(QString, text);
        QFETCH(QString, device);
        QFETCH(int, baud);
        const auto options = parseSerialOptions(text.toStdString());
        QCOMPARE(static_cast<bool>(options), !device.isEmpty());
        if (!options) {
            QCOMPARE(options.error().code, base::ErrorCode::Invalid);
            return;
        }
        QCOMPARE(options->device, device.toStdString());
        QCOMPARE(options->baud, baud);
    }

    void theLineIsSetToPassBytesThrough()
    {
        PseudoTerminal terminal;
        const auto source = SerialSource::open({.device = nameOf(terminal), .baud = 115'200});
        QVERIFY(source);
        const termios settings = terminal.settings();
        QCOMPARE(::cfgetispeed(&settings), speed_t(B115200));
        QCOMPARE(settings.c_lflag & (ECHO | ICANON | ISIG | IEXTEN), tcflag_t(0));
        QCOMPARE(settings.c_iflag & (IXON | ICRNL | INLCR | IGNCR | ISTRIP | BRKINT), tcflag_t(0));
        QCOMPARE(settings.c_oflag & OPOST, tcflag_t(0));
        QCOMPARE(settings.c_cflag & (CSIZE | PARENB), tcflag_t(CS8));
        QCOMPARE((*source)->name(), nameOf(terminal));
    }

    void everyByteButLineEndsComesThrough()
    {
        PseudoTerminal terminal;
        const auto source = SerialSource::open({.device = nameOf(terminal), .silenceMs = kNeverMs});
        QVERIFY(source);
        QByteArray all;
        for (int c = 0; c < 256; ++c) {
            if (c != '\n' && c != '\r')
                all += static_cast<char>(c);
        }
        QVERIFY(terminal.send(all + "\r\nnext\r"));
        QCOMPARE(takenUntil(**source, 2), (QByteArrayList{all, "next"}));
        QVERIFY2(taken(**source).isEmpty(), "nothing blocks");
    }

    void aCodeWithoutALineEndIsEndedBySilence()
    {
        PseudoTerminal terminal;
        const auto source = SerialSource::open({.device = nameOf(terminal), .silenceMs = kSilenceMs});
        QVERIFY(source);
        QCOMPARE((*source)->waitMs(), -1);
        QVERIFY(terminal.send("no line end"));
        QTRY_VERIFY2((taken(**source), (*source)->waitMs() > 0), "it asks to be called when the silence is over");
        QTest::qSleep(2 * kSilenceMs);
        QCOMPARE(taken(**source), QByteArrayList{"no line end"});
        QCOMPARE((*source)->waitMs(), -1);
        QVERIFY(taken(**source).isEmpty());
    }

    void aScannerThatSendsLineEndsIsWaitedFor()
    {
        PseudoTerminal terminal;
        const auto source =
            SerialSource::open({.device = nameOf(terminal), .silenceMs = kSilenceMs, .patienceMs = kNeverMs});
        QVERIFY(source);
        QVERIFY(terminal.send("the first\r\n"));
        QCOMPARE(takenUntil(**source, 1), QByteArrayList{"the first"});
        for (const char *piece : {"the sec", "ond, with a p", "ause"}) {
            QVERIFY(terminal.send(piece));
            QTest::qSleep(3 * kSilenceMs);
            QVERIFY(taken(**source).isEmpty());
        }
        QVERIFY(terminal.send("\n"));
        QCOMPARE(takenUntil(**source, 1), QByteArrayList{"the second, with a pause"});
    }

    void aLineEndThatNeverComesIsNotWaitedForForEver()
    {
        PseudoTerminal terminal;
        const auto source =
            SerialSource::open({.device = nameOf(terminal), .silenceMs = kSilenceMs, .patienceMs = 10 * kSilenceMs});
        QVERIFY(source);
        QVERIFY(terminal.send("the first\r\nthe second"));
        QCOMPARE(takenUntil(**source, 2), (QByteArrayList{"the first", "the second"}));
    }

    void aCodeThatComesAByteAtATimeIsOneCode_data()
    {
        QTest::addColumn<QByteArray>("end");
        QTest::newRow("with a line end") << QByteArray("\r");
        QTest::newRow("without") << QByteArray();
    }
    void aCodeThatComesAByteAtATimeIsOneCode()
    {
        QFETCH(QByteArray, end);
        constexpr int kBetweenMs = 3 * kSilenceMs; // as a second is to the silence of a real line
        PseudoTerminal terminal;
        const auto source =
            SerialSource::open({.device = nameOf(terminal), .silenceMs = kSilenceMs, .patienceMs = 50 * kSilenceMs});
        QVERIFY(source);
        for (const char c : QByteArray("slowly") + end) {
            QVERIFY2(taken(**source).isEmpty(), "too early");
            QVERIFY(terminal.send(QByteArray(1, c)));
            for (int waited = 0; waited < kBetweenMs && c != '\r'; waited += 5) {
                QVERIFY2(taken(**source).isEmpty(), "too early");
                QTest::qSleep(5);
            }
        }
        QCOMPARE(takenUntil(**source, 1), QByteArrayList{"slowly"});
    }

    void anotherScannerOnTheSameLineIsLearnedAnew()
    {
        const QTemporaryDir folder;
        const QString device = folder.filePath("scanner");
        auto terminal = std::make_unique<PseudoTerminal>();
        QVERIFY(QFile::link(terminal->name(), device));
        const auto source =
            SerialSource::open({.device = device.toStdString(), .silenceMs = kSilenceMs, .patienceMs = kNeverMs});
        QVERIFY(source);
        QVERIFY(terminal->send("ends lines\r"));
        QCOMPARE(takenUntil(**source, 1), QByteArrayList{"ends lines"});
        terminal.reset();
        QVERIFY(!(*source)->take());
        PseudoTerminal another;
        QVERIFY(QFile::remove(device) && QFile::link(another.name(), device));
        QVERIFY(taken(**source).isEmpty());
        QVERIFY(another.send("ends none"));
        QCOMPARE(takenUntil(**source, 1), QByteArrayList{"ends none"});
    }

    void bytesOneByOneAreOneCodeAsLongAsTheyCome()
    {
        PseudoTerminal terminal;
        const auto source = SerialSource::open({.device = nameOf(terminal), .silenceMs = kNeverMs});
        QVERIFY(source);
        QByteArrayList texts;
        for (const char c : QByteArray("one by one\r")) {
            QVERIFY(terminal.send(QByteArray(1, c)));
            QTest::qSleep(1);
            texts += taken(**source);
        }
        if (texts.isEmpty())
            texts = takenUntil(**source, 1);
        QCOMPARE(texts, QByteArrayList{"one by one"});
    }

    void aScannerThatIsPulledOutIsReportedAndFoundAgain()
    {
        const QTemporaryDir folder;
        const QString device = folder.filePath("scanner");
        auto terminal = std::make_unique<PseudoTerminal>();
        QVERIFY(QFile::link(terminal->name(), device));
        const auto source = SerialSource::open({.device = device.toStdString(), .silenceMs = kNeverMs});
        QVERIFY(source);
        QVERIFY(terminal->send("half a co"));
        QTRY_VERIFY((taken(**source), (*source)->waitMs() >= 0));
        terminal.reset();

        auto gone = (*source)->take();
        QVERIFY(!gone);
        QCOMPARE(gone.error().code, base::ErrorCode::Unavailable);
        QVERIFY(gone.error().message.find(device.toStdString()) != std::string::npos);
        QVERIFY(!(*source)->hasEnded());
        QCOMPARE((*source)->descriptor(), -1);
        QVERIFY2((*source)->waitMs() > 0 && (*source)->waitMs() <= 1'000, "it is looked for again");
        QVERIFY(!(*source)->take());

        PseudoTerminal another;
        QVERIFY(QFile::remove(device) && QFile::link(another.name(), device));
        QVERIFY(taken(**source).isEmpty());
        QVERIFY((*source)->descriptor() >= 0);
        QVERIFY(another.isRaw());
        QVERIFY(another.send("whole\r\n"));
        QCOMPARE(takenUntil(**source, 1), QByteArrayList{"whole"});
    }

    void whatIsNoSerialLineIsRefused_data()
    {
        QTest::addColumn<QString>("device");
        QTest::newRow("not there") << "/dev/none";
        QTest::newRow("a file") << "/etc/passwd";
        QTest::newRow("a folder") << "/";
        QTest::newRow("no terminal") << "/dev/null";
    }
    void whatIsNoSerialLineIsRefused()
    {
        QFETCH(QString, device);
        const auto source = SerialSource::open({.device = device.toStdString()});
        QVERIFY(!source);
        QCOMPARE(source.error().code, base::ErrorCode::Unavailable);
        QVERIFY(source.error().message.starts_with(device.toStdString() + ": "));
    }
};

QTEST_APPLESS_MAIN(SerialSourceTest)
#include "serial_source_test.moc"
