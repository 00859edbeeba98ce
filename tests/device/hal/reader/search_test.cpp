#include "device/hal/reader/search.h"

#include "tests/support/code_pictures.h"

#include <QtTest/QtTest>
#include <opencv2/imgproc.hpp>
#include <zint.h>

using namespace voelgoed;
using namespace voelgoed::support;
using hal::Symbology;

namespace {

/// "kind text" of everything that is found in a picture as if it were a file's, sorted, joined by "|".
QString readingOf(const cv::Mat &picture)
{
    QStringList texts;
    hal::search(picture, {.effort = hal::Effort::Still},
                {.begins = [](int) {},
                 .found =
                     [&](const hal::ReadCode &code) {
                         const std::string_view name = hal::nameOf(code.symbology);
                         texts << QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size())) + " " +
                                      QString::fromStdString(code.text);
                     }});
    texts.sort();
    return texts.join("|");
}

/// Modules that look like a Micro QR code whose content ends too early: ZXing 1.4.0 throws out of its decoder.
cv::Mat endlessMicroQr()
{
    constexpr int kModule = 2;
    const std::array<std::string_view, 18> rows{
        "#.#..####.#....#.#", ".#.....#..#.#.#..#", "...###..##.#.#....", "##########..#.####", "#..#..#..####.#.#.",
        "##..........####..", "##..#######..##..#", "##..#.....#...##..", "..#.#.###.#.##....", "....#.###.#.######",
        ".#..#.###.#.....##", ".#..#.....#.#####.", "#.#.#######.######", ".##........#.#####", "#...#.#.##.#.#..#.",
        "#######.#.###.#.##", "#..##.##.....#..##", "#####.#..#...#.#.#"};
    cv::Mat picture(static_cast<int>(rows.size()) * kModule, static_cast<int>(rows.size()) * kModule, CV_8U);
    for (int y = 0; y < picture.rows; ++y) {
        for (int x = 0; x < picture.cols; ++x)
            picture.at<uchar>(y, x) =
                rows[static_cast<std::size_t>(y / kModule)][static_cast<std::size_t>(x / kModule)] == '#' ? 0 : 255;
    }
    return picture;
}

} // namespace

class SearchTest : public QObject
{
    Q_OBJECT

private slots:
    void aWayThatThrowsCostsThatWayOnly()
    {
        QCOMPARE(readingOf(endlessMicroQr()), "");
        cv::Mat canvas(300, 500, CV_8U, cv::Scalar(255));
        placed(canvas, endlessMicroQr(), {40, 40});
        placed(canvas, inverted(drawCode(BARCODE_QRCODE, "beside it")), {200, 40});
        QCOMPARE(readingOf(canvas), "QRCode beside it");
    }

    void picturesOfAFewRowsAreRead()
    {
        const cv::Mat code = drawCode(BARCODE_CODE128, "QT-7K3M9QTX2B", 2);
        const cv::Mat few = code.rowRange(code.rows / 2, code.rows / 2 + 5);
        QCOMPARE(readingOf(few), "Code128 QT-7K3M9QTX2B");
        cv::Mat upright;
        cv::rotate(few, upright, cv::ROTATE_90_CLOCKWISE);
        QCOMPARE(readingOf(upright), "Code128 QT-7K3M9QTX2B");
        const cv::Mat itf = drawCode(BARCODE_C25INTER, "23820220588971", 2);
        QCOMPARE(readingOf(itf.rowRange(30, 35)), "ITF 23820220588971");
    }

    void picturesOfAnyShapeAreSearched()
    {
        for (const cv::Size size : {cv::Size(1, 1), cv::Size(1, 9), cv::Size(9, 1), cv::Size(19'000, 10),
                                    cv::Size(10, 19'000), cv::Size(8, 1'900), cv::Size(19'000, 1)})
            QCOMPARE(readingOf(cv::Mat(size, CV_8U, cv::Scalar(255))), "");
        cv::Mat strip(14, 19'000, CV_8U, cv::Scalar(255));
        const cv::Mat code = drawCode(BARCODE_CODE128, "QT-7K3M9QTX2B", 2);
        placed(strip, code.rowRange(30, 42), {15'000, 1});
        QCOMPARE(readingOf(strip), "Code128 QT-7K3M9QTX2B");
    }

    void linearCodesAboveEachOtherAreAllRead()
    {
        cv::Mat canvas(600, 700, CV_8U, cv::Scalar(255));
        int y = 10;
        for (const auto &[kind, contents] : {std::pair(BARCODE_CODE128, "TKT-99821-B14"),
                                             {BARCODE_CODE128, "TKT-99821-B15"},
                                             {BARCODE_EANX, "590123412345"}}) {
            const cv::Mat code = withoutQuietZone(drawCode(kind, contents, 2));
            placed(canvas, code, {40, y});
            y += code.rows + 20;
        }
        QCOMPARE(readingOf(canvas), "Code128 TKT-99821-B14|Code128 TKT-99821-B15|EAN-13 5901234123457");
        QCOMPARE(readingOf(inverted(turned(canvas, 23))),
                 "Code128 TKT-99821-B14|Code128 TKT-99821-B15|EAN-13 5901234123457");
    }

    void severalCodesOfAKindThatIsFoundOnceAreAllRead()
    {
        cv::Mat canvas(520, 700, CV_8U, cv::Scalar(255));
        placed(canvas, drawCode(BARCODE_DATAMATRIX, "Data Matrix one, which is the larger", 5), {20, 20});
        placed(canvas, drawCode(BARCODE_DATAMATRIX, "9982114B", 3), {250, 40});
        placed(canvas, drawCode(BARCODE_DATAMATRIX, "9982115C", 4), {420, 30});
        placed(canvas, drawCode(BARCODE_AZTEC, "Aztec ticket one", 5), {30, 280});
        placed(canvas, drawCode(BARCODE_AZTEC, "ORD-99821", 4), {260, 290});
        placed(canvas, drawCode(BARCODE_AZTEC, "ORD-99822", 3), {460, 300});
        const QString all = "Aztec Aztec ticket one|Aztec ORD-99821|Aztec ORD-99822|DataMatrix 9982114B|DataMatrix "
                            "9982115C|DataMatrix Data Matrix one, which is the larger";
        QCOMPARE(readingOf(canvas), all);
        QCOMPARE(readingOf(inverted(canvas)), all);
        QCOMPARE(readingOf(turned(canvas, 12)), all);
    }

    void aWideCodeBesideASquareOneIsRead()
    {
        cv::Mat canvas(400, 1'200, CV_8U, cv::Scalar(255));
        placed(canvas, drawCode(BARCODE_QRCODE, "99821-B14"), {10, 20});
        placed(canvas, blurred(drawCode(BARCODE_PDF417, "Order 99821 seat B14", 3), 1.2), {170, 20});
        QCOMPARE(readingOf(canvas), "PDF417 Order 99821 seat B14|QRCode 99821-B14");
    }

    void barsThatRunIntoTheGroundAreRead_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("contents");
        QTest::addColumn<QString>("reading");
        QTest::newRow("Code 128") << BARCODE_CODE128 << "TKT-99821-B14"
                                  << "Code128 TKT-99821-B14";
        // This one's inner bars read as a UPC-A code when the outer ones are lost.
        QTest::newRow("Code 128, digits") << BARCODE_CODE128 << "00998211234567890122"
                                          << "Code128 00998211234567890122";
        QTest::newRow("Code 39") << BARCODE_CODE39 << "TKT99821"
                                 << "Code39 TKT99821";
        QTest::newRow("ITF") << BARCODE_C25INTER << "12345678901234"
                             << "ITF 12345678901234";
        QTest::newRow("EAN-13") << BARCODE_EANX << "590123412345"
                                << "EAN-13 5901234123457";
        QTest::newRow("UPC-E") << BARCODE_UPCE << "0425261"
                               << "UPC-E 04252614";
    }
    void barsThatRunIntoTheGroundAreRead()
    {
        QFETCH(int, kind);
        QFETCH(QString, contents);
        QFETCH(QString, reading);
        const cv::Mat code = withoutQuietZone(drawCode(kind, contents.toStdString(), 2));
        const cv::Mat onDark = placed(cv::Mat(code.rows + 120, code.cols + 160, CV_8U, cv::Scalar(0)), code, {80, 60});
        QCOMPARE(readingOf(onDark), reading);
        QCOMPARE(readingOf(inverted(onDark)), reading);
        QCOMPARE(readingOf(inverted(turned(inverted(onDark), 17))), reading);
    }

    void anInterleavedCodeThatTheGroundHasTakenApartFromOneSideIsNotRead()
    {
        const cv::Mat whole = drawCode(BARCODE_C25INTER, "12345678901231", 2);
        for (const double cut : {0.35, 0.5, 0.65, 0.8}) {
            const cv::Mat part = whole.colRange(0, static_cast<int>(whole.cols * cut));
            const cv::Mat onDark =
                placed(cv::Mat(part.rows + 120, part.cols + 160, CV_8U, cv::Scalar(0)), part, {80, 60});
            QCOMPARE(readingOf(onDark), "");
            QCOMPARE(readingOf(inverted(onDark)), "");
        }
    }

    void matrixCodesThatRunIntoTheGroundAreRead()
    {
        for (const auto &[kind, contents, reading] :
             {std::tuple(BARCODE_DATAMATRIX, "9982114B", "DataMatrix 9982114B"),
              {BARCODE_DATAMATRIX, "Data Matrix ticket 0123456789", "DataMatrix Data Matrix ticket 0123456789"},
              {BARCODE_PDF417, "Order 99821 seat B14", "PDF417 Order 99821 seat B14"},
              {BARCODE_MICROQR, "TKT99821B14", "MicroQRCode TKT99821B14"},
              {BARCODE_QRCODE, "QR ticket 0123456789", "QRCode QR ticket 0123456789"}}) {
            const cv::Mat code = withoutQuietZone(drawCode(kind, contents, 4));
            cv::Mat onDark = placed(cv::Mat(code.rows + 120, code.cols + 160, CV_8U, cv::Scalar(0)), code, {80, 60});
            for (int quarter = 0; quarter < 4; ++quarter) {
                QCOMPARE(readingOf(onDark), reading);
                QCOMPARE(readingOf(inverted(onDark)), reading);
                cv::rotate(onDark, onDark, cv::ROTATE_90_CLOCKWISE);
            }
        }
    }

    void barsThatOnlySharpeningMadeAreNone()
    {
        // Fewer pixels than modules: undoing a blur that is not there makes bars of another code.
        const cv::Mat code = drawCode(BARCODE_CODE128, "Voelgoed/2026/a/Row14-Seat22", 2);
        for (const double scale : {0.3, 0.325, 0.35, 0.375}) {
            cv::Mat small;
            cv::resize(code, small, cv::Size(), scale, scale, cv::INTER_AREA);
            const QString reading = readingOf(small);
            QVERIFY2(reading == "" || reading == "Code128 Voelgoed/2026/a/Row14-Seat22", qPrintable(reading));
        }
    }

    void anInterleavedCodeThatThePictureCutsOffIsNotRead()
    {
        const cv::Mat whole = drawCode(BARCODE_C25INTER, "9982114077", 2);
        for (const double cut : {0.35, 0.5, 0.65, 0.8, 0.92}) {
            cv::Mat small;
            cv::resize(whole.colRange(0, static_cast<int>(whole.cols * cut)), small, cv::Size(), 0.7, 0.7,
                       cv::INTER_AREA);
            QCOMPARE(readingOf(small), cut > 0.9 ? "ITF 9982114077" : ""); // a quiet zone is not missed
        }
    }
};

QTEST_APPLESS_MAIN(SearchTest)
#include "search_test.moc"
