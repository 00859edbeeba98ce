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
};

QTEST_APPLESS_MAIN(SearchTest)
#include "search_test.moc"
