#include "shared/ticket/typed.h"

#include "shared/base/bytes.h"
#include "shared/ticket/foreign.h"

#include <QtTest/QtTest>

#include <set>

using namespace voelgoed;
using namespace voelgoed::ticket;

class TypedTest : public QObject
{
    Q_OBJECT

private slots:
    void whatPeopleTypeIsUnderstood_data()
    {
        QTest::addColumn<QByteArray>("input");
        QTest::newRow("canonical") << QByteArray("7K3M9QTX2B101");
        QTest::newRow("as printed") << QByteArray("7K3M-9QTX-2B101");
        QTest::newRow("lower case") << QByteArray("7k3m9qtx2b101");
        QTest::newRow("letters for digits") << QByteArray("7k3m 9qtx 2bioL");
        QTest::newRow("the other letters for digits") << QByteArray("7K3M9QTX2BlOI");
        QTest::newRow("blanks and hyphens anywhere") << QByteArray(" -7-K 3M9QTX2B1-01 ");
    }
    void whatPeopleTypeIsUnderstood()
    {
        QFETCH(QByteArray, input);
        const auto code = parseTyped(input.toStdString());
        QVERIFY(code);
        QCOMPARE(code->text, std::string("7K3M9QTX2B101"));
        QCOMPARE(grouped(*code), std::string("7K3M-9QTX-2B101"));
    }

    void anythingElseIsRefused_data()
    {
        QTest::addColumn<QByteArray>("input");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("only hyphens") << QByteArray("---");
        QTest::newRow("12 characters") << QByteArray("7K3M9QTX2B10");
        QTest::newRow("14 characters") << QByteArray("7K3M9QTX2B1011");
        QTest::newRow("U is in no code") << QByteArray("7K3M9QTX2B10U");
        QTest::newRow("NUL") << QByteArray("7K3M9QTX2B10\0", 13);
        QTest::newRow("full-width") << QByteArray("7K3M9QTX2B\xef\xbc\x91");
        QTest::newRow("padded without end") << QByteArray(10'000, ' ') + "7K3M9QTX2B101";
    }
    void anythingElseIsRefused()
    {
        QFETCH(QByteArray, input);
        QVERIFY(!parseTyped(input.toStdString()));
    }

    void madeCodesComeBackAndDiffer()
    {
        base::SeededRandom random(5);
        std::set<std::string> seen;
        std::set<char> characters;
        for (int i = 0; i < 1000; ++i) {
            const TypedCode code = makeTyped(random);
            QCOMPARE(parseTyped(grouped(code))->text, code.text);
            seen.insert(code.text);
            characters.insert(code.text.begin(), code.text.end());
        }
        QCOMPARE(seen.size(), std::size_t(1000));
        QCOMPARE(characters.size(), std::size_t(32));
    }

    void theHashIsNoForeignCodes()
    {
        const TypedCode code{"7K3M9QTX2BDFW"};
        QCOMPARE(base::toHex(typedHash(code)), std::string("c6058d371f8f4eebc50721c176ea812a"));
        QVERIFY(typedHash(code) != foreignHash(code.text));
        const auto cleaned = cleanForeign(std::string("\0typed:", 7) + code.text, AimMarker::NotSent);
        QVERIFY(typedHash(code) != foreignHash(*cleaned));
    }
};

QTEST_APPLESS_MAIN(TypedTest)
#include "typed_test.moc"
