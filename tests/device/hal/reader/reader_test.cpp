#include "device/hal/reader/reader_process.h"

#include "tests/support/code_pictures.h"
#include "tests/support/places.h"

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <zint.h>

#include <csignal>

using namespace voelgoed;
using namespace voelgoed::support;
using hal::Symbology;

namespace {

struct Kind
{
    const char *name;
    int zint;
    Symbology symbology;
    const char *contents;
};

const Kind kKinds[] = {{"QR", BARCODE_QRCODE, Symbology::QRCode, "T1ABC TICKET/0123456789"},
                       {"Micro QR", BARCODE_MICROQR, Symbology::MicroQRCode, "TICKET42"},
                       {"PDF417", BARCODE_PDF417, Symbology::PDF417, "PDF417 TICKET 0123456789"},
                       {"Aztec", BARCODE_AZTEC, Symbology::Aztec, "Aztec ticket 0123456789"},
                       {"Data Matrix", BARCODE_DATAMATRIX, Symbology::DataMatrix, "Data Matrix ticket 0123456789"},
                       {"Code 128", BARCODE_CODE128, Symbology::Code128, "QT-7K3M9QTX2B"},
                       {"Code 39", BARCODE_CODE39, Symbology::Code39, "TICKET42"},
                       {"ITF", BARCODE_C25INTER, Symbology::ITF, "23820220588971"},
                       {"EAN-13", BARCODE_EANX, Symbology::EAN13, "5901234123457"}};

struct Spoil
{
    const char *name;
    cv::Mat (*apply)(const cv::Mat &);
};

const Spoil kSpoils[] = {{"as it is", [](const cv::Mat &p) { return p; }},
                         {"inverted", [](const cv::Mat &p) { return inverted(p); }},
                         {"turned by 17", [](const cv::Mat &p) { return turned(p, 17); }},
                         {"turned by 90", [](const cv::Mat &p) { return turned(p, 90); }},
                         {"turned by 138", [](const cv::Mat &p) { return turned(p, 138); }},
                         {"faded", [](const cv::Mat &p) { return faded(p, 0.2, 190); }},
                         {"dim", [](const cv::Mat &p) { return faded(p, 0.2, 10); }},
                         {"blurred", [](const cv::Mat &p) { return blurred(p, 1.5); }},
                         {"slanted", [](const cv::Mat &p) { return slanted(p, 0.25); }},
                         {"noisy", [](const cv::Mat &p) { return noisy(p, 20); }},
                         {"without quiet zone", [](const cv::Mat &p) { return withoutQuietZone(p); }},
                         {"unevenly lit", [](const cv::Mat &p) { return unevenlyLit(p); }},
                         {"inverted and turned", [](const cv::Mat &p) { return inverted(turned(p, 24)); }},
                         {"mirrored", [](const cv::Mat &p) { return flipped(p); }}};

QByteArray textOf(const hal::ReadCode &code)
{
    return QByteArray::fromStdString(std::string(base::textOf(code.content)));
}

} // namespace

class ReaderTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        auto reader = hal::ReaderProcess::start({.program = std::string(test::programFolder()) + "/voelgoed-reader"});
        QVERIFY2(static_cast<bool>(reader), reader ? "" : reader.error().message.c_str());
        m_reader = std::move(*reader);
    }

    void everyKindIsReadHoweverItIsSpoiled_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("spoil");
        for (int kind = 0; kind < int(std::size(kKinds)); ++kind) {
            for (int spoil = 0; spoil < int(std::size(kSpoils)); ++spoil)
                QTest::addRow("%s, %s", kKinds[kind].name, kSpoils[spoil].name) << kind << spoil;
        }
    }
    void everyKindIsReadHoweverItIsSpoiled()
    {
        QFETCH(int, kind);
        QFETCH(int, spoil);
        const cv::Mat picture = kSpoils[spoil].apply(drawCode(kKinds[kind].zint, kKinds[kind].contents));
        const auto reading = read(asPng(picture));
        QVERIFY2(static_cast<bool>(reading), reading ? "" : reading.error().message.c_str());
        QCOMPARE(reading->codes.size(), std::size_t{1});
        QCOMPARE(reading->codes[0].symbology, kKinds[kind].symbology);
        QCOMPARE(textOf(reading->codes[0]), QByteArray(kKinds[kind].contents));
    }

    void severalCodesAreAllReported()
    {
        cv::Mat canvas(700, 900, CV_8U, cv::Scalar(255));
        placed(canvas, drawCode(BARCODE_QRCODE, "first"), {40, 40});
        placed(canvas, drawCode(BARCODE_QRCODE, "second"), {400, 60});
        placed(canvas, drawCode(BARCODE_CODE128, "THIRD-3"), {60, 400});
        placed(canvas, drawCode(BARCODE_DATAMATRIX, "fourth"), {620, 300});
        placed(canvas, inverted(drawCode(BARCODE_QRCODE, "fifth, inverted")), {600, 480});
        const auto reading = read(asPng(canvas));
        QVERIFY(reading);
        QStringList texts;
        for (const auto &code : reading->codes)
            texts << textOf(code);
        texts.sort();
        QCOMPARE(texts.join("|"), QString("THIRD-3|fifth, inverted|first|fourth|second"));
    }

    void bytesComeThroughAsTheyAre()
    {
        std::string bytes;
        for (int i = 0; i < 256; ++i)
            bytes += static_cast<char>(i);
        for (const int kind : {BARCODE_QRCODE, BARCODE_AZTEC, BARCODE_DATAMATRIX, BARCODE_PDF417}) {
            const auto reading = read(asPng(drawCode(kind, bytes)));
            QVERIFY(reading);
            QCOMPARE(reading->codes.size(), std::size_t{1});
            QCOMPARE(std::string(base::textOf(reading->codes[0].content)), bytes);
        }
    }

    void picturesWithoutCodesHaveNone()
    {
        for (const double sigma : {5.0, 60.0}) {
            const auto reading = read(asPng(noisy(cv::Mat(480, 640, CV_8U, cv::Scalar(128)), sigma)));
            QVERIFY(reading);
            QVERIFY(reading->codes.empty());
        }
    }

    void whatIsNoPictureIsSaidToBeNone_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        const QByteArray png =
            QByteArray::fromStdString(std::string(base::textOf(asPng(drawCode(BARCODE_QRCODE, "cut")))));
        QTest::newRow("text") << QByteArray("this is no picture");
        QTest::newRow("a PNG cut off") << png.left(png.size() / 2);
        QByteArray bomb = png;
        bomb.replace(16, 8, QByteArray::fromHex("0000ea600000ea60")); // 60,000 by 60,000
        QTest::newRow("a PNG that says it is huge") << bomb;
        QTest::newRow("a JPEG's beginning") << QByteArray::fromHex("ffd8ffe000104a46494600010100");
        QTest::newRow("a WebP's beginning") << QByteArray("RIFF\x20\0\0\0WEBPVP8 ", 16);
        QTest::newRow("a PDF's beginning")
            << QByteArray("%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 1 0 R>>endobj\ntrailer<</Root 9 0 R>>");
        QTest::newRow("a PDF that contains itself") << QByteArray(
            "%PDF-1.1\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[2 0 R]/Count 99999>>"
            "endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n");
    }
    void whatIsNoPictureIsSaidToBeNone()
    {
        QFETCH(QByteArray, bytes);
        QElapsedTimer timer;
        timer.start();
        const auto reading = read(base::bytesOf(bytes.toStdString()));
        QVERIFY(!reading || reading->codes.empty());
        QVERIFY(timer.elapsed() < 30'000);
        // And the next picture is read as if nothing had been.
        QCOMPARE(read(asPng(drawCode(BARCODE_QRCODE, "after it")))->codes.size(), std::size_t{1});
    }

    void filesThatAreNotThereAreNamed()
    {
        for (const char *path : {"/nowhere/ticket.png", "/", "/dev/null"}) {
            const auto started = m_reader->startFile(path);
            QVERIFY(!started);
            QVERIFY(started.error().message.find(path) != std::string::npos);
        }
    }

    void aReaderThatIsKilledIsReplaced()
    {
        const base::Bytes png = asPng(noisy(drawCode(BARCODE_QRCODE, "still here"), 15));
        QRandomGenerator random(3);
        for (int i = 0; i < 30; ++i) {
            const std::string path = m_folder.filePath("kill.png").toStdString();
            writeFile(path, png);
            QVERIFY(m_reader->startFile(path));
            QTest::qSleep(static_cast<int>(random.bounded(25)));
            ::kill(m_reader->processId(), SIGKILL);
            const auto reading = m_reader->wait();
            // Killed while it opened the file: that is said. Later: what it had found stays found.
            if (reading && !reading->codes.empty())
                QCOMPARE(textOf(reading->codes[0]), QByteArray("still here"));
        }
        QCOMPARE(read(png)->codes.size(), std::size_t{1});
    }

    void aReaderThatHangsIsReplaced()
    {
        auto reader = hal::ReaderProcess::start({.program = std::string(test::programFolder()) + "/voelgoed-reader",
                                                 .stillAttempt = std::chrono::milliseconds(200),
                                                 .stillPage = std::chrono::milliseconds(1500)});
        QVERIFY(reader);
        const std::string path = m_folder.filePath("hang.png").toStdString();
        writeFile(path, asPng(drawCode(BARCODE_QRCODE, "slow")));
        ::kill((*reader)->processId(), SIGSTOP);
        QElapsedTimer timer;
        timer.start();
        QVERIFY((*reader)->startFile(path));
        const auto stopped = (*reader)->wait();
        QVERIFY(timer.elapsed() < 20'000);
        QVERIFY(!stopped || stopped->restarts > 0);
        QVERIFY((*reader)->startFile(path));
        QCOMPARE((*reader)->wait()->codes.size(), std::size_t{1});
    }

    void aCamerasFrameIsRead()
    {
        cv::Mat frame(720, 1280, CV_8U, cv::Scalar(180));
        placed(frame, drawCode(BARCODE_QRCODE, "T1 in front of the camera", 6), {300, 200});
        const auto started = m_reader->startFrame({.pixels = reinterpret_cast<const std::byte *>(frame.data),
                                                   .width = frame.cols,
                                                   .height = frame.rows,
                                                   .stride = static_cast<int>(frame.step)});
        QVERIFY(started);
        const auto reading = m_reader->wait();
        QVERIFY(reading);
        QCOMPARE(reading->codes.size(), std::size_t{1});
        QCOMPARE(textOf(reading->codes[0]), QByteArray("T1 in front of the camera"));
    }

private:
    base::Result<hal::Reading> read(base::ByteView bytes)
    {
        const std::string path = m_folder.filePath("picture").toStdString();
        writeFile(path, bytes);
        if (auto started = m_reader->startFile(path); !started)
            return started.error();
        return m_reader->wait();
    }

    QTemporaryDir m_folder;
    std::unique_ptr<hal::ReaderProcess> m_reader;
};

QTEST_APPLESS_MAIN(ReaderTest)
#include "reader_test.moc"
