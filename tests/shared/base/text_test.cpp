#include "shared/base/bytes.h"
#include "shared/base/text.h"

#include <QtTest/QtTest>

using namespace voelgoed::base;

class TextTest : public QObject
{
    Q_OBJECT

private slots:
    void tellsUtf8FromOtherBytes_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<bool>("valid");
        QTest::newRow("ascii") << QByteArray("abc") << true;
        QTest::newRow("two bytes") << QByteArray("\xc3\xa9") << true;
        QTest::newRow("four bytes") << QByteArray("\xf0\x9f\x8e\xab") << true;
        QTest::newRow("overlong slash") << QByteArray("\xc0\xaf") << false;
        QTest::newRow("overlong three") << QByteArray("\xe0\x80\xaf") << false;
        QTest::newRow("surrogate") << QByteArray("\xed\xa0\x80") << false;
        QTest::newRow("above U+10FFFF") << QByteArray("\xf4\x90\x80\x80") << false;
        QTest::newRow("cut off") << QByteArray("\xe2\x82") << false;
        QTest::newRow("lonely tail") << QByteArray("\x80") << false;
    }
    void tellsUtf8FromOtherBytes()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(bool, valid);
        QCOMPARE(isUtf8(bytes.toStdString()), valid);
    }

    void takesTheSpellOffTexts_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("shown");
        QTest::newRow("plain") << QByteArray("Sipho Dlamini é") << QByteArray("Sipho Dlamini é");
        QTest::newRow("escape sequence") << QByteArray("\x1b[31mred") << QByteArray("\\u{1b}[31mred");
        QTest::newRow("nul") << QByteArray("a\0b", 3) << QByteArray("a\\u{0}b");
        QTest::newRow("right-to-left override") << QByteArray("a\xe2\x80\xae"
                                                              "b")
                                                << QByteArray("a\\u{202e}b");
        QTest::newRow("zero width") << QByteArray("a\xe2\x80\x8b"
                                                  "b")
                                    << QByteArray("a\\u{200b}b");
        QTest::newRow("not UTF-8") << QByteArray("a\xff"
                                                 "b")
                                   << QByteArray("a\\xffb");
        QTest::newRow("C1 control") << QByteArray("\xc2\x9b") << QByteArray("\\u{9b}");
    }
    void takesTheSpellOffTexts()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, shown);
        QCOMPARE(QByteArray::fromStdString(printable(text.toStdString())), shown);
    }

    void cutsLongTexts() { QVERIFY(printable(std::string(10'000, 'x')).size() < 130); }

    void cutsBetweenLetters_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("bytes");
        QTest::addColumn<QByteArray>("cut");
        QTest::newRow("shorter") << QByteArray("gé") << 9 << QByteArray("gé");
        QTest::newRow("just so long") << QByteArray("gé") << 3 << QByteArray("gé");
        QTest::newRow("in two bytes") << QByteArray("gé1") << 2 << QByteArray("g");
        QTest::newRow("behind them") << QByteArray("gé1") << 3 << QByteArray("gé");
        QTest::newRow("in three bytes") << QByteArray("a€b") << 3 << QByteArray("a");
        QTest::newRow("in four bytes") << QByteArray("a\xf0\x9f\x8e\xab") << 4 << QByteArray("a");
        QTest::newRow("nothing fits") << QByteArray("€") << 2 << QByteArray();
        QTest::newRow("to nothing") << QByteArray("abc") << 0 << QByteArray();
    }
    void cutsBetweenLetters()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, bytes);
        QFETCH(QByteArray, cut);
        QCOMPARE(QByteArray::fromStdString(std::string(cutTo(text.toStdString(), std::size_t(bytes)))), cut);
    }

    void base64HasOneSpelling()
    {
        for (const std::string text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
            const auto back = fromBase64(toBase64(bytesOf(text)));
            QVERIFY(back);
            QCOMPARE(std::string(textOf(*back)), text);
        }
        for (const char *bad : {"Zg", "Zg=", "Zh==", "Zm9=", "Zg==Zg==", "Z===", "====", "Zm 9", "Zm9v\n", "Zm-_"})
            QVERIFY2(!fromBase64(bad), bad);
    }

    void aShellTakesItForOneWord()
    {
        QCOMPARE(shellWord("/var/lib/gate-1"), std::string("/var/lib/gate-1"));
        QCOMPARE(shellWord("my gate"), std::string("'my gate'"));
        QCOMPARE(shellWord("it's"), std::string("'it'\\''s'"));
        QCOMPARE(shellWord("$(id)"), std::string("'$(id)'"));
        QCOMPARE(shellWord(""), std::string("''"));
    }

    void hexNamesThePosition()
    {
        QCOMPARE(toHex(*fromHex("00fFa5")), std::string("00ffa5"));
        const auto bad = fromHex("00x0");
        QVERIFY(!bad);
        QVERIFY(bad.error().message.find("character 3") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TextTest)
#include "text_test.moc"
