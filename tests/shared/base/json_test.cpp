#include "shared/base/json.h"

#include <QtTest/QtTest>

using namespace voelgoed::base;

class JsonTest : public QObject
{
    Q_OBJECT

private slots:
    void readsAndWritesOrdinaryText()
    {
        const std::string text = R"({"b":1,"a":[true,null,-2.5E0,"ü\n"],"big":9007199254740993})";
        const auto json = parseJson("  " + text + "\n");
        QVERIFY(json);
        QCOMPARE(toText(*json), text);
    }

    void refusesWhatTwoReadersCouldReadDifferently_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("place");
        const auto row = [](const char *name, QByteArray text, QByteArray place) {
            QTest::newRow(name) << std::move(text) << std::move(place);
        };
        row("nothing", "", "line 1, column 1");
        row("repeated key", "{\n\"a\":1,\n\"a\":2}", "line 3");
        row("repeated key inside", R"({"x":[{"k":1,"k":1}]})", "twice");
        row("more after it", "{} {}", "something follows");
        row("garbage after it", "[1]x", "something follows");
        row("too large a number", "[1e400]", "line 1");
        row("NaN", "[NaN]", "line 1, column 2");
        row("minus infinity", "[-Infinity]", "line 1");
        row("a comment", "[1/*x*/]", "line 1");
        row("a comma too many", "[1,]", "line 1");
        row("single quotes", "{'a':1}", "line 1");
        row("cut off", R"({"a":[1,2)", "line 1");
        row("not UTF-8", QByteArray("[\"\xff\"]"), "line 1");
        row("an overlong form", QByteArray("[\"\xc0\xaf\"]"), "line 1");
        row("half a surrogate pair", R"(["\ud800"])", "line 1");
        row("a raw control character", QByteArray("[\"\x01\"]"), "line 1");
        row("BOM", QByteArray("\xef\xbb\xbf{}"), "line 1, column 1");
    }
    void refusesWhatTwoReadersCouldReadDifferently()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, place);
        const auto json = parseJson(std::string_view(text.constData(), static_cast<std::size_t>(text.size())));
        QVERIFY(!json);
        QVERIFY2(json.error().message.find(place.toStdString()) != std::string::npos, json.error().message.c_str());
    }

    void holdsItsLimits()
    {
        QVERIFY(!parseJson(std::string(100'000, '[')));
        std::string deep = std::string(60, '[') + std::string(60, ']');
        QVERIFY(parseJson(deep));
        deep = std::string(70, '[') + std::string(70, ']');
        QVERIFY(!parseJson(deep));
        QVERIFY(parseJson("[1,2,3]", {.bytes = 10, .depth = 4, .values = 4}));
        QVERIFY(!parseJson("[1,2,3]", {.bytes = 10, .depth = 4, .values = 3}));
        QVERIFY(!parseJson("[1,2,3]", {.bytes = 6, .depth = 4, .values = 4}));
    }

    void keepsNumbersAsTheyAre()
    {
        const auto json = parseJson("[9007199254740993, -0.0, 18446744073709551615]");
        QVERIFY(json);
        QCOMPARE(json->at(0).as_int64(), std::int64_t{9007199254740993});
        QCOMPARE(json->at(2).as_uint64(), std::uint64_t{18446744073709551615U});
    }
};

QTEST_APPLESS_MAIN(JsonTest)
#include "json_test.moc"
