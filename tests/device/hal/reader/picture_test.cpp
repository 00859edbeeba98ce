#include "device/hal/reader/colours.h"
#include "device/hal/reader/picture.h"
#include "device/hal/reader/search.h"

#include "tests/support/code_pictures.h"
#include "tests/support/picture_files.h"

#include <QtTest/QtTest>
#include <opencv2/imgproc.hpp>
#include <zint.h>

Q_DECLARE_METATYPE(cv::Scalar)

using namespace voelgoed;
using namespace voelgoed::support;

namespace {

constexpr const char *kContents = "T1 in colours";

QString readingOf(const cv::Mat &picture)
{
    QStringList texts;
    hal::search(picture, {},
                {.begins = [](int) {},
                 .found = [&](const hal::ReadCode &code) { texts << QString::fromStdString(code.text); }});
    return texts.join("|");
}

/// Blue, green, red, opacity.
cv::Mat coloured(const cv::Mat &code, const cv::Scalar &dark, const cv::Scalar &light)
{
    cv::Mat picture(code.size(), CV_8UC4, light);
    picture.setTo(dark, code < 128);
    return picture;
}

cv::Mat inks(const cv::Mat &code, const cv::Scalar &dark)
{
    return coloured(code, dark, cv::Scalar(255, 255, 255, 255));
}

} // namespace

class PictureTest : public QObject
{
    Q_OBJECT

private slots:
    void codesAreReadInAnyTwoColours_data()
    {
        QTest::addColumn<cv::Scalar>("dark");
        QTest::addColumn<cv::Scalar>("light");
        QTest::newRow("black on white") << cv::Scalar(0, 0, 0, 255) << cv::Scalar(255, 255, 255, 255);
        QTest::newRow("black on blue") << cv::Scalar(0, 0, 0, 255) << cv::Scalar(255, 0, 0, 255);
        QTest::newRow("red on green of the same lightness")
            << cv::Scalar(30, 30, 210, 255) << cv::Scalar(60, 115, 60, 255);
        QTest::newRow("the same the other way") << cv::Scalar(60, 115, 60, 255) << cv::Scalar(30, 30, 210, 255);
        QTest::newRow("black on clear") << cv::Scalar(0, 0, 0, 255) << cv::Scalar(0, 0, 0, 0);
        QTest::newRow("white on clear") << cv::Scalar(255, 255, 255, 255) << cv::Scalar(255, 255, 255, 0);
        QTest::newRow("clear on white") << cv::Scalar(255, 255, 255, 0) << cv::Scalar(255, 255, 255, 255);
        QTest::newRow("clear black on white") << cv::Scalar(0, 0, 0, 0) << cv::Scalar(255, 255, 255, 255);
        QTest::newRow("all clear") << cv::Scalar(0, 0, 0, 0) << cv::Scalar(255, 255, 255, 0);
    }
    void codesAreReadInAnyTwoColours()
    {
        QFETCH(cv::Scalar, dark);
        QFETCH(cv::Scalar, light);
        const cv::Mat picture = coloured(drawCode(BARCODE_QRCODE, kContents), dark, light);
        QCOMPARE(readingOf(hal::greyOf(picture)), kContents);
        cv::Mat onPaper(picture.rows + 100, picture.cols + 100, CV_8UC4, cv::Scalar(255, 255, 255, 255));
        picture.copyTo(onPaper(cv::Rect({50, 50}, picture.size())));
        if (light[3] == 255 && dark[3] == 255)
            QCOMPARE(readingOf(hal::greyOf(onPaper)), kContents);
    }

    void greyPicturesStayAsTheyAre()
    {
        const cv::Mat grey = noisy(drawCode(BARCODE_QRCODE, kContents), 30);
        cv::Mat colours;
        cv::cvtColor(grey, colours, cv::COLOR_GRAY2BGRA);
        QCOMPARE(cv::norm(hal::greyOf(colours), grey, cv::NORM_INF), 0.0);
    }

    void codesArePrintedInAnyInk_data()
    {
        QTest::addColumn<cv::Scalar>("dark");
        QTest::newRow("black") << cv::Scalar(255, 255, 255, 0);
        QTest::newRow("cyan, magenta and yellow") << cv::Scalar(0, 0, 0, 255);
        QTest::newRow("all four") << cv::Scalar(0, 0, 0, 0);
        QTest::newRow("cyan") << cv::Scalar(0, 255, 255, 255);
    }
    void codesArePrintedInAnyInk()
    {
        QFETCH(cv::Scalar, dark);
        const base::Bytes file = asPrintedJpeg(inks(drawCode(BARCODE_QRCODE, kContents), dark));
        const auto picture = hal::decodeJpeg(file);
        QVERIFY(picture);
        QCOMPARE(readingOf(*picture), kContents);
    }

    void picturesThatAreTooLargeAreLoadedAtHalfTheirSize()
    {
        cv::Mat picture(9'000, 9'000, CV_8U, cv::Scalar(255));
        placed(picture, drawCode(BARCODE_QRCODE, kContents, 60), {4'000, 4'000});
        const auto loaded = hal::decodePng(asPng(picture));
        QVERIFY2(static_cast<bool>(loaded), loaded ? "" : loaded.error().message.c_str());
        QCOMPARE(loaded->size(), cv::Size(4'500, 4'500));
        QCOMPARE(readingOf(*loaded), kContents);
        base::Bytes cut = asPng(picture);
        cut.resize(cut.size() / 2);
        QVERIFY(!hal::decodePng(cut));
        QVERIFY(!hal::decodePng(pngHeader(19'000, 19'000)));
    }
};

QTEST_APPLESS_MAIN(PictureTest)
#include "picture_test.moc"
