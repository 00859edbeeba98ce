#include "server/slices/ticketing/import/layout.h"

#include "tests/server/slices/ticketing/import/list_files.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::ticketing::import;

namespace {

const std::string kList = "Nr,First Name,Last Name,Kind of ticket,Barcode number,Plus+One,Company,Company\n"
                          "1,Guest,1,Adult,VG-00001,no,A,B\n"
                          "2,Guest,2,Child,VG-00002,yes,A,B\n";

base::Result<Recognised> recognised(const std::string &text, const std::string &mapping = {},
                                    HeaderRow header = HeaderRow::Guess)
{
    const auto parsed = parseMapping(mapping);
    if (!parsed)
        return parsed.error();
    ImportRequest request;
    request.layout = {.mapping = *parsed, .header = header};
    return recognise(text, request);
}

QStringList assignmentsOf(const Layout &layout)
{
    QStringList texts;
    for (const Assignment &assignment : layout.assignments)
        texts += QString::fromStdString(textOf(layout, assignment));
    return texts;
}

} // namespace

class LayoutTest : public QObject
{
    Q_OBJECT

private slots:
    void aGuessSaysWhatItTookAndWhy()
    {
        const auto known = recognised(kList);
        QVERIFY2(known, known ? "" : known.error().message.c_str());
        QCOMPARE(assignmentsOf(known->layout),
                 QStringList(
                     {"code: column 5 `Barcode number` (its header)", "first_name: column 2 `First Name` (its header)",
                      "last_name: column 3 `Last Name` (its header)", "type: column 4 `Kind of ticket` (its header)"}));
        QCOMPARE(known->layout.of(Role::Code)->certainty, Certainty::Likely);
        QCOMPARE(known->layout.of(Role::Code)->examples, (std::vector<std::string>{"VG-00001", "VG-00002"}));
    }

    void theMappingWins()
    {
        const auto known = recognised(kList, "code=#1, name=First Name+Last Name, type=-");
        QVERIFY2(known, known ? "" : known.error().message.c_str());
        QCOMPARE(assignmentsOf(known->layout),
                 QStringList({"code: column 1 `Nr` (the mapping)",
                              "name: column 2 `First Name` + column 3 `Last Name` (the mapping)"}));
        QCOMPARE(known->layout.of(Role::Name)->examples, (std::vector<std::string>{"Guest + 1", "Guest + 2"}));
    }

    void theMappingWinsOverAKnownSystemToo()
    {
        const auto known = recognised(listFile("eventbrite.csv"), "code=Attendee #,order=-");
        QVERIFY(known);
        QCOMPARE(known->layout.system, System::Eventbrite);
        QCOMPARE(known->layout.of(Role::Code)->columns, std::vector<std::size_t>{8});
        QCOMPARE(known->layout.of(Role::Code)->certainty, Certainty::Given);
        QVERIFY(!known->layout.of(Role::Order));
        QVERIFY(known->layout.of(Role::Type));
    }

    void columnsAreFoundAsTheyAreWritten_data()
    {
        QTest::addColumn<QString>("mapping");
        QTest::addColumn<QString>("name");
        QTest::newRow("exactly") << "type=Kind of ticket"
                                 << "column 4 `Kind of ticket`";
        QTest::newRow("another case and blanks") << "type= kind   OF ticket "
                                                 << "column 4 `Kind of ticket`";
        QTest::newRow("by number") << "type=#4"
                                   << "column 4 `Kind of ticket`";
        QTest::newRow("a plus in the header") << "type=Plus+One"
                                              << "column 6 `Plus+One`";
        QTest::newRow("one of two that are alike") << "type=#8"
                                                   << "column 8 `Company`";
        QTest::newRow("two joined, one of them in quotes") << "type=\"Plus+One\"+Nr"
                                                           << "column 6 `Plus+One` + column 1 `Nr`";
    }
    void columnsAreFoundAsTheyAreWritten()
    {
        QFETCH(QString, mapping);
        QFETCH(QString, name);
        const auto known = recognised(kList, mapping.toStdString());
        QVERIFY2(known, known ? "" : known.error().message.c_str());
        QCOMPARE(QString::fromStdString(nameOfColumns(known->layout, *known->layout.of(Role::Type))), name);
    }

    void aMappingThatNamesWhatIsNotThereIsRefused_data()
    {
        QTest::addColumn<QString>("mapping");
        QTest::addColumn<QString>("message");
        QTest::addColumn<QString>("hint");
        const QString all =
            "The columns are `Nr`, `First Name`, `Last Name`, `Kind of ticket`, `Barcode number`, `Plus+One`, "
            "`Company`, `Company`";
        QTest::newRow("near one") << "code=Barcod nummer"
                                  << "code: the list has no column `Barcod nummer`"
                                  << "Near to it: `Barcode number`.";
        QTest::newRow("a part of one") << "code=barcode"
                                       << "code: the list has no column `barcode`"
                                       << "Near to it: `Barcode number`.";
        QTest::newRow("nothing near") << "code=Strichcodefeld"
                                      << "code: the list has no column `Strichcodefeld`" << all;
        QTest::newRow("a number too high") << "code=#9"
                                           << "code: the list has no column `#9`" << all;
        QTest::newRow("one of two") << "type=Company"
                                    << "type: several columns are called `Company`"
                                    << "Say #7 or #8 for one of them.";
        QTest::newRow("no role")
            << "colour=Nr"
            << "`colour`: unknown use of a column"
            << "Known are code, name, first_name, last_name, email, type, status, paid, voided, checked_in, "
               "quantity, order, seat.";
        QTest::newRow("twice") << "code=Nr,code=Company"
                               << "the mapping names code twice"
                               << "Several columns of one use are joined by \"+\".";
        QTest::newRow("no equals sign")
            << "code"
            << "the mapping has a part without \"=\": `code`"
            << "Write it as in code=Barcode; a header with a comma in it stands in double quotes.";
        QTest::newRow("two codes") << "code=Nr+Barcode number"
                                   << "code: code takes one column, not `Nr+Barcode number`"
                                   << "";
        QTest::newRow("no code") << "code=-"
                                 << "code: a list without codes cannot be imported"
                                 << "Name the column that holds them.";
    }
    void aMappingThatNamesWhatIsNotThereIsRefused()
    {
        QFETCH(QString, mapping);
        QFETCH(QString, message);
        QFETCH(QString, hint);
        const auto known = recognised(kList, mapping.toStdString());
        QVERIFY(!known);
        QCOMPARE(problemOf(known.error()), message);
        QCOMPARE(QString::fromStdString(known.error().hint), hint);
    }

    void aHeaderWithACommaStandsInQuotes()
    {
        const auto known = recognised("\"Code, printed\";Name\nVG-00001;Guest\n", "code=\"Code, printed\"");
        QVERIFY2(known, known ? "" : known.error().message.c_str());
        QCOMPARE(known->layout.of(Role::Code)->columns, std::vector<std::size_t>{0});
    }

    void withoutCodesTheReasonIsGiven_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("message");
        const auto row = [](const char *name, const char *text, const char *message) {
            QTest::newRow(name) << QByteArray(text) << message;
        };
        row("names only", "Name,E-mail\nGuest 1,guest1@example.org\n", "no column holds the tickets' codes");
        row("phone numbers", "Name,Phone\nGuest 1,0215550101\nGuest 2,0215550102\n",
            "no column holds the tickets' codes");
        row("orders only", "Name,Bestellnummer\nGuest 1,B-1001\nGuest 2,B-1002\n",
            "no column holds the tickets' codes");
        row("a pseudonym", "Name,Pseudonymization ID\nGuest 1,PX77AB\nGuest 2,PX78AB\n",
            "no column holds the tickets' codes");
        row("two candidates", "Name,Eins,Zwei\nGuest 1,A1001,B2001\nGuest 2,A1002,B2002\n",
            "several columns could hold the tickets' codes: `Eins`, `Zwei`");
        row("one code for everybody",
            "Name,Code\nG1,SAVE10\nG2,SAVE10\nG3,SAVE10\nG4,SAVE10\nG5,SAVE10\nG6,SAVE10\nG7,SAVE10\nG8,SAVE10\nG9,"
            "SAVE10\n"
            "G10,SAVE10\n",
            "column 2 `Code` holds the same values again and again, so they are no tickets' codes");
        row("nothing", "\n\n", "the file holds nothing");
    }
    void withoutCodesTheReasonIsGiven()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, message);
        const auto known = recognised(text.toStdString());
        QVERIFY(!known);
        QCOMPARE(problemOf(known.error()), message);
        QVERIFY(!known.error().hint.empty());
    }

    void codesOfBuyersAndVouchersAreNotTaken()
    {
        const auto known =
            recognised("Promo Code,Order Code,Ticket Code,Country Code\nA1,B-1,VG-00001,ZA\nA2,B-2,VG-00002,ZA\n");
        QVERIFY(known);
        QCOMPARE(known->layout.of(Role::Code)->columns, std::vector<std::size_t>{2});
        QCOMPARE(known->layout.of(Role::Order)->columns, std::vector<std::size_t>{1});
    }

    void aListWithoutAHeaderIsSeen()
    {
        const auto guessed = recognised("VG-00001,Guest 1,guest1@example.org\nVG-00002,Guest 2,guest2@example.org\n");
        QVERIFY2(guessed, guessed ? "" : guessed.error().message.c_str());
        QCOMPARE(guessed->layout.header, HeaderRow::Absent);
        QCOMPARE(assignmentsOf(guessed->layout), QStringList({"code: column 1 `column 1` (holds codes, each once)",
                                                              "email: column 3 `column 3` (holds e-mail addresses)"}));
        const auto given = recognised("A;B\nC;D\n", "code=#1,name=column 2", HeaderRow::Absent);
        QVERIFY(given);
        QCOMPARE(given->layout.of(Role::Name)->columns, std::vector<std::size_t>{1});
    }

    void otherFilesAreRefusedWithWhatToDo_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("message");
        const auto row = [](const char *name, const QByteArray &bytes, const char *message) {
            QTest::newRow(name) << bytes << message;
        };
        row("empty", "", "the file is empty");
        row("xlsx", QByteArray("PK\x03\x04\x14\0", 6),
            "the file is no CSV: it is a spreadsheet (.xlsx, .ods) or an archive");
        row("xls", "\xD0\xCF\x11\xE0\xA1\xB1", "the file is no CSV: it is an old spreadsheet (.xls)");
        row("PDF", "%PDF-1.7\n", "the file is no CSV: it is a PDF");
        row("PNG", "\x89PNG\r\n", "the file is no CSV: it is a picture");
        row("gzip", "\x1F\x8B\x08", "the file is no CSV: it is compressed");
        row("HTML called .xls", "\xEF\xBB\xBF \n<TABLE><tr>",
            "the file is no CSV: it is a web page or XML, whatever its name says");
        row("JSON of another kind", "{\"a\":1}", "the JSON is neither a list nor an object with a list called data");
        row("JSON of numbers", "[1,2]", "[0]: an object is needed here");
        row("JSON that is cut off", "[{\"barcode\":\"a\"", "JSON, line 1, column 16: incomplete JSON");
    }
    void otherFilesAreRefusedWithWhatToDo()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, message);
        const auto known = recognised(bytes.toStdString());
        QVERIFY(!known);
        QCOMPARE(problemOf(known.error()), message);
    }
};

QTEST_APPLESS_MAIN(LayoutTest)
#include "layout_test.moc"
