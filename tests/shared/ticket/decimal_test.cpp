#include "shared/ticket/decimal.h"

#include "shared/base/random.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::ticket;

namespace {

using Block = std::array<std::byte, kDecimalBytes>;

/// 2^640 - 1.
const std::string kGreatest =
    "4562440617622195218641171605700291324893228507248559930579192517899275167208677386505912811317371"
    "399778642309573594407310688704721375437998252661319722214188251994674360264950082874192246603775";

} // namespace

class DecimalTest : public QObject
{
    Q_OBJECT

private slots:
    void theEndsOfTheRange()
    {
        Block bytes{};
        QCOMPARE(toDecimal(bytes), std::string(193, '0'));
        bytes.back() = std::byte{1};
        QCOMPARE(toDecimal(bytes), std::string(192, '0') + "1");
        bytes.fill(std::byte{0xFF});
        QCOMPARE(toDecimal(bytes), kGreatest);
        QCOMPARE(std::get<Block>(fromDecimal(kGreatest)), bytes);
    }

    void refusesWhatSpellsNothing_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("problem");
        const int length = static_cast<int>(SpellingProblem::Length);
        const int character = static_cast<int>(SpellingProblem::Character);
        const int range = static_cast<int>(SpellingProblem::Range);
        QByteArray above = QByteArray::fromStdString(kGreatest);
        above.back() = '6';
        QTest::newRow("2^640") << above << range;
        QTest::newRow("all nines") << QByteArray(193, '9') << range;
        QTest::newRow("empty") << QByteArray() << length;
        QTest::newRow("192 digits") << QByteArray(192, '1') << length;
        QTest::newRow("194 digits") << QByteArray(194, '0') << length;
        QTest::newRow("a sign") << "-" + QByteArray(192, '0') << character;
        QTest::newRow("a blank") << " " + QByteArray(192, '0') << character;
        QTest::newRow("a letter at the end") << QByteArray(192, '0') + "A" << character;
        QTest::newRow("a full-width digit") << QByteArray(190, '0') + "\xef\xbc\x91" << character;
    }
    void refusesWhatSpellsNothing()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, problem);
        const auto spelled = fromDecimal(text.toStdString());
        QVERIFY(std::holds_alternative<SpellingProblem>(spelled));
        QCOMPARE(static_cast<int>(std::get<SpellingProblem>(spelled)), problem);
    }

    void whateverIsSpelledComesBack()
    {
        base::SeededRandom random(640);
        for (int i = 0; i < 2000; ++i) {
            Block bytes;
            random.fill(bytes);
            // Every length of number, so that each place of each limb is crossed.
            std::fill_n(bytes.begin(), i % kDecimalBytes, std::byte{0});
            const auto back = fromDecimal(toDecimal(bytes));
            QVERIFY(std::holds_alternative<Block>(back));
            QCOMPARE(std::get<Block>(back), bytes);
        }
    }
};

QTEST_APPLESS_MAIN(DecimalTest)
#include "decimal_test.moc"
