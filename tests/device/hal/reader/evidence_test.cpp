#include "device/hal/reader/evidence.h"

#include "tests/support/code_pictures.h"

#include <QtTest/QtTest>
#include <zint.h>

using namespace voelgoed;
using namespace voelgoed::hal;

namespace {

constexpr double kThin = 4;

struct Box
{
    float x, y, width, height;
};

ReadCode reading(Symbology symbology, const std::string &text, const Box &box)
{
    const auto bytes = base::bytesOf(text);
    return {.symbology = symbology,
            .content = base::Bytes(bytes.begin(), bytes.end()),
            .text = text,
            .corners = {Point{box.x, box.y},
                        {box.x + box.width, box.y},
                        {box.x + box.width, box.y + box.height},
                        {box.x, box.y + box.height}}};
}

QString settled(Evidence &evidence, Evidence::Moment moment = Evidence::Moment::AtTheEnd, bool whole = true)
{
    QStringList texts;
    for (const ReadCode &code : evidence.settle(moment, [&](const ReadCode &) { return whole; }))
        texts << QString::fromStdString(code.text);
    texts.sort();
    return texts.join("|");
}

void addTimes(Evidence &evidence, int times, const ReadCode &code, Weight weight = Weight::Changed)
{
    for (int i = 0; i < times; ++i)
        QVERIFY(!evidence.add(code, weight));
}

constexpr Box kPlace{10, 10, 200, 60};
constexpr Box kBelow{10, 75, 200, 60};

} // namespace

class EvidenceTest : public QObject
{
    Q_OBJECT

private slots:
    void codesThatStandCloseToEachOtherAreAllBelieved()
    {
        Evidence evidence(kThin);
        addTimes(evidence, 1, reading(Symbology::Code128, "above", kPlace), Weight::Plain);
        addTimes(evidence, 5, reading(Symbology::Code128, "below", kBelow), Weight::Plain);
        QCOMPARE(settled(evidence), "above|below");

        QVERIFY(evidence.add(reading(Symbology::QRCode, "square", {10, 150, 80, 80}), Weight::Plain));
        QVERIFY(evidence.add(reading(Symbology::PDF417, "wide", {100, 150, 400, 80}), Weight::Changed));
    }

    void ofReadingsThatContradictEachOtherOneNeedsAClearMajority()
    {
        Evidence evidence(kThin);
        const ReadCode one = reading(Symbology::EAN13, "9780441014989", kPlace),
                       other = reading(Symbology::EAN13, "5780407014989", {10, 30, 200, 10});
        addTimes(evidence, 1, one, Weight::Plain);
        addTimes(evidence, 1, other, Weight::Plain);
        QCOMPARE(settled(evidence), "");
        addTimes(evidence, 3, one);
        QCOMPARE(settled(evidence), "9780441014989");
        addTimes(evidence, 50, other);
        QCOMPARE(settled(evidence), "");
    }

    void whatAFewLinesReadCountsHalf()
    {
        Evidence evidence(kThin);
        const ReadCode thin = reading(Symbology::EAN13, "5780407014989", {10, 30, 200, 1});
        addTimes(evidence, 2, thin, Weight::Plain);
        addTimes(evidence, 3, thin);
        QCOMPARE(settled(evidence), "");
        addTimes(evidence, 1, thin);
        QCOMPARE(settled(evidence), "5780407014989");
    }

    void aUpcCodeIsNoContradictionToItselfAsEan()
    {
        Evidence evidence(kThin);
        addTimes(evidence, 1, reading(Symbology::UPCA, "036000291452", kPlace), Weight::Plain);
        addTimes(evidence, 1, reading(Symbology::EAN13, "0036000291452", kPlace), Weight::Plain);
        QCOMPARE(settled(evidence), "0036000291452|036000291452");
    }

    void whatThePictureAsItIsShowsIsNotAskedWhetherItIsWhole()
    {
        Evidence evidence(kThin);
        addTimes(evidence, 9, reading(Symbology::ITF, "00112233", kPlace));
        addTimes(evidence, 1, reading(Symbology::ITF, "00112233", kPlace), Weight::Agreed);
        addTimes(evidence, 1, reading(Symbology::ITF, "445566778899", kBelow), Weight::Plain);
        QCOMPARE(settled(evidence, Evidence::Moment::AtTheEnd, false), "445566778899");
        QCOMPARE(settled(evidence), "00112233");
    }

    void aPartOfALongerCodeIsNotBelieved()
    {
        Evidence evidence(kThin);
        addTimes(evidence, 2, reading(Symbology::ITF, "00112233", kPlace), Weight::Plain);
        addTimes(evidence, 3, reading(Symbology::ITF, "0011223344", kPlace));
        QCOMPARE(settled(evidence), "0011223344");
    }

    void oneChangedPictureIsNotEnoughForAMatrixCodeWithLittleRedundancy()
    {
        for (const Symbology kind : {Symbology::Aztec, Symbology::MicroQRCode}) {
            Evidence evidence(kThin);
            QVERIFY(!evidence.add(reading(kind, "damaged", {10, 10, 100, 100}), Weight::Changed));
            QVERIFY(evidence.add(reading(kind, "ORD-99821", {10, 10, 100, 100}), Weight::Plain));
        }
    }

    void linesOfAMatrixCodeAreNoLinearCode()
    {
        Evidence evidence(kThin);
        QVERIFY(evidence.add(reading(Symbology::Aztec, "ticket", {10, 10, 100, 100}), Weight::Plain));
        addTimes(evidence, 9, reading(Symbology::ITF, "010101", {20, 20, 70, 20}), Weight::Plain);
        QCOMPARE(settled(evidence), "");
    }

    void footprintsKnowWhatTheyShare()
    {
        const auto footprint = [](const Box &box) { return Footprint(reading(Symbology::ITF, "1", box)); };
        QCOMPARE(footprint(kPlace).sharedWith(footprint(kBelow)), 0.0);
        QCOMPARE(footprint(kPlace).sharedWith(footprint(kPlace)), 1.0);
        QCOMPARE(footprint({0, 0, 100, 40}).sharedWith(footprint({50, 0, 100, 40})), 0.5);
        // A line in a code is in it, also when it has no area.
        QVERIFY(footprint(kPlace).sharedWith(footprint({30, 40, 100, 0})) > 0.99);
    }

    void barsAreTheSameInAllTheirLines()
    {
        const auto inCommon = [](int kind, const std::string &contents) {
            const cv::Mat picture = support::withoutQuietZone(support::drawCode(kind, contents));
            return barsInCommon({.pixels = support::noisy(picture, 20)},
                                reading(Symbology::ITF, "",
                                        {0, 0, static_cast<float>(picture.cols), static_cast<float>(picture.rows)}));
        };
        QVERIFY(inCommon(BARCODE_C25INTER, "00112233") > 0.8);
        QVERIFY(inCommon(BARCODE_AZTEC, "Aztec ticket 0123456789") < 0.25);
        QVERIFY(inCommon(BARCODE_QRCODE, "QR ticket 0123456789") < 0.25);
    }
};

QTEST_APPLESS_MAIN(EvidenceTest)
#include "evidence_test.moc"
