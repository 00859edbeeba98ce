#include "device/core/hal/framer.h"

#include "shared/base/random.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::hal;

namespace {

base::ByteView bytesOf(const QByteArray &text)
{
    return base::bytesOf({text.constData(), static_cast<std::size_t>(text.size())});
}

QByteArrayList textsOf(const std::vector<CodeRead> &codes)
{
    QByteArrayList texts;
    for (const CodeRead &code : codes) {
        const std::string_view text = base::textOf(code.code);
        texts << QByteArray(text.data(), static_cast<qsizetype>(text.size()));
    }
    return texts;
}

} // namespace

/// Bytes become codes.
class FramerTest : public QObject
{
    Q_OBJECT

private slots:
    void aStreamIsCutAtLineEnds_data()
    {
        QTest::addColumn<QByteArray>("stream");
        QTest::addColumn<QByteArrayList>("codes");
        QTest::addColumn<QByteArrayList>("atTheEnd");
        const QByteArrayList none;
        QTest::newRow("nothing") << QByteArray() << none << none;
        QTest::newRow("LF") << QByteArray("a\nb\n") << QByteArrayList{"a", "b"} << none;
        QTest::newRow("CR") << QByteArray("a\rb\r") << QByteArrayList{"a", "b"} << none;
        QTest::newRow("CR LF") << QByteArray("a\r\nb\r\n") << QByteArrayList{"a", "b"} << none;
        QTest::newRow("LF CR") << QByteArray("a\n\rb\n\r") << QByteArrayList{"a", "b"} << none;
        QTest::newRow("mixed") << QByteArray("a\rb\nc\r\nd") << QByteArrayList{"a", "b", "c"} << QByteArrayList{"d"};
        QTest::newRow("line ends alone") << QByteArray("\r\n\n\r\r\n\n") << none << none;
        QTest::newRow("no line end") << QByteArray("abc") << none << QByteArrayList{"abc"};
        QTest::newRow("blanks are kept") << QByteArray(" a \n\t\n  \n") << QByteArrayList{" a ", "\t", "  "} << none;
        QTest::newRow("NUL is a byte") << QByteArray("\0\na\0b\n", 6)
                                       << QByteArrayList{QByteArray(1, '\0'), QByteArray("a\0b", 3)} << none;
        QTest::newRow("other separators are none")
            << QByteArray("a\x1d\x1e\x0b\x0c\x03\x04b\xc2\x85\xe2\x80\xa8\n")
            << QByteArrayList{QByteArray("a\x1d\x1e\x0b\x0c\x03\x04b\xc2\x85\xe2\x80\xa8")} << none;
    }
    void aStreamIsCutAtLineEnds()
    {
        QFETCH(QByteArray, stream);
        QFETCH(QByteArrayList, codes);
        QFETCH(QByteArrayList, atTheEnd);
        Framer framer(domain::Medium::Line);
        QCOMPARE(textsOf(framer.feed(bytesOf(stream))), codes);
        QCOMPARE(framer.isPending(), !atTheEnd.isEmpty());
        QCOMPARE(textsOf(framer.finish()), atTheEnd);
        QVERIFY(!framer.isPending());
        QCOMPARE(textsOf(framer.finish()), QByteArrayList());
    }

    void howTheBytesCameMakesNoDifference()
    {
        base::SeededRandom random(11);
        for (int round = 0; round < 200; ++round) {
            QByteArray stream;
            for (std::uint64_t n = random.below(2'000); n > 0; --n)
                stream += "\n\rab\xff"[random.below(5)];
            Framer whole(domain::Medium::Line), pieces(domain::Medium::Line);
            std::vector<CodeRead> expected = whole.feed(bytesOf(stream)), got;
            for (CodeRead &code : whole.finish())
                expected.push_back(std::move(code));
            for (qsizetype at = 0; at < stream.size();) {
                const auto size = static_cast<qsizetype>(1 + random.below(40));
                for (CodeRead &code : pieces.feed(bytesOf(stream.mid(at, size))))
                    got.push_back(std::move(code));
                at += size;
            }
            for (CodeRead &code : pieces.finish())
                got.push_back(std::move(code));
            QVERIFY(got == expected);
        }
    }

    void aCodeThatIsTooLongIsHandedOverOnceAndCut_data()
    {
        QTest::addColumn<int>("size");
        QTest::addColumn<bool>("tooLong");
        QTest::newRow("one below the limit") << static_cast<int>(kCodeMax) - 1 << false;
        QTest::newRow("the limit") << static_cast<int>(kCodeMax) << false;
        QTest::newRow("one above the limit") << static_cast<int>(kCodeMax) + 1 << true;
        QTest::newRow("the greatest QR code") << 7'089 << true;
        QTest::newRow("a megabyte") << (1 << 20) << true;
    }
    void aCodeThatIsTooLongIsHandedOverOnceAndCut()
    {
        QFETCH(int, size);
        QFETCH(bool, tooLong);
        Framer framer(domain::Medium::Serial);
        std::vector<CodeRead> codes;
        for (int left = size; left > 0; left -= 1'000)
            QVERIFY2(framer.feed(bytesOf(QByteArray(std::min(left, 1'000), 'A'))).empty(), "before its end came");
        codes = framer.feed(bytesOf("\nnext\n"));
        QCOMPARE(codes.size(), std::size_t(2));
        QCOMPARE(codes[0].tooLong, tooLong);
        QCOMPARE(codes[0].code.size(), std::min(static_cast<std::size_t>(size), kCodeMax));
        QCOMPARE(codes[1].tooLong, false);
        QCOMPARE(textsOf({codes[1]}), QByteArrayList{"next"});
    }

    void silenceEndsACodeThatIsTooLongToo()
    {
        Framer framer(domain::Medium::Serial);
        framer.feed(bytesOf(QByteArray(2'000, 'A')));
        const auto codes = framer.finish();
        QCOMPARE(codes.size(), std::size_t(1));
        QVERIFY(codes[0].tooLong);
        const auto next = framer.feed(bytesOf("next\n"));
        QCOMPARE(next.size(), std::size_t(1));
        QVERIFY(!next[0].tooLong);
    }

    void codesSayHowTheyCame()
    {
        for (const domain::Medium medium : {domain::Medium::Line, domain::Medium::Serial}) {
            Framer framer(medium);
            QVERIFY(framer.feed(bytesOf("a\n"))[0].medium == medium);
            framer.feed(bytesOf("b"));
            QVERIFY(framer.finish()[0].medium == medium);
        }
    }
};

QTEST_APPLESS_MAIN(FramerTest)
#include "framer_test.moc"
