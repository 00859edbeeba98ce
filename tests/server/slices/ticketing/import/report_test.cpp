#include "server/slices/ticketing/import/report.h"

#include "tests/server/slices/ticketing/import/list_files.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::ticketing::import;

namespace {

const std::string kFile = "\xEF\xBB\xBF"
                          "sep=;\r\n"
                          "Barcode;Name;Status;Quantity\r\n"
                          "VG-1001;Guest 1;paid;1\r\n"
                          "VG-1002;Guest 2;pending;2\r\n"
                          ";Guest 3;paid;1\r\n"
                          "\t-VG-1004;Guest 4;refunded;1\r\n"
                          ";;;\r\n"
                          "Grand Total;;;5\r\n";

QString text(const std::string &utf8)
{
    return QString::fromStdString(utf8);
}

} // namespace

class ReportTest : public QObject
{
    Q_OBJECT

private slots:
    void peopleReadWhatWasUnderstoodAndFound()
    {
        const auto outcome = readGuestList(kFile);
        QVERIFY(outcome);
        QCOMPARE(
            text(toText(*outcome)),
            QString(
                "a list of its own kind; UTF-8 with a byte order mark, separator semicolon (the sep= line), lines end "
                "with CRLF.\n"
                "  code: column 1 `Barcode` (its header): VG-1001, VG-1002, -VG-1004\n"
                "  name: column 2 `Name` (its header): Guest 1, Guest 2, Guest 3\n"
                "  status: column 3 `Status` (its header): paid, pending, paid\n"
                "  quantity: column 4 `Quantity` (its header): 1, 2, 1\n"
                "3 guests of 5 rows, 1 pending, 1 cancelled; the valid tickets admit 1 person.\n"
                "1 row is bad.\n"
                "1 row was passed over.\n"
                "1 row was blank.\n"
                "error no_code, 1. Fill the codes in, or leave these rows out.\n"
                "  line 5, column 1: the code is empty\n"
                "warning formula_guard, 1. It was put there so that a spreadsheet computes nothing, and was taken "
                "off.\n"
                "  line 6, column 1: a TAB or an apostrophe stood before `-VG-1004`\n"
                "warning group, 1. Such a ticket admits that many persons, one after the other.\n"
                "  line 4, column 4: the code `VG-1002` admits 2\n"
                "warning total_row, 1. Passed over.\n"
                "  line 8, column 1: a row of totals\n"));
    }

    void programsReadTheSame()
    {
        const auto outcome = readGuestList(kFile);
        QVERIFY(outcome);
        QCOMPARE(
            text(base::toText(toJson(*outcome))),
            QString(
                R"({"recognised":{"kind":"table","encoding":"UTF-8","byte_order_mark":true,"line_ends":{"crlf":7},)"
                R"("separator":"semicolon","separator_from":"sep_line","header":true,"system":"unknown",)"
                R"("system_title":"a list of its own kind","remarks":[],"columns":[)"
                R"({"use":"code","columns":[{"number":1,"header":"Barcode"}],"certainty":"likely","why":"its header",)"
                R"("examples":["VG-1001","VG-1002","-VG-1004"]},)"
                R"({"use":"name","columns":[{"number":2,"header":"Name"}],"certainty":"likely","why":"its header",)"
                R"("examples":["Guest 1","Guest 2","Guest 3"]},)"
                R"({"use":"status","columns":[{"number":3,"header":"Status"}],"certainty":"likely","why":"its header",)"
                R"("examples":["paid","pending","paid"]},)"
                R"({"use":"quantity","columns":[{"number":4,"header":"Quantity"}],"certainty":"likely","why":"its header",)"
                R"("examples":["1","2","1"]}]},)"
                R"("counts":{"rows":5,"guests":3,"persons":1,"valid":1,"pending":1,"unapproved":0,"cancelled":1,)"
                R"("checked_in":0,"bad_rows":1,"passed_over":1,"blank_rows":1},"errors":1,"warnings":3,"findings":[)"
                R"({"kind":"no_code","severity":"error","total":1,"advice":"Fill the codes in, or leave these rows out.",)"
                R"("first":[{"line":5,"column":1,"text":"the code is empty"}],"lines":"5"},)"
                R"({"kind":"formula_guard","severity":"warning","total":1,"advice":"It was put there so that a spreadsheet )"
                R"(computes nothing, and was taken off.","first":[{"line":6,"column":1,)"
                R"("text":"a TAB or an apostrophe stood before `-VG-1004`"}]},)"
                R"({"kind":"group","severity":"warning","total":1,"advice":"Such a ticket admits that many persons, one )"
                R"(after the other.","first":[{"line":4,"column":4,"text":"the code `VG-1002` admits 2"}]},)"
                R"({"kind":"total_row","severity":"warning","total":1,"advice":"Passed over.",)"
                R"("first":[{"line":8,"column":1,"text":"a row of totals"}]}]})"));
    }

    void ofManyFindingsTheFirstAreShown()
    {
        std::string file = "Barcode,Name\nVG-1001,Guest\n";
        for (int i = 0; i < 25; ++i)
            file += ",Guest\n";
        const auto outcome = readGuestList(file);
        QVERIFY(outcome);
        const QString shown = text(toText(*outcome));
        QVERIFY(shown.contains("error no_code, 25."));
        QVERIFY(shown.contains("  line 22, column 1: the code is empty\n  and 5 more\n"));
        const base::Json json = toJson(*outcome);
        QCOMPARE(json.at("findings").at(0).at("first").as_array().size(), kFindingsShown);
        QCOMPARE(json.at("findings").at(0).at("total").to_number<int>(), 25);
    }

    void whatAFileHoldsCannotChangeATerminal()
    {
        const auto outcome =
            readGuestList("Barcode,Status,\x1b[31mName\u202e\nVG-1001,\x1b]0;x\x07,Guest\nVG-1002,paid,\n"
                          "VG-1003,paid,\x1b[2J\n");
        QVERIFY(outcome);
        const QString shown = text(toText(*outcome));
        QVERIFY(!shown.contains('\x1b'));
        QVERIFY(!shown.contains('\x07'));
        QVERIFY(!shown.contains(QChar(0x202e)));
    }

    void itemsOfJsonAreNoLines()
    {
        const auto outcome = readGuestList(R"([{"barcode":"al4R5","status":"valid"},{"barcode":"","status":"valid"}])");
        QVERIFY2(outcome, outcome ? "" : outcome.error().message.c_str());
        QVERIFY(text(toText(*outcome)).contains("  item 2, column 1: the code is empty\n"));
    }
};

QTEST_APPLESS_MAIN(ReportTest)
#include "report_test.moc"
