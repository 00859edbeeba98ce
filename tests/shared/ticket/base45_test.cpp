#include "shared/ticket/base45.h"

#include "shared/base/random.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::ticket;

class Base45Test : public QObject
{
    Q_OBJECT

private slots:
    /// RFC 9285, sections 4.3 and 4.4.
    void spellsTheStandardsExamples_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("AB") << QByteArray("AB") << QByteArray("BB8");
        QTest::newRow("Hello!!") << QByteArray("Hello!!") << QByteArray("%69 VD92EX0");
        QTest::newRow("base-45") << QByteArray("base-45") << QByteArray("UJCLQE7W581");
        QTest::newRow("ietf!") << QByteArray("ietf!") << QByteArray("QED8WEX0");
        QTest::newRow("empty") << QByteArray() << QByteArray();
        QTest::newRow("two of the highest") << QByteArray("\xff\xff") << QByteArray("FGW");
        QTest::newRow("one of the highest") << QByteArray("\xff") << QByteArray("U5");
    }
    void spellsTheStandardsExamples()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, text);
        QCOMPARE(QByteArray::fromStdString(toBase45(base::bytesOf(bytes.toStdString()))), text);
        const auto back = fromBase45(text.toStdString());
        QVERIFY(std::holds_alternative<base::Bytes>(back));
        QCOMPARE(base::textOf(std::get<base::Bytes>(back)), std::string_view(bytes.toStdString()));
    }

    void refusesWhatSpellsNothing_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("problem");
        const int length = static_cast<int>(SpellingProblem::Length);
        const int character = static_cast<int>(SpellingProblem::Character);
        const int range = static_cast<int>(SpellingProblem::Range);
        QTest::newRow("one character") << QByteArray("A") << length;
        QTest::newRow("four characters") << QByteArray("BB8A") << length;
        QTest::newRow("triple of 65,536") << QByteArray("GGW") << range;
        QTest::newRow("triple of 91,124, the greatest") << QByteArray(":::") << range;
        QTest::newRow("pair of 256") << QByteArray("V5") << range;
        QTest::newRow("good triple, pair of 256") << QByteArray("BB8V5") << range;
        QTest::newRow("lower case") << QByteArray("bb8") << character;
        QTest::newRow("not of the alphabet") << QByteArray("BB_") << character;
        QTest::newRow("NUL") << QByteArray("B\0"
                                           "8",
                                           3)
                             << character;
        QTest::newRow("UTF-8") << QByteArray("\xef\xbc\xa2") << character;
    }
    void refusesWhatSpellsNothing()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, problem);
        const auto spelled = fromBase45(text.toStdString());
        QVERIFY(std::holds_alternative<SpellingProblem>(spelled));
        QCOMPARE(static_cast<int>(std::get<SpellingProblem>(spelled)), problem);
    }

    /// All 91,125 triples: 65,536 of them spell two bytes, and each of those is the only spelling.
    void everyTripleSpellsTwoBytesOrNothing()
    {
        const std::string_view alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
        int taken = 0;
        for (const char a : alphabet) {
            for (const char b : alphabet) {
                for (const char c : alphabet) {
                    const std::string text{a, b, c};
                    const auto spelled = fromBase45(text);
                    const auto *bytes = std::get_if<base::Bytes>(&spelled);
                    if (bytes == nullptr)
                        continue;
                    ++taken;
                    if (toBase45(*bytes) != text)
                        QFAIL(text.c_str());
                }
            }
        }
        QCOMPARE(taken, 65'536);
    }

    void everyLengthComesBack()
    {
        base::SeededRandom random(45);
        for (std::size_t size = 0; size < 200; ++size) {
            base::Bytes bytes(size);
            random.fill(bytes);
            const auto back = fromBase45(toBase45(bytes));
            QVERIFY(std::holds_alternative<base::Bytes>(back));
            QCOMPARE(std::get<base::Bytes>(back), bytes);
        }
    }
};

QTEST_APPLESS_MAIN(Base45Test)
#include "base45_test.moc"
