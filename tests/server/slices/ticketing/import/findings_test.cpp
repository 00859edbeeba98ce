#include "server/slices/ticketing/import/read.h"

#include "server/slices/ticketing/import/report.h"
#include "tests/server/slices/ticketing/import/list_files.h"

#include "shared/ticket/foreign.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::ticketing::import;

namespace {

Outcome outcomeOf(const std::string &text, const ImportRequest &request = {})
{
    const auto outcome = readGuestList(text, request);
    base::ensure(bool(outcome), outcome ? "" : outcome.error().message.c_str());
    return *outcome;
}

QStringList codesOf(const Outcome &outcome)
{
    QStringList codes;
    for (const Guest &guest : outcome.list.guests)
        codes += QString::fromStdString(guest.code);
    return codes;
}

/// Enough ordinary rows that a column is seen for what it is.
std::string codesBeside(const std::string &rows)
{
    return "Code,Name\nVG-00001,Guest 1\nVG-00002,Guest 2\n" + rows;
}

void addRows(const std::initializer_list<std::tuple<const char *, std::string, QStringList, QStringList>> &rows)
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QStringList>("codes");
    QTest::addColumn<QStringList>("findings");
    for (const auto &[name, text, codes, findings] : rows)
        QTest::newRow(name) << QByteArray::fromStdString(text) << codes << findings;
}

void compareRow()
{
    QFETCH(QByteArray, text);
    QFETCH(QStringList, codes);
    QFETCH(QStringList, findings);
    const Outcome outcome = outcomeOf(text.toStdString());
    QCOMPARE(codesOf(outcome), codes);
    QCOMPARE(textsOf(outcome.list.findings), findings);
}

const QStringList kTwo{"VG-00001", "VG-00002"};

QStringList twoAnd(const QString &code)
{
    return QStringList(kTwo) << code;
}

} // namespace

class FindingsTest : public QObject
{
    Q_OBJECT

private slots:
    void whatStandsAroundACodeIsTakenOffAndPointedOut_data()
    {
        const auto one = [](const char *found) { return QStringList("line 4, column 1: " + QString(found)); };
        addRows({
            {"a TAB before -", codesBeside("\t-AB,Guest 3\n"), twoAnd("-AB"), one("formula_guard")},
            {"a TAB before =", codesBeside("\"\t=AB\",Guest 3\n"), twoAnd("=AB"), one("formula_guard")},
            {"a TAB before + and a blank before that", codesBeside(" \t+AB,Guest 3\n"), twoAnd("+AB"),
             one("formula_guard")},
            {"an apostrophe before @", codesBeside("'@AB,Guest 3\n"), twoAnd("@AB"), one("formula_guard")},
            {"an apostrophe before a letter stays", codesBeside("'AB,Guest 3\n"), twoAnd("'AB"), {}},
            {"a formula is a code",
             codesBeside("\"=HYPERLINK(\"\"x\"\")\",Guest 3\n"),
             twoAnd("=HYPERLINK(\"x\")"),
             {}},
            {"SQL is a code",
             codesBeside("'); DROP TABLE tickets;--,Guest 3\n"),
             twoAnd("'); DROP TABLE tickets;--"),
             {}},
            {"blanks around", codesBeside("  AB C  ,Guest 3\n"), twoAnd("AB C"), {}},
            {"non-breaking blanks around", codesBeside("\u00a0AB\u202f,Guest 3\n"), twoAnd("AB"),
             one("invisible_characters")},
            {"a zero-width blank inside", codesBeside("A\u200bB,Guest 3\n"), twoAnd("AB"), one("invisible_characters")},
            {"a change of direction", codesBeside("\u202eAB\u202c,Guest 3\n"), twoAnd("AB"),
             one("invisible_characters")},
            {"a non-breaking blank inside becomes one", codesBeside("A\u00a0B,Guest 3\n"), twoAnd("A B"),
             one("invisible_characters")},
            {"control characters", codesBeside("A\035B\003,Guest 3\n"), twoAnd("AB"), one("control_characters")},
            {"a line end inside", codesBeside("\"AB\r\nCD\",Guest 3\n"), twoAnd("ABCD"), one("control_characters")},
            {"an ECI marker", codesBeside("\\000026AB,Guest 3\n"), twoAnd("AB"), {}},
            {"short codes of mixed case", codesBeside("al4R5,Guest 3\n"), twoAnd("al4R5"), {}},
        });
    }
    void whatStandsAroundACodeIsTakenOffAndPointedOut() { compareRow(); }

    void codesThatNobodyCouldScanAreErrors_data()
    {
        const auto one = [](const char *found) { return QStringList("line 4, column 1: " + QString(found)); };
        addRows({
            {"empty", codesBeside(",Guest 3\n"), kTwo, one("no_code")},
            {"blanks of all kinds", codesBeside(" \u00a0\u200b,Guest 3\n"), kTwo, one("no_code")},
            {"scientific notation", codesBeside("2.382022E+13,Guest 3\n"), kTwo, one("scientific_notation")},
            {"scientific notation with a comma", codesBeside("\"2,38202E+13\",Guest 3\n"), kTwo,
             one("scientific_notation")},
            {"scientific notation without a point", codesBeside("2E+13,Guest 3\n"), kTwo, one("scientific_notation")},
            {"a number with decimals", codesBeside("23820220588971.0,Guest 3\n"), kTwo, one("decimal_code")},
            {"longer than a code is", codesBeside(std::string(513, 'x') + ",Guest 3\n"), kTwo, one("code_too_long")},
            {"our own code", codesBeside("17" + std::string(193, '1') + ",Guest 3\n"), kTwo, one("own_code")},
        });
    }
    void codesThatNobodyCouldScanAreErrors() { compareRow(); }

    void theLongestCodeIsTaken()
    {
        const std::string longest(ticket::kForeignMax, 'x');
        QCOMPARE(codesOf(outcomeOf(codesBeside(longest + ",Guest 3\n"))), twoAnd(QString::fromStdString(longest)));
    }

    void codesThatAreOddAreTakenAndPointedOut_data()
    {
        const auto one = [](const char *found) { return QStringList("line 4, column 1: " + QString(found)); };
        addRows({
            {"looks scientific", codesBeside("12E5,Guest 3\n"), twoAnd("12E5"), one("looks_scientific")},
            {"looks scientific, small", codesBeside("1e5,Guest 3\n"), twoAnd("1e5"), one("looks_scientific")},
            {"an exponent no spreadsheet takes", codesBeside("12E51234,Guest 3\n"), twoAnd("12E51234"), {}},
            {"hexadecimal", codesBeside("12E5A,Guest 3\n"), twoAnd("12E5A"), {}},
            {"a web address", codesBeside("https://example.org/t/AB?x=1,Guest 3\n"),
             twoAnd("https://example.org/t/AB?x=1"), one("code_is_url")},
            {"a version number", codesBeside("1.2.3,Guest 3\n"), twoAnd("1.2.3"), {}},
        });
    }
    void codesThatAreOddAreTakenAndPointedOut() { compareRow(); }

    void whatASpreadsheetDidToAllCodesIsSeen_data()
    {
        addRows({
            {"lost zeros",
             "Barcode,Name\n123456,A\n23456,B\n345678,C\n456789,D\n567890,E\n6789,F\n",
             {"123456", "23456", "345678", "456789", "567890", "6789"},
             {"line 3, column 1: lost_zeros", "line 7, column 1: lost_zeros"}},
            {"zeros are there",
             "Barcode,Name\n012345,A\n23456,B\n345678,C\n456789,D\n",
             {"012345", "23456", "345678", "456789"},
             {}},
            {"letters among them",
             "Barcode,Name\nA12345,A\n23456,B\n345678,C\n456789,D\n",
             {"A12345", "23456", "345678", "456789"},
             {}},
            {"counted numbers",
             "Barcode,Name\n9998,A\n9999,B\n10000,C\n10001,D\n10002,E\n",
             {"9998", "9999", "10000", "10001", "10002"},
             {}},
            {"lost digits",
             "Barcode,Name\n12345678901234500,A\n22345678901234600,B\n",
             {},
             {"line 2, column 1: lost_digits", "line 3, column 1: lost_digits"}},
            {"long numbers that end with zeros by chance",
             "Barcode,Name\n12345678901234500,A\n22345678901234601,B\n",
             {"12345678901234500", "22345678901234601"},
             {}},
            {"a lost sign",
             "Code,Name\n-AB1,A\n-CD2,B\n=EF3,C\nGH4,D\n+IJ5,E\n@KL6,F\n-MN7,G\n-OP8,H\n-QR9,I\n-ST0,J\n",
             {"-AB1", "-CD2", "=EF3", "GH4", "+IJ5", "@KL6", "-MN7", "-OP8", "-QR9", "-ST0"},
             {"line 5, column 1: lost_sign"}},
            {"counted codes",
             "Code,Name\nT-9,A\nT-10,B\nT-11,C\nT-12,D\nT-13,E\nT-14,F\nT-15,G\nT-16,H\nT-17,I\nT-18,J\n",
             {"T-9", "T-10", "T-11", "T-12", "T-13", "T-14", "T-15", "T-16", "T-17", "T-18"},
             {}},
        });
    }
    void whatASpreadsheetDidToAllCodesIsSeen() { compareRow(); }

    void rowsThatAreNoGuestsArePassedOver_data()
    {
        addRows({
            {"blank rows", codesBeside("\n,\n \u00a0,\t\nVG-00003,Guest 3\n"), twoAnd("VG-00003"), {}},
            {"the header once more",
             codesBeside("Code,Name\nVG-00003,Guest 3\n"),
             twoAnd("VG-00003"),
             {"line 4, column 1: repeated_header"}},
            {"a grand total", codesBeside("Grand Total,12\n"), kTwo, {"line 4, column 1: total_row"}},
            {"a total beside an empty code", codesBeside(",TOTAAL\n"), kTwo, {"line 4, column 1: total_row"}},
            {"the same row twice", codesBeside("VG-00002,Guest 2\n"), kTwo, {"line 4, column 1: same_row"}},
        });
    }
    void rowsThatAreNoGuestsArePassedOver() { compareRow(); }

    void aCodeOfTwoGuestsIsGoodForNeither()
    {
        const Outcome outcome = outcomeOf(codesBeside("VG-00001,Guest 3\nVG-00003,Guest 4\nVG-00001,Guest 5\n"));
        QCOMPARE(codesOf(outcome), QStringList({"VG-00002", "VG-00003"}));
        QCOMPARE(outcome.list.counts.badRows, std::size_t{3});
        const auto found = outcome.list.findings.ofKind(FindingKind::SameCode);
        QStringList sentences;
        for (const Finding &finding : found)
            sentences += QString::number(finding.place.line) + ": " + QString::fromStdString(finding.sentence);
        QCOMPARE(sentences,
                 QStringList({"2: line 4 has the same code `VG-00001`", "4: line 2 has the same code `VG-00001`",
                              "6: line 2 has the same code `VG-00001`"}));
    }

    void aRowThatWasVoidedLaterInTheFileAdmitsNobody()
    {
        const Outcome outcome = outcomeOf("Barcode,Name,Status\nVG-1001,Guest 1,valid\nVG-1001,Guest 1,refunded\n");
        QCOMPARE(codesOf(outcome), QStringList());
        QCOMPARE(outcome.list.findings.total(FindingKind::SameCode), std::size_t{2});
    }

    void whatIsWrongWithTheShapeOfARowIsNamed_data()
    {
        const std::string head = "Code,Name,Type\nVG-00001,Guest 1,VIP\nVG-00002,Guest 2,VIP\n";
        addRows({
            {"too many columns", head + "VG-00003,Guest, 3,VIP\n", kTwo, {"line 4, column 4: too_many_columns"}},
            {"blank ones do not matter", head + "VG-00003,Guest 3,VIP,, \n", twoAnd("VG-00003"), {}},
            {"too few", head + "VG-00003,Guest 3\n", twoAnd("VG-00003"), {"line 4, column 2: short_row"}},
            {"a quote that is not doubled",
             head + "VG-00003,\"Guest \"the\" third\",VIP\n",
             kTwo,
             {"line 4, column 2: stray_quote"}},
            {"a text without end",
             head + "VG-00003," + std::string(501, 'x') + ",VIP\n",
             kTwo,
             {"line 4, column 2: text_too_long"}},
            {"a finding in a row of several lines",
             head + "\"\r\n\",\"Guest\n3\",VIP\n",
             kTwo,
             {"line 4, column 1: no_code"}},
        });
    }
    void whatIsWrongWithTheShapeOfARowIsNamed() { compareRow(); }

    void statesAreReadFromWords_data()
    {
        QTest::addColumn<QString>("status");
        QTest::addColumn<QString>("state");
        for (const char *word : {"Attending", "checked in", "CONFIRMED", "approved", "paid", "p", "bezahlt", "Geldig",
                                 "payé", "Confirmado", "pago", "betaal", ""})
            QTest::newRow(word) << word << "valid";
        for (const char *word : {"pending", "AWAITING_PAYMENT", "unpaid", "on-hold", "unbezahlt", "onbetaald",
                                 "nie betaal nie", "en attente", "pendiente", "não pago", "n"})
            QTest::newRow(word) << word << "pending";
        for (const char *word : {"pending_approval", "waitlist", "invited", "Warteliste"})
            QTest::newRow(word) << word << "unapproved";
        for (const char *word : {"cancelled", "Canceled", "Refunded", "declined", "voided", "Not Attending", "expired",
                                 "storniert", "geannuleerd", "gekanselleer", "annulé", "reembolsado", "c", "e"})
            QTest::newRow(word) << word << "cancelled";
    }
    void statesAreReadFromWords()
    {
        QFETCH(QString, status);
        QFETCH(QString, state);
        const Outcome outcome =
            outcomeOf("Barcode,Status\nVG-1001,valid\nVG-1002,valid\nVG-1003," + status.toStdString() + "\n");
        QCOMPARE(outcome.list.guests.size(), std::size_t{3});
        QCOMPARE(QString(stateWord(outcome.list.guests.back().state)), state);
    }

    void aStatusThatNobodyKnowsIsAnError()
    {
        const std::string text = "Barcode,Status\nVG-1001,valid\nVG-1002,paid\nVG-1003,half\n";
        const Outcome outcome = outcomeOf(text);
        QCOMPARE(textsOf(outcome.list.findings), QStringList("line 4, column 2: unknown_status"));
        ImportRequest without;
        without.layout.mapping = *parseMapping("status=-");
        QCOMPARE(outcomeOf(text, without).list.guests.size(), std::size_t{3});
    }

    void aColumnOfOtherWordsIsNoStatus()
    {
        const Outcome outcome = outcomeOf("Barcode,Status\nVG-1001,Member\nVG-1002,Speaker\n");
        QVERIFY(!outcome.recognised.layout.of(Role::Status));
        QCOMPARE(outcome.list.guests.size(), std::size_t{2});
    }

    void cancelledRowsNeedNoCode()
    {
        const Outcome outcome = outcomeOf("Barcode,Status\nVG-1001,valid\nVG-1002,valid\n,declined\n,pending\n");
        QCOMPARE(textsOf(outcome.list.findings),
                 QStringList({"line 4, column 1: no_code_not_valid", "line 5, column 1: no_code"}));
        QCOMPARE(outcome.list.counts.passedOver, std::size_t{1});
        QCOMPARE(outcome.list.counts.badRows, std::size_t{1});
    }

    void quantitiesAdmitThatMany_data()
    {
        QTest::addColumn<QString>("quantity");
        QTest::addColumn<int>("admits");
        QTest::addColumn<QStringList>("findings");
        const QStringList group("line 4, column 2: group");
        const QStringList bad("line 4, column 2: bad_quantity");
        QTest::newRow("none") << "" << 1 << QStringList();
        QTest::newRow("one") << "1" << 1 << QStringList();
        QTest::newRow("three") << "3" << 3 << group;
        QTest::newRow("decimals with a point") << "2.00" << 2 << group;
        QTest::newRow("decimals with a comma") << "\"2,0\"" << 2 << group;
        QTest::newRow("the most") << "10000" << 10'000 << group;
        QTest::newRow("zero") << "0" << 0 << bad;
        QTest::newRow("negative") << "-1" << 0 << bad;
        QTest::newRow("half") << "1.5" << 0 << bad;
        QTest::newRow("too many") << "10001" << 0 << bad;
        QTest::newRow("beyond numbers") << "99999999999999999999" << 0 << bad;
        QTest::newRow("no number") << "two" << 0 << bad;
    }
    void quantitiesAdmitThatMany()
    {
        QFETCH(QString, quantity);
        QFETCH(int, admits);
        QFETCH(QStringList, findings);
        // Ten plain rows make the column one of quantities, whatever stands in the last one.
        std::string text = "Barcode,Quantity\nVG-1001,1\nVG-1002,1\nVG-1003," + quantity.toStdString() + "\n";
        for (int i = 0; i < 10; ++i)
            text += "VG-20" + std::to_string(10 + i) + ",1\n";
        const Outcome outcome = outcomeOf(text);
        QCOMPARE(textsOf(outcome.list.findings), findings);
        QCOMPARE(outcome.list.guests.size(), std::size_t(admits > 0 ? 13 : 12));
        if (admits > 0)
            QCOMPARE(int(outcome.list.guests[2].admits), admits);
    }

    void countsAddUp()
    {
        const Outcome outcome = outcomeOf("Barcode,Status,Quantity,Checked in\n"
                                          "VG-1001,valid,1,No\n"
                                          "VG-1002,valid,3,2026-12-05 18:00\n"
                                          "VG-1003,pending,1,\n"
                                          "VG-1004,cancelled,0,\n"
                                          "VG-1005,waitlist,1,\n"
                                          ",,,\n"
                                          ",valid,1,\n"
                                          "VG-1001,valid,1,No\n");
        const Counts expected{.rows = 7,
                              .guests = 5,
                              .persons = 4,
                              .valid = 2,
                              .pending = 1,
                              .unapproved = 1,
                              .cancelled = 1,
                              .checkedIn = 1,
                              .badRows = 1,
                              .passedOver = 1,
                              .blankRows = 1};
        QVERIFY(outcome.list.counts == expected);
        QCOMPARE(QString::fromStdString(outcome.list.guests[1].checkedIn), QString("2026-12-05 18:00"));
    }

    void namesKeepWhatTheyAreWrittenWith()
    {
        const Outcome outcome = outcomeOf("Barcode,First name,Last name\n"
                                          "VG-1001,\u0645\u06cc\u200c\u0631\u0648\u0645,Guest\n"
                                          "VG-1002,\u00a0Guest ,\"Two\nlines\"\n"
                                          "VG-1003,,Guest 3\n");
        QCOMPARE(QString::fromStdString(outcome.list.guests[0].holder),
                 QString("\u0645\u06cc\u200c\u0631\u0648\u0645 Guest"));
        QCOMPARE(QString::fromStdString(outcome.list.guests[1].holder), QString("Guest Two lines"));
        QCOMPARE(QString::fromStdString(outcome.list.guests[2].holder), QString("Guest 3"));
    }

    void eachGuestHasTheHashThatGatesLookUp()
    {
        const Outcome outcome = outcomeOf("Barcode,Name\n  al4R5\u00a0,Guest 1\n");
        QVERIFY(outcome.list.guests[0].hash ==
                ticket::foreignHash(*ticket::cleanForeign("al4R5", ticket::AimMarker::Sent)));
    }

    void ofAKindTheFirstAreKeptAndAllAreCounted()
    {
        std::string text = "Barcode,Name\n";
        for (int i = 0; i < 1'500; ++i)
            text += ",Guest " + std::to_string(i) + "\n";
        text += "VG-1001,Guest\n";
        ImportRequest request;
        request.layout.mapping = *parseMapping("code=Barcode");
        const Outcome outcome = outcomeOf(text, request);
        QCOMPARE(outcome.list.findings.total(FindingKind::NoCode), std::size_t{1'500});
        QCOMPARE(outcome.list.findings.ofKind(FindingKind::NoCode).size(), Findings::kKept);
        QCOMPARE(outcome.list.counts.badRows, std::size_t{1'500});
        // Where they are is said of each.
        QCOMPARE(QString::fromStdString(outcome.list.findings.linesOf(FindingKind::NoCode).text()), QString("2-1501"));
        QVERIFY(toText(outcome).find("all: lines 2-1501\n") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(FindingsTest)
#include "findings_test.moc"
