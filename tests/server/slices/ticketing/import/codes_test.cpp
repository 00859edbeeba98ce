#include "server/slices/ticketing/import/clean.h"
#include "server/slices/ticketing/import/code_book.h"
#include "server/slices/ticketing/import/code_text.h"
#include "server/slices/ticketing/import/header_words.h"
#include "server/slices/ticketing/import/status_words.h"
#include "server/slices/ticketing/import/systems.h"

#include "shared/ticket/foreign.h"

#include <QtTest/QtTest>

#include <set>

using namespace voelgoed;
using namespace voelgoed::ticketing::import;

class CodesTest : public QObject
{
    Q_OBJECT

private slots:
    void twoCodesWithOneHashAreToldFromOneCodeTwice()
    {
        CodeBook book;
        const domain::CodeHash one{std::byte{1}};
        const domain::CodeHash two{std::byte{2}};
        QVERIFY(!book.firstWith(one, 0));
        QVERIFY(!book.firstWith(two, 1));
        QCOMPARE(book.firstWith(one, 2), std::optional<std::size_t>(0));
        QCOMPARE(meetingOf({.code = "A", .row = "A,1"}, {.code = "A", .row = "A,1"}), Meeting::SameRow);
        QCOMPARE(meetingOf({.code = "A", .row = "A,1"}, {.code = "A", .row = "A,2"}), Meeting::SameCode);
        QCOMPARE(meetingOf({.code = "A", .row = "A,1"}, {.code = "B", .row = "B,1"}), Meeting::HashClash);
    }

    void codesInsideUrlsAreTakenOutForLuma_data()
    {
        QTest::addColumn<QString>("url");
        QTest::addColumn<QString>("code"); // empty: none
        QTest::newRow("pk") << "https://lu.ma/check-in/evt-Example?pk=g-Exam1"
                            << "g-Exam1";
        QTest::newRow("pk among others") << "https://luma.com/check-in/evt-E?a=b&pk=g-Exam1&c=d"
                                         << "g-Exam1";
        QTest::newRow("pk before a fragment") << "https://lu.ma/check-in/evt-E?pk=g-Exam1#x"
                                              << "g-Exam1";
        QTest::newRow("another parameter that ends alike") << "https://lu.ma/g-Exam1?xpk=no"
                                                           << "g-Exam1";
        QTest::newRow("the last piece of the path") << "http://lu.ma/a/g-Exam1"
                                                    << "g-Exam1";
        QTest::newRow("only a host") << "https://lu.ma"
                                     << "";
        QTest::newRow("a host and a slash") << "https://lu.ma/"
                                            << "";
        QTest::newRow("an empty pk") << "https://lu.ma/?pk="
                                     << "";
        QTest::newRow("no URL") << "g-Exam1"
                                << "g-Exam1";
    }
    void codesInsideUrlsAreTakenOutForLuma()
    {
        QFETCH(QString, url);
        QFETCH(QString, code);
        const CodeText read = readCode(url.toStdString(), {.system = System::Luma, .urls = UrlCodes::AsKnown});
        if (code.isEmpty())
            QCOMPARE(read.problem, std::optional(FindingKind::UrlWithoutCode));
        else
            QCOMPARE(QString::fromStdString(read.code), code);
        const CodeText whole = readCode(url.toStdString(), {.system = System::Luma, .urls = UrlCodes::Whole});
        QCOMPARE(QString::fromStdString(whole.code), url);
    }

    void whatAGateWouldReadIsWhatIsKept()
    {
        for (const char *const cell : {"AB", " AB ", "\u00a0AB", "A\tB", "\t-AB", "\\000026AB", "A B", "é\u200bA"}) {
            const CodeText read = readCode(cell, {});
            QVERIFY(!read.problem);
            const auto cleaned = ticket::cleanForeign(read.code, ticket::AimMarker::NotSent);
            QVERIFY(cleaned);
            QCOMPARE(QString::fromStdString(*cleaned), QString::fromStdString(read.code));
        }
    }

    void headersAreComparedWithoutCaseAccentsAndOddBlanks_data()
    {
        QTest::addColumn<QString>("header");
        QTest::addColumn<QString>("plain");
        QTest::newRow("case") << "E-Mail"
                              << "e-mail";
        QTest::newRow("accents") << "Código Número Ärger Straße"
                                 << "codigo numero arger strasse";
        QTest::newRow("accents that stand alone") << "Co\u0301digo"
                                                  << "codigo";
        QTest::newRow("blanks") << "\u00a0 First \t Name  "
                                << "first name";
        QTest::newRow("underscores") << "first_name_"
                                     << "first name";
        QTest::newRow("zero width") << "\ufeffName\u200b"
                                    << "name";
        QTest::newRow("signs stay") << "Order #"
                                    << "order #";
        QTest::newRow("letters beyond Latin stay") << "Имя"
                                                   << "Имя";
        QTest::newRow("a line end") << "First\r\nName"
                                    << "first name";
    }
    void headersAreComparedWithoutCaseAccentsAndOddBlanks()
    {
        QFETCH(QString, header);
        QFETCH(QString, plain);
        QCOMPARE(QString::fromStdString(folded(header.toStdString())), plain);
    }

    void yesAndNoAreReadAsTheyAreMeant()
    {
        for (const char *const yes : {"true", "yes", "ja", "oui", "sim", "1", "2", "2026-12-05 18:00", "void", "x"})
            QCOMPARE(saysYes(yes), std::optional(true));
        for (const char *const no : {"", "false", "0", "no", "nee", "nein", "nao", "-", "null"})
            QCOMPARE(saysYes(no), std::optional(false));
        QCOMPARE(saysYes("perhaps"), std::optional<bool>());
    }

    void whatIsKnownOfSystemsIsFolded()
    {
        std::set<std::string_view> words;
        for (const KnownSystem &system : knownSystems()) {
            for (const std::string_view mark : system.marks)
                QCOMPARE(folded(mark), std::string(mark));
            for (const KnownColumn &column : system.columns)
                QCOMPARE(folded(column.header), std::string(column.header));
            const bool hasCode = std::any_of(system.columns.begin(), system.columns.end(),
                                             [](const KnownColumn &column) { return column.role == Role::Code; });
            const bool codeIsAMark = std::any_of(system.columns.begin(), system.columns.end(), [&](const auto &column) {
                return column.role == Role::Code &&
                       std::find(system.marks.begin(), system.marks.end(), column.header) != system.marks.end();
            });
            // A file that may lack its code says what to do then.
            QVERIFY2((hasCode && codeIsAMark) || (!system.noCode.empty() && !system.advice.empty()),
                     system.title.data());
        }
    }

    void findingsHaveWordsOfTheirOwn()
    {
        std::set<std::string_view> words;
        for (std::size_t i = 0; i <= static_cast<std::size_t>(kLastFindingKind); ++i) {
            const auto kind = static_cast<FindingKind>(i);
            QVERIFY(words.insert(wordOf(kind)).second);
            QVERIFY(!adviceOn(kind).empty());
        }
    }
};

QTEST_APPLESS_MAIN(CodesTest)
#include "codes_test.moc"
