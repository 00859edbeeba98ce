#include "shared/ticket/t1.h"

#include "tests/shared/ticket/sample_ring.h"

#include "shared/base/random.h"

#include <QtTest/QtTest>

#include <qrencode.h>

#include <memory>

using namespace voelgoed;
using namespace voelgoed::ticket;

namespace {

/// Width in modules of the smallest QR code at level M, in one segment of that mode.
int widthOf(const std::string &text, QRencodeMode mode)
{
    const std::unique_ptr<QRinput, decltype(&QRinput_free)> input(QRinput_new2(0, QR_ECLEVEL_M), &QRinput_free);
    const auto *bytes = reinterpret_cast<const unsigned char *>(text.data());
    if (QRinput_append(input.get(), mode, static_cast<int>(text.size()), bytes) != 0)
        return 0;
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(QRcode_encodeInput(input.get()), &QRcode_free);
    return code ? code->width : 0;
}

} // namespace

class QrSizeTest : public QObject
{
    Q_OBJECT

private slots:
    void everyCodeFitsThirtySevenModules()
    {
        base::SeededRandom random(7);
        for (int i = 0; i < 20; ++i) {
            T1Code code;
            random.fill(code.bytes);
            QCOMPARE(widthOf(printT1(code), QR_MODE_AN), 37);
            code.form = T1Form::Decimal;
            QCOMPARE(widthOf(printT1(code), QR_MODE_NUM), 37);
        }
    }

    void theRotatingPartTakesOneSizeMore()
    {
        const std::string text = sample::kGoldenRotating + std::string("179647200052741650");
        QCOMPARE(widthOf(text, QR_MODE_AN), 41);
    }

    void oneCharacterMoreWouldNotFit() { QCOMPARE(widthOf(sample::kGolden + std::string("0"), QR_MODE_AN), 41); }
};

QTEST_APPLESS_MAIN(QrSizeTest)
#include "qr_size_test.moc"
