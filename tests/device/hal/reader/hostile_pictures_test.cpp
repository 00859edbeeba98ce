#include "device/hal/reader/reader_process.h"
#include "tests/support/code_pictures.h"
#include "tests/support/pdf_files.h"
#include "tests/support/picture_files.h"
#include "tests/support/places.h"

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <zint.h>

using namespace voelgoed;
using namespace voelgoed::support;
using hal::Symbology;

namespace {

QByteArray hexOf(const hal::ReadCode &code)
{
    return QByteArray::fromStdString(base::toHex(code.content));
}

QByteArray bytesOf(const base::Bytes &bytes)
{
    return {reinterpret_cast<const char *>(bytes.data()), static_cast<qsizetype>(bytes.size())};
}

} // namespace

/// Codes that say more than their text, and pictures that mean harm.
class HostilePicturesTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        auto reader = hal::ReaderProcess::start({.program = std::string(test::programFolder()) + "/voelgoed-reader"});
        QVERIFY2(static_cast<bool>(reader), reader ? "" : reader.error().message.c_str());
        m_reader = std::move(*reader);
    }

    void theBytesAreThoseOfTheCodeWhateverItSaysOfThem_data()
    {
        QTest::addColumn<int>("symbology");
        QTest::addColumn<QByteArray>("drawn");
        QTest::addColumn<int>("mode");
        QTest::addColumn<int>("eci");
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("text");
        const QByteArray japanese = "\u30C6\u30B9\u30C8 ticket", cafe = "Caf\u00E9 \u20AC";
        const QByteArray shiftJis = QByteArray::fromHex("836583588367") + " ticket";
        QTest::newRow("Shift-JIS, said so") << BARCODE_QRCODE << japanese << UNICODE_MODE << 20 << shiftJis << japanese;
        QTest::newRow("Shift-JIS, not said")
            << BARCODE_QRCODE << shiftJis << DATA_MODE << 0 << shiftJis << QByteArray();
        QTest::newRow("kanji segments") << BARCODE_QRCODE << japanese << UNICODE_MODE << 0 << shiftJis << QByteArray();
        QTest::newRow("UTF-8, said so") << BARCODE_QRCODE << cafe << UNICODE_MODE << 26 << cafe << cafe;
        QTest::newRow("a set that it is not") << BARCODE_QRCODE << QByteArray("\xff\xfe\x80") << DATA_MODE << 26
                                              << QByteArray("\xff\xfe\x80") << QByteArray();
        QTest::newRow("Cyrillic, said so, Data Matrix")
            << BARCODE_DATAMATRIX << QByteArray("\u0431\u0438\u043B\u0435\u0442") << UNICODE_MODE << 7
            << QByteArray::fromHex("d1d8dbd5e2") << QByteArray("\u0431\u0438\u043B\u0435\u0442");
        QTest::newRow("UTF-8, said so, Aztec") << BARCODE_AZTEC << cafe << UNICODE_MODE << 26 << cafe << cafe;
        QTest::newRow("UTF-8, said so, PDF417") << BARCODE_PDF417 << cafe << UNICODE_MODE << 26 << cafe << cafe;
        QTest::newRow("GS1, Data Matrix")
            << BARCODE_DATAMATRIX << QByteArray("[01]09506000134352[10]ABC[21]X") << GS1_MODE << 0
            << QByteArray("010950600013435210ABC\x1d"
                          "21X")
            << QByteArray();
        QTest::newRow("GS1-128") << BARCODE_GS1_128 << QByteArray("[01]09506000134352[10]ABC") << GS1_MODE << 0
                                 << QByteArray("010950600013435210ABC") << QByteArray();
        QTest::newRow("GS1, QR") << BARCODE_QRCODE << QByteArray("[01]09506000134352[10]ABC[21]X") << GS1_MODE << 0
                                 << QByteArray("010950600013435210ABC\x1d"
                                               "21X")
                                 << QByteArray();
        for (const int symbology : {BARCODE_QRCODE, BARCODE_DATAMATRIX, BARCODE_AZTEC, BARCODE_PDF417, BARCODE_CODE128})
            QTest::addRow("NUL inside, %d", symbology) << symbology << QByteArray("TICKET\0ABC", 10) << DATA_MODE << 0
                                                       << QByteArray("TICKET\0ABC", 10) << QByteArray();
        QTest::newRow("escape sequences") << BARCODE_QRCODE << QByteArray("\x1b[2J\x1b]0;GO\x07") << DATA_MODE << 0
                                          << QByteArray("\x1b[2J\x1b]0;GO\x07") << QByteArray();
    }
    void theBytesAreThoseOfTheCodeWhateverItSaysOfThem()
    {
        QFETCH(int, symbology);
        QFETCH(QByteArray, drawn);
        QFETCH(int, mode);
        QFETCH(int, eci);
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, text);
        const auto reading =
            read(asPng(drawCode({.symbology = symbology, .contents = drawn.toStdString(), .mode = mode, .eci = eci})));
        QVERIFY2(static_cast<bool>(reading), reading ? "" : reading.error().message.c_str());
        QCOMPARE(reading->codes.size(), std::size_t{1});
        QCOMPARE(hexOf(reading->codes[0]), bytes.toHex());
        QVERIFY(!reading->codes[0].partial);
        if (!text.isEmpty())
            QCOMPARE(QByteArray::fromStdString(reading->codes[0].text), text);
    }

    void aPartOfASetIsMarked_data()
    {
        QTest::addColumn<int>("symbology");
        QTest::newRow("QR") << BARCODE_QRCODE;
        QTest::newRow("Data Matrix") << BARCODE_DATAMATRIX;
        QTest::newRow("PDF417") << BARCODE_PDF417;
        QTest::newRow("Aztec") << BARCODE_AZTEC;
    }
    void aPartOfASetIsMarked()
    {
        QFETCH(int, symbology);
        cv::Mat both(500, 1'400, CV_8U, cv::Scalar(255));
        for (const int part : {1, 2}) {
            const cv::Mat code = drawCode({.symbology = symbology,
                                           .contents = "PART-" + std::to_string(part),
                                           .part = part,
                                           .parts = 2,
                                           .pixelsPerModule = symbology == BARCODE_PDF417 ? 2 : 4});
            const auto alone = read(asPng(code));
            QVERIFY(alone);
            QCOMPARE(alone->codes.size(), std::size_t{1});
            QVERIFY(alone->codes[0].partial);
            both = placed(both, code, {40 + (part - 1) * 650, 60});
        }
        const auto reading = read(asPng(both));
        QVERIFY(reading);
        QCOMPARE(reading->codes.size(), std::size_t{2});
        for (const hal::ReadCode &code : reading->codes)
            QVERIFY(code.partial);
    }

    void aBombIsRefusedOrReadInBoundedTime_data()
    {
        QTest::addColumn<QByteArray>("file");
        QTest::newRow("a PNG as large as allowed") << bytesOf(pngOf({.width = 20'000, .height = 4'000}));
        QTest::newRow("a PNG of many bits")
            << bytesOf(pngOf({.width = 4'000, .height = 4'000, .bits = 16, .colours = 6}));
        QTest::newRow("the same, interlaced")
            << bytesOf(pngOf({.width = 3'000, .height = 3'000, .bits = 16, .colours = 6, .interlaced = true}));
        QTest::newRow("a line of 20,000") << bytesOf(pngOf({.width = 20'000, .height = 1}));
        QTest::newRow("a column of 20,000") << bytesOf(pngOf({.width = 1, .height = 20'000}));
        QTest::newRow("a PNG that is larger than allowed") << bytesOf(pngOf({.width = 20'000, .height = 4'001}));
        QTest::newRow("a PNG with a colour profile of 200 MB")
            << bytesOf(pngOf({.width = 50, .height = 50, .profile = 200 << 20}));
        QTest::newRow("a lossless WebP of 25 million pixels")
            << bytesOf(asLosslessWebp(cv::Mat(5'000, 5'000, CV_8U, cv::Scalar(255))));
        QByteArray jpeg = bytesOf(asJpeg(drawCode(BARCODE_QRCODE, "JPEG")));
        const qsizetype frame = jpeg.indexOf("\xff\xc0"); // start of frame: length, bits, height, width
        jpeg.replace(frame + 5, 4, QByteArray::fromHex("ffffffff"));
        QTest::newRow("a JPEG that says it is huge") << jpeg;
        jpeg.replace(frame + 5, 4, QByteArray::fromHex("22b822b8"));
        QTest::newRow("a JPEG that says it is as large as allowed") << jpeg;
        QByteArray webp = bytesOf(asWebp(drawCode(BARCODE_QRCODE, "WebP")));
        webp.replace(26, 4, QByteArray::fromHex("ff3fff3f"));
        QTest::newRow("a WebP that says it is huge") << webp;
        QTest::newRow("a PDF of 100 MB on a page")
            << QByteArray::fromStdString(pdfOfInflatedPage({.bytes = 100 << 20}));
    }
    void aBombIsRefusedOrReadInBoundedTime()
    {
        QFETCH(QByteArray, file);
        QVERIFY(file.size() < 4 << 20);
        QElapsedTimer timer;
        timer.start();
        const auto reading = read(base::bytesOf({file.constData(), static_cast<std::size_t>(file.size())}));
        QVERIFY(!reading || reading->codes.empty());
        QVERIFY2(timer.elapsed() < 120'000, "bounded, on a busy machine");
        QCOMPARE(read(asPng(drawCode(BARCODE_QRCODE, "after it")))->codes.size(), std::size_t{1});
    }

    void noDamageStopsTheReader_data()
    {
        QTest::addColumn<QByteArray>("file");
        const cv::Mat picture = drawCode(BARCODE_QRCODE, "DAMAGED", 2);
        QTest::newRow("PNG") << bytesOf(asPng(picture));
        QTest::newRow("JPEG") << bytesOf(asJpeg(picture));
        QTest::newRow("WebP") << bytesOf(asWebp(picture));
        QTest::newRow("lossless WebP") << bytesOf(asLosslessWebp(picture));
        QTest::newRow("PDF") << QByteArray::fromStdString(pdfOf({pageWithCode("DAMAGED")}));
    }
    void noDamageStopsTheReader()
    {
        QFETCH(QByteArray, file);
        QRandomGenerator random(5);
        for (int i = 0; i < 16; ++i) {
            QByteArray damaged = file;
            if (i % 2 == 0)
                damaged.truncate(1 + file.size() * i / 16);
            for (int n = 0; n < i % 2 * 6; ++n)
                damaged[random.bounded(file.size())] = static_cast<char>(random.bounded(256));
            const auto reading = read(base::bytesOf({damaged.constData(), static_cast<std::size_t>(damaged.size())}));
            for (const hal::ReadCode &code : reading ? reading->codes : std::vector<hal::ReadCode>())
                QCOMPARE(base::textOf(code.content), std::string_view("DAMAGED"));
        }
        QCOMPARE(read(asPng(drawCode(BARCODE_QRCODE, "after it")))->codes.size(), std::size_t{1});
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

QTEST_APPLESS_MAIN(HostilePicturesTest)
#include "hostile_pictures_test.moc"
