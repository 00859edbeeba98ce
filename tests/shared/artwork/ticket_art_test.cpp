#include "shared/artwork/ticket_art.h"

#include "tests/shared/artwork/pictures.h"
#include "tests/shared/ticket/sample_ring.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::artwork;

/// Fontconfig keeps its caches to the end of the program, where the leak sanitizer takes them for leaks.
extern "C" const char *__lsan_default_suppressions()
{
    return "leak:libfontconfig\n";
}

namespace {

TicketArt sampleArt()
{
    return {.event = "Summer Evening Concert in the Botanical Garden",
            .lines = {"Saturday 5 December 2026, 14:00", "Doors open 13:00", "North Lawn"},
            .type = "Adult",
            .seat = "Row C, Seat 14",
            .holder = "Guest 0001",
            .code = ticket::sample::kGolden,
            .typed = "7K3M-9QTX-2BDFW"};
}

} // namespace

class TicketArtTest : public QObject
{
    Q_OBJECT

private slots:
    void theCodeReadsBack_data()
    {
        QTest::addColumn<QByteArray>("code");
        QTest::newRow("T1 in base45") << QByteArray(ticket::sample::kGolden);
        QTest::newRow("T1 in decimal") << QByteArray(ticket::sample::kGoldenDecimal);
        QTest::newRow("T1 with a rotating part") << QByteArray(ticket::sample::kGoldenRotating) + "179647200052741650";
        QTest::newRow("short foreign code, mixed case") << QByteArray("al4R5");
        QTest::newRow("one digit") << QByteArray("7");
        QTest::newRow("URL") << QByteArray("https://example.org/t/1?x=%20");
        QTest::newRow("bytes that are no text") << QByteArray("\x00\x01\xfe\xff\x80 A", 7);
        QTest::newRow("512 bytes") << QByteArray(512, 'x');
    }
    void theCodeReadsBack()
    {
        QFETCH(QByteArray, code);
        TicketArt art = sampleArt();
        art.code = code.toStdString();
        const auto png = drawPng(art);
        QVERIFY(png);
        QCOMPARE(QByteArray::fromStdString(pictures::codeIn(pictures::fromPng(*png))), code);
        const auto pdf = drawPdf({&art, 1});
        QVERIFY(pdf);
        const auto pages = pictures::fromPdf(*pdf);
        QCOMPARE(pages.size(), std::size_t(1));
        QCOMPARE(QByteArray::fromStdString(pictures::codeIn(pages.front())), code);
    }

    void eachPageHoldsItsOwnTicket()
    {
        std::vector<TicketArt> tickets(5, sampleArt());
        for (std::size_t i = 0; i < tickets.size(); ++i)
            tickets[i].code = "CODE-" + std::to_string(i);
        const auto pdf = drawPdf(tickets);
        QVERIFY(pdf);
        const auto pages = pictures::fromPdf(*pdf);
        QCOMPARE(pages.size(), tickets.size());
        for (std::size_t i = 0; i < pages.size(); ++i)
            QCOMPARE(pictures::codeIn(pages[i]), tickets[i].code);
    }

    void theCodeIsBlackOnWhiteWithFourModulesAround()
    {
        const auto grey = pictures::fromPng(*drawPng(sampleArt()));
        const auto corners = pictures::read(grey).position();
        // ZXing's corners may lie a pixel inside; the code begins at the first dark pixel.
        int left = corners.topLeft().x;
        int top = corners.topLeft().y;
        while (grey.at(left - 1, top + 20) == 0)
            --left;
        while (grey.at(left + 20, top - 1) == 0)
            --top;
        int edge = left;
        while (grey.at(edge, top) == 0)
            ++edge;
        const int module = (edge - left) / 7; // a finder pattern is seven modules wide
        QVERIFY2(module >= 12, "large enough for a phone held far away");
        QCOMPARE((edge - left) % 7, 0);
        const int side = 37 * module;
        const int quiet = 4 * module;
        QVERIFY(grey.isWhite(left - quiet, top - quiet, left + side + quiet, top));
        QVERIFY(grey.isWhite(left - quiet, top + side, left + side + quiet, top + side + quiet));
        QVERIFY(grey.isWhite(left - quiet, top, left, top + side));
        QVERIFY(grey.isWhite(left + side, top, left + side + quiet, top + side));
        for (int y = top; y < top + side; ++y) {
            for (int x = left; x < left + side; ++x)
                QVERIFY(grey.at(x, y) == 0 || grey.at(x, y) == 255);
        }
    }

    void theSameArtGivesTheSameBytes()
    {
        const std::vector<TicketArt> tickets(3, sampleArt());
        const auto pdf = drawPdf(tickets);
        QCOMPARE(*drawPdf(tickets), *pdf);
        QCOMPARE(*drawPng(tickets[0]), *drawPng(tickets[0]));
        QVERIFY(QByteArray::fromStdString(std::string(base::textOf(*pdf))).indexOf("CreationDate") < 0);
    }

    /// The typed fallback and the margins look as they do on a plain ticket, and the code is read.
    void textsCannotBreakTheLayout_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("4 kB of one word") << QByteArray(4096, 'W');
        QTest::newRow("4 kB of words") << QByteArray("word ").repeated(820);
        QTest::newRow("lines") << QByteArray("a\nb\r\n").repeated(500);
        QTest::newRow("emoji") << QString::fromUtf8("🎫🎉👨‍👩‍👧‍👦").repeated(100).toUtf8();
        QTest::newRow("right to left") << QString::fromUtf8("حفلة موسيقية שלום ").repeated(100).toUtf8();
        QTest::newRow("direction overrides") << QByteArray("\xe2\x80\xae\xe2\x81\xa7 gnp.exe").repeated(100);
        QTest::newRow("a flood of combining marks") << "Z" + QByteArray("\xcc\x81\xcc\xa3").repeated(1000);
        QTest::newRow("control characters") << QByteArray("\0\x1b[2J\x03\x0f\x7f", 8).repeated(100);
        QTest::newRow("not UTF-8") << QByteArray("\xc0\xaf\xed\xa0\x80\xff").repeated(500);
        QTest::newRow("cut in the middle of a character") << QByteArray(4095, 'W') + "\xf0\x9f\x8e\xab";
        QTest::newRow("markup") << QByteArray("<span size='1000000'>&amp;</span>").repeated(50);
        QTest::newRow("stacked scripts") << QString::fromUtf8("ཧྐྵྨླྺྼྻྂ꧁꧂﷽").repeated(50).toUtf8();
    }
    void textsCannotBreakTheLayout()
    {
        QFETCH(QByteArray, text);
        const std::string hostile = text.toStdString();
        TicketArt art = sampleArt();
        art.event = art.type = art.seat = art.holder = hostile;
        art.lines.assign(10, hostile);
        const auto png = drawPng(art);
        QVERIFY(png);
        const auto grey = pictures::fromPng(*png);
        QCOMPARE(pictures::codeIn(grey), art.code);
        QVERIFY2(grey.isWhite(0, 18, 63, grey.height), "left margin");
        QVERIFY2(grey.isWhite(grey.width - 63, 18, grey.width, grey.height), "right margin");
        const auto plain = pictures::fromPng(*drawPng(sampleArt()));
        const auto bottom = static_cast<std::ptrdiff_t>(1094) * grey.width;
        QVERIFY2(std::equal(grey.pixels.begin() + bottom, grey.pixels.end(), plain.pixels.begin() + bottom),
                 "typed fallback");
        QVERIFY(drawPdf({&art, 1}));
    }

    void everyTextIsOnTheTicket()
    {
        const auto whole = pictures::fromPng(*drawPng(sampleArt()));
        const auto differs = [&](auto change) {
            TicketArt art = sampleArt();
            change(art);
            return !(pictures::fromPng(*drawPng(art)) == whole);
        };
        QVERIFY(differs([](TicketArt &art) { art.event = "Winter"; }));
        QVERIFY(differs([](TicketArt &art) { art.lines[2] = "South"; }));
        QVERIFY(differs([](TicketArt &art) { art.type = "Child"; }));
        QVERIFY(differs([](TicketArt &art) { art.seat = "Row D"; }));
        QVERIFY(differs([](TicketArt &art) { art.holder = "Guest 0002"; }));
        QVERIFY(differs([](TicketArt &art) { art.typed = "7K3M-9QTX-2BDFX"; }));
    }

    void whatCannotBePrintedIsRefused()
    {
        TicketArt art = sampleArt();
        art.code.clear();
        QVERIFY2(!drawPng(art), "no code");
        QVERIFY2(!drawPdf({&art, 1}), "no code");
        art.code.assign(513, 'A');
        QVERIFY2(!drawPng(art), "code too long");
        art = sampleArt();
        art.typed.assign(kTypedMax + 1, 'A');
        QVERIFY2(!drawPng(art), "fallback too long");
        art.typed = "é";
        QVERIFY2(!drawPng(art), "fallback that is not ASCII");
        QVERIFY2(!drawPdf({}), "no pages");
    }
};

QTEST_APPLESS_MAIN(TicketArtTest)
#include "ticket_art_test.moc"
