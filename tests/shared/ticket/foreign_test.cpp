#include "shared/ticket/foreign.h"

#include "tests/shared/ticket/sample_ring.h"

#include "shared/base/random.h"
#include "shared/ticket/typed.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::ticket;

class ForeignTest : public QObject
{
    Q_OBJECT

private slots:
    void whatReadersPutAroundACodeIsTakenOff_data()
    {
        QTest::addColumn<QByteArray>("read");
        QTest::addColumn<QByteArray>("kept");
        QTest::addColumn<QByteArray>("keptWithMarkers");
        const auto same = [](const char *name, const QByteArray &read, const QByteArray &clean) {
            QTest::newRow(name) << read << clean << clean;
        };
        same("plain", "ABC-7", "ABC-7");
        same("case is kept", "al4R5", "al4R5");
        same("blanks around", "  ABC 7  ", "ABC 7");
        same("line end", "ABC-7\r\n", "ABC-7");
        same("tab", "\tABC-7\t", "ABC-7");
        same("NUL inside", QByteArray("AB\0C", 4), "ABC");
        same("GS1 separator",
             "\x1d"
             "0101\x1d"
             "21",
             "010121");
        same("STX and ETX",
             "\x02"
             "ABC\x03",
             "ABC");
        same("escape sequence", "\x1b[31mABC", "[31mABC");
        same("DEL", "ABC\x7f", "ABC");
        same("ECI marker", "\\000026ABC-7", "ABC-7");
        same("two ECI markers, a blank between", "\\000026 \\000003ABC", "ABC");
        same("ECI marker in the middle", "AB\\000026C", "AB\\000026C");
        same("five digits are no ECI marker", "\\00002ABC", "\\00002ABC");
        same("a URL is text", "https://example.org/t/1?x=%20", "https://example.org/t/1?x=%20");
        same("markup is text", "<b>'); DROP TABLE--", "<b>'); DROP TABLE--");
        same("leading zeros", "000123", "000123");
        same("not UTF-8",
             "\xff\xfe"
             "A",
             "\xff\xfe"
             "A");
        same("a non-breaking blank is kept",
             "\xc2\xa0"
             "A",
             "\xc2\xa0"
             "A");
        QTest::newRow("AIM marker") << QByteArray("]Q1ABC") << QByteArray("]Q1ABC") << QByteArray("ABC");
        QTest::newRow("AIM marker, then ECI")
            << QByteArray("]Q2\\000026ABC") << QByteArray("]Q2\\000026ABC") << QByteArray("ABC");
        QTest::newRow("STX before an AIM marker")
            << QByteArray("\x02]C0ABC") << QByteArray("]C0ABC") << QByteArray("ABC");
        QTest::newRow("only one AIM marker is the reader's")
            << QByteArray("]C0]C0A") << QByteArray("]C0]C0A") << QByteArray("]C0A");
        same("a bracket that is no marker", "]-1ABC", "]-1ABC");
        same("a bracket at the end", "]A", "]A");
    }
    void whatReadersPutAroundACodeIsTakenOff()
    {
        QFETCH(QByteArray, read);
        QFETCH(QByteArray, kept);
        QFETCH(QByteArray, keptWithMarkers);
        const auto plain = cleanForeign(read.toStdString(), AimMarker::NotSent);
        QVERIFY(plain);
        QCOMPARE(QByteArray::fromStdString(*plain), kept);
        const auto marked = cleanForeign(read.toStdString(), AimMarker::Sent);
        QVERIFY(marked);
        QCOMPARE(QByteArray::fromStdString(*marked), keptWithMarkers);
    }

    void whatIsEmptyOrTooLongIsNoCode_data()
    {
        QTest::addColumn<QByteArray>("read");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("only a terminator") << QByteArray("\r\n");
        QTest::newRow("only blanks") << QByteArray("   ");
        QTest::newRow("only control characters") << QByteArray("\0\x1b\x7f", 3);
        QTest::newRow("only markers") << QByteArray("]Q1\\000026");
        QTest::newRow("513 bytes") << QByteArray(513, 'A');
        QTest::newRow("the greatest QR code") << QByteArray(7089, '1');
    }
    void whatIsEmptyOrTooLongIsNoCode()
    {
        QFETCH(QByteArray, read);
        QVERIFY(!cleanForeign(read.toStdString(), AimMarker::Sent));
    }

    void theLongestCodeIsTaken()
    {
        QCOMPARE(cleanForeign(std::string(512, 'A'), AimMarker::NotSent)->size(), kForeignMax);
    }

    void signedCodesPassUnchanged()
    {
        const std::string rotating = sample::kGoldenRotating + std::string("179647200052741650");
        for (const std::string &text : {std::string(sample::kGolden), std::string(sample::kGoldenDecimal), rotating}) {
            QCOMPARE(*cleanForeign(text, AimMarker::NotSent), text);
            QCOMPARE(*cleanForeign("]Q1" + text + "\r\n", AimMarker::Sent), text);
        }
    }

    void cleaningTwiceChangesNothing()
    {
        const std::string_view pieces[] = {" ", "\\", "000026", "]", "Q1", "A", "\x1d", "\\000003", "\xc2\xa0"};
        base::SeededRandom random(4);
        for (int i = 0; i < 5000; ++i) {
            std::string read;
            for (std::uint64_t count = random.below(12); count > 0; --count)
                read += pieces[random.below(std::size(pieces))];
            const auto once = cleanForeign(read, AimMarker::NotSent);
            if (!once)
                continue;
            const auto twice = cleanForeign(*once, AimMarker::NotSent);
            QVERIFY(twice);
            QCOMPARE(*twice, *once);
        }
    }

    void hashesAreSixteenBytesOfSha256()
    {
        QCOMPARE(base::toHex(foreignHash("ABC-7")), std::string("c1f50241b2be18a9a77c62afb6a727ee"));
        QVERIFY(foreignHash("ABC-7") != foreignHash("abc-7"));
    }
};

QTEST_APPLESS_MAIN(ForeignTest)
#include "foreign_test.moc"
