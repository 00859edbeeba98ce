#include "server/slices/ticketing/import/read.h"

#include "tests/server/slices/ticketing/import/list_files.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::ticketing::import;

namespace {

/// One file of tests/data/imports, and what it says.
struct File
{
    const char *name;
    const char *system;
    const char *code; ///< the assignment in words
    QStringList guests;
};

const QString kLuma = "2|g-Exam1pLe|Guest 1|guest1@example.org|Standard|valid||1|gst-example01|";

const std::vector<File> &files()
{
    static const std::vector<File> kFiles{
        {"eventbrite.csv",
         "eventbrite",
         "code: column 10 `Barcode #` (Eventbrite attendee report)",
         {"2|10000000013000000001001|Guest 1|guest1@example.org|General|valid||1|1000000001|",
          "3|10000000013000000002001|Guest 2|guest2@example.org|General|valid||1|1000000001|Checked In",
          "4|10000000023000000003001|Guest 3|guest3@example.org|VIP|valid||1|1000000002|",
          "6|10000000033000000004001|Guest 4|guest4@example.org|General|cancelled||1|1000000003|",
          "7|10000000043000000005001|Guest 5|guest5@example.org|Early \"Bird\"|cancelled||1|1000000004|"}},
        {"eventbrite_without_barcode.csv",
         "eventbrite",
         "code: column 9 `Attendee #` (Eventbrite attendee report)",
         {"2|3000000001|Guest 1|guest1@example.org|General|valid||1|1000000001|",
          "3|3000000002|Guest 2|guest2@example.org|General|valid||1|1000000001|Checked In",
          "4|3000000003|Guest 3|guest3@example.org|VIP|valid||1|1000000002|",
          "6|3000000004|Guest 4|guest4@example.org|General|cancelled||1|1000000003|",
          "7|3000000005|Guest 5|guest5@example.org|Early \"Bird\"|cancelled||1|1000000004|"}},
        {"luma.csv",
         "luma",
         "code: column 11 `qr_code_url` (Luma guest list)",
         {kLuma, "3|g-Exam2pLe|Guest 2|guest2@example.org|VIP|valid||1|gst-example02|2026-10-20T18:02:11.000Z",
          "4|g-Exam3pLe|Guest 3|guest3@example.org|Standard|unapproved||1|gst-example03|",
          "5|g-Exam4pLe|Guest 4|guest4@example.org|Standard|cancelled||1|gst-example04|"}},
        {"tito.csv",
         "tito",
         "code: column 15 `Ticket Reference` (Tito tickets export)",
         {"2|GIAO-1|Guest 1|guest1@example.org|Conference|valid||1|GIAO|",
          "3|GIAO-2|Guest 2|guest2@example.org|Conference|valid||1|GIAO|",
          "4|QXLM-3|Guest 3|guest3@example.org|Workshop|cancelled||1|QXLM|"}},
        {"pretix_checkin_list.csv",
         "pretix_checkin_list",
         "code: column 11 `Secret` (pretix check-in list)",
         {"2|ex4mpl3s3cr3tn01abcdefghijklmnop|Guest 1|guest1@example.org|Adult|valid|Row 1, Seat 7|1|ABC12|",
          "3|ex4mpl3s3cr3tn02abcdefghijklmnop|Guest 2|guest2@example.org|Adult|valid|Row 1, Seat 8|1|ABC12|"
          "2026-12-05 18:03:00",
          "4|ex4mpl3s3cr3tn03abcdefghijklmnop|Guest 3|guest3@example.org|Student – reduced|pending||1|DEF34|"}},
        {"hi_events.csv",
         "hi_events",
         "code: column 10 `Public ID` (Hi.Events attendees)",
         {"2|A-EX4MPL1|Guest 1|guest1@example.org|Day pass|valid||1||",
          "3|A-EX4MPL2|Guest 2|guest2@example.org|Day pass|valid||1||1",
          "4|A-EX4MPL3|Guest 3|guest3@example.org|Day pass|cancelled||1||",
          "5|A-EX4MPL4|Guest 4|guest4@example.org|Day pass|pending||1||"}},
        {"alfio_import.csv",
         "alfio_import",
         "code: column 5 `reference` (alf.io import file)",
         {"2|REF-0001|Guest 1|guest1@example.org||valid||1||", "3|-REF-0002|Guest 2|guest2@example.org||valid||1||",
          "4|REF-0003|Guest 3|guest3@example.org||valid||1||"}},
        {"bevy.csv",
         "bevy",
         "code: column 2 `Ticket number` (Bevy attendees)",
         {"2|GOOGA23123451|Guest 1|guest1@example.org|Free ticket|valid||1|GOOGA230001|",
          "3|GOOGA23123452|Guest 2|guest2@example.org|Free ticket|valid||1|GOOGA230002|2026-12-05 17:44"}},
        {"attendize.csv",
         "attendize",
         "code: column 4 `Ticket ID` (Attendize attendees)",
         {"2|123456781|Guest 1|guest1@example.org|General|valid||1|EXAMPLE1|",
          "3|123456782|Guest 2|guest2@example.org|General|valid||1|EXAMPLE1|Yes"}},
        {"open_event_attendees.csv",
         "open_event_attendees",
         "code: column 7 `Ticket ID` (open-event-server attendees)",
         {"2|7c1de8f2-0000-4000-8000-000000000012-41|Guest 1|guest1@example.org|Standard|valid||1|O1764547200-12|",
          "3|7c1de8f2-0000-4000-8000-000000000012-42|Guest 2|guest2@example.org|Standard|valid||1|O1764547200-12|",
          "4|7c1de8f2-0000-4000-8000-000000000012-43|Guest 3|guest3@example.org|Standard|pending||1|O1764547200-12|",
          "5|7c1de8f2-0000-4000-8000-000000000012-44|Guest "
          "4|guest4@example.org|Standard|cancelled||1|O1764547200-12|"}},
        {"tixify.csv",
         "tixify",
         "code: column 4 `barcode` (Tixify orders)",
         {"2|5500123456701|Guest 1|guest1@example.org|Entry|valid||1|T-1|",
          "3|5500123456702|Guest 2|guest2@example.org|Entry|valid||1|T-2|",
          "4|5500123456703|Guest 3|guest3@example.org|Entry|cancelled||1|T-3|"}},
        {"event_hub.csv",
         "event_hub",
         "code: column 5 `barcode` (EventHub seat barcodes)",
         {"2|23820220588971||||valid|A / 1 / 1|1||", "3|23820220588972||||valid|A / 1 / 2|1||",
          "4|23820220588973||||valid|A / 1 / 3|1||"}},
        {"ticket_tailor.csv",
         "ticket_tailor",
         "code: column 4 `barcode` (Ticket Tailor issued tickets)",
         {"2|ef4hEvs|Guest 1|guest1@example.org|General Admission|valid||1|or_1|",
          "3|al4R5|Guest 2|guest2@example.org|General Admission|valid||1|or_2|true",
          "4|AL4r5|Guest 3|guest3@example.org|General Admission|cancelled||1|or_3|"}},
        {"tickera.csv",
         "tickera",
         "code: column 3 `Ticket ID` (Tickera attendees)",
         {"2|C0DE1234-1|Guest 1|buyer@example.org|Standard|valid||1||",
          "3|C0DE1234-2|Guest 2|buyer@example.org|Standard|valid||1||"}},
        {"foo_events.csv",
         "foo_events",
         "code: column 2 `Ticket ID Numeric` (FooEvents attendees)",
         {"2|900012341|Guest 1|guest1@example.org|Adult|valid||1|501|",
          "3|900012342|Guest 2|guest2@example.org|Adult|valid||1|501|Checked In",
          "4|900012343|Guest 3|guest3@example.org|Adult|cancelled||1|501|",
          "5|900012344|Guest 4|guest4@example.org|Adult|pending||1|501|"}},
        {"indico.csv",
         "indico",
         "code: column 8 `Ticket code` (Indico registrations)",
         {"2|A7-4411|Guest 1|guest1@example.org||valid||1|1|", "3|B9-2130|Guest 2|guest2@example.org||pending||1|2|",
          "4|C2-9984|Guest 3|guest3@example.org||cancelled||1|3|"}},
        {"german.csv",
         "unknown",
         "code: column 5 `Strichcode` (its header)",
         {"2|00418177|Gast 1|guest1@example.org|Normal|valid|Reihe 1|1|B-1001|",
          "3|00418277|Gast 2|guest2@example.org|Ermäßigt|valid|Reihe 2|1|B-1002|",
          "4|00418377|Gast 3|guest3@example.org|Normal|cancelled|Reihe 3|1|B-1003|",
          "5|00418477|Gast 4|guest4@example.org|Normal|pending|Reihe 4|1|B-1004|"}},
        {"afrikaans.csv",
         "unknown",
         "code: column 5 `Kaartjiekode` (its header)",
         {"2|VG-1001|Gas 1|guest1@example.org|Volwassene|valid||1||",
          "3|VG-1002|Gas 2|guest2@example.org|Volwassene|valid||1||",
          "4|VG-1003|Gas 3|guest3@example.org|Volwassene|pending||1||"}},
        {"dutch.csv",
         "unknown",
         "code: column 5 `Streepjescode` (its header)",
         {"2|8710000000001|Gast 1|guest1@example.org|Dagkaart|valid||1||",
          "3|8710000000002|Gast 2|guest2@example.org|Dagkaart|valid||1||",
          "4|8710000000003|Gast 3|guest3@example.org|Dagkaart|valid||2||"}},
        {"french.csv",
         "unknown",
         "code: column 5 `Code-barres` (its header)",
         {"2|FR7001X|Invité 1|guest1@example.org|Entrée|valid||1||",
          "3|FR7002X|Invité 2|guest2@example.org|Entrée|cancelled||1||"}},
        {"spanish.csv",
         "unknown",
         "code: column 5 `Código de barras` (its header)",
         {"2|ES7001|Invitada 1|guest1@example.org|General|valid||1||",
          "3|ES7002|Invitada 2|guest2@example.org|General|pending||1||"}},
        {"portuguese.csv",
         "unknown",
         "code: column 4 `Código do ingresso` (its header)",
         {"2|PT7001|Convidada 1|guest1@example.org|Pista|valid||1||",
          "3|PT7002|Convidada 2|guest2@example.org|Pista|valid||1||"}},
        {"by_contents.csv",
         "unknown",
         "code: column 4 `Wert` (holds codes, each once)",
         {"2|Q71K41Z||guest1@example.org||valid||1||", "3|Q72K42Z||guest2@example.org||valid||1||",
          "4|Q73K43Z||guest3@example.org||valid||1||"}},
        {"codes_only.csv",
         "unknown",
         "code: column 1 `column 1` (holds codes, each once)",
         {"1|VG-00017||||valid||1||", "2|VG-00018||||valid||1||", "3|VG-00019||||valid||1||"}},
    };
    return kFiles;
}

QString wordOfSystem(const Layout &layout)
{
    return QString::fromStdString(std::string(wordOf(layout.system)));
}

} // namespace

class SystemsTest : public QObject
{
    Q_OBJECT

private slots:
    void eachSystemsFileIsUnderstood_data()
    {
        QTest::addColumn<std::size_t>("index");
        for (std::size_t i = 0; i < files().size(); ++i)
            QTest::newRow(files()[i].name) << i;
    }
    void eachSystemsFileIsUnderstood()
    {
        QFETCH(std::size_t, index);
        const File &file = files()[index];
        const std::string bytes = listFile(file.name);
        const auto outcome = readGuestList(bytes);
        QVERIFY2(outcome, outcome ? "" : outcome.error().message.c_str());
        const Layout &layout = outcome->recognised.layout;
        QCOMPARE(wordOfSystem(layout), QString(file.system));
        QCOMPARE(QString::fromStdString(textOf(layout, *layout.of(Role::Code))), QString(file.code));
        QCOMPARE(textsOf(outcome->list.guests), file.guests);
        QCOMPARE(outcome->list.findings.total(Severity::Error), std::size_t{0});
    }

    void encodingsLineEndsAndMarksMakeNoDifference_data() { eachSystemsFileIsUnderstood_data(); }
    void encodingsLineEndsAndMarksMakeNoDifference()
    {
        QFETCH(std::size_t, index);
        const File &file = files()[index];
        const std::string text = listFile(file.name);
        const std::vector<std::vector<std::string>> lineEnds{{"\n"}, {"\r\n"}, {"\r"}, {"\r\n", "\n", "\n"}};
        for (const auto &ends : lineEnds) {
            const std::string ended = withLineEnds(text, ends);
            const std::string cut = ended.substr(0, ended.find_last_not_of("\r\n") + 1);
            for (const std::string &bytes :
                 {ended, cut, "\xEF\xBB\xBF" + ended, asWindows1252(ended), asUtf16(ended, Encoding::Utf16Le),
                  asUtf16(ended, Encoding::Utf16Be), asUtf16("\xEF\xBB\xBF" + ended, Encoding::Utf16Le),
                  asUtf16("\xEF\xBB\xBF" + ended, Encoding::Utf16Be)}) {
                const auto outcome = readGuestList(bytes);
                QVERIFY2(outcome, outcome ? "" : outcome.error().message.c_str());
                QCOMPARE(textsOf(outcome->list.guests), file.guests);
            }
        }
    }

    void columnsAreKnownInAnyOrder_data() { eachSystemsFileIsUnderstood_data(); }
    void columnsAreKnownInAnyOrder()
    {
        QFETCH(std::size_t, index);
        const File &file = files()[index];
        const std::string bytes = listFile(file.name);
        const auto dialect = dialectOf(bytes);
        QVERIFY(dialect);
        CsvReader reader(bytes, dialect->start);
        std::string reversed;
        for (auto record = reader.next(); record && *record; record = reader.next()) {
            const auto &fields = (*record)->fields;
            for (std::size_t i = fields.size(); i > 0; --i) {
                std::string cell(fields[i - 1].text);
                for (std::size_t at = cell.find('"'); at != std::string::npos; at = cell.find('"', at + 2))
                    cell.insert(at, "\"");
                // Headers in capitals and with blanks behind them, as people and spreadsheets leave them.
                if ((*record)->line == 1)
                    std::transform(cell.begin(), cell.end(), cell.begin(),
                                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
                reversed += (reversed.empty() || reversed.back() == '\n' ? "\"" : "\t\"") + cell + "  \"";
            }
            reversed += "\n";
        }
        const auto outcome = readGuestList(reversed);
        QVERIFY2(outcome, outcome ? "" : outcome.error().message.c_str());
        QCOMPARE(wordOfSystem(outcome->recognised.layout), QString(file.system));
        if (QString(file.name) == "event_hub.csv") // its seat is made of columns in their order
            return;
        QCOMPARE(textsOf(outcome->list.guests), file.guests);
    }

    void filesWithoutUsableCodesAreRefused_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("message");
        QTest::addColumn<QString>("hint");
        QTest::newRow("pretix without secret")
            << "pretix_without_secret.csv"
            << "pretix check-in list: the list was exported without the column Secret, which is what the tickets' QR "
               "codes hold"
            << "Export the check-in list from pretix once more and tick \"Include QR-code secret\".";
        QTest::newRow("pretix positions")
            << "pretix_positions.csv"
            << "pretix order positions: pretix's order positions do not hold what is in the QR codes (the "
               "Pseudonymization ID is not it)"
            << "Export the check-in list as CSV instead, and tick \"Include QR-code secret\".";
        QTest::newRow("alf.io export")
            << "alfio_export.csv"
            << "alf.io export: alf.io's QR codes hold the ID and a signature that the export lacks: no list can be "
               "made "
               "of it"
            << "Issue new tickets to these guests, or take the codes from alf.io's check-in and name their column.";
        QTest::newRow("Meetup") << "meetup.csv"
                                << "Meetup attendees: Meetup gives its guests no codes, and the list has none"
                                << "Issue tickets to these guests, or admit them by name.";
        QTest::newRow("open-event-server orders")
            << "open_event_orders.csv"
            << "open-event-server orders: the file lists orders, not tickets: it has none of the tickets' codes"
            << "Export the attendees instead; their column Ticket ID is the code.";
    }
    void filesWithoutUsableCodesAreRefused()
    {
        QFETCH(QString, file);
        QFETCH(QString, message);
        QFETCH(QString, hint);
        const auto outcome = readGuestList(listFile(file.toStdString()));
        QVERIFY(!outcome);
        QCOMPARE(problemOf(outcome.error()), message);
        QCOMPARE(QString::fromStdString(outcome.error().hint), hint);
        // Whoever knows better may say so.
        ImportRequest request;
        request.layout.mapping = *parseMapping("code=#2");
        QVERIFY(readGuestList(listFile(file.toStdString()), request));
    }

    void whatIsKnownAboutASystemsCodesIsSaid()
    {
        const auto remarks = [](const char *file) { return recognise(listFile(file))->layout.remarks; };
        QCOMPARE(remarks("eventbrite.csv").size(), std::size_t{0});
        QCOMPARE(remarks("eventbrite_without_barcode.csv").size(), std::size_t{1});
        QCOMPARE(recognise(listFile("eventbrite_without_barcode.csv"))->layout.of(Role::Code)->certainty,
                 Certainty::Likely);
        QVERIFY(remarks("indico.csv").front().find("deletes = + @ -") != std::string::npos);
    }

    void anEmptyColumnOfCodesGivesWayToTheNextOne()
    {
        const auto outcome = readGuestList("Ticket Owner,Ticket ID,Ticket Type,Buyer Name,Barcode\n"
                                           "Guest 1,C0DE1234-1,Standard,Buyer,\nGuest 2,C0DE1234-2,Standard,Buyer,\n");
        QVERIFY2(outcome, outcome ? "" : outcome.error().message.c_str());
        QCOMPARE(wordOfSystem(outcome->recognised.layout), QString("tickera"));
        QCOMPARE(outcome->recognised.layout.of(Role::Code)->columns, std::vector<std::size_t>{1});
        QCOMPARE(outcome->list.guests.size(), std::size_t{2});
    }

    void ticketTailorsJsonIsReadAsItsTable_data()
    {
        QTest::addColumn<QString>("file");
        QTest::newRow("a list") << "ticket_tailor.json";
        QTest::newRow("an answer of the API") << "ticket_tailor_page.json";
    }
    void ticketTailorsJsonIsReadAsItsTable()
    {
        QFETCH(QString, file);
        ImportRequest request;
        request.guests.questions = {{.id = {"colour"}, .text = "Colour"}, {.id = {"shirt"}, .text = "t-shirt  SIZE"}};
        const auto outcome = readGuestList(listFile(file.toStdString()), request);
        QVERIFY2(outcome, outcome ? "" : outcome.error().message.c_str());
        QCOMPARE(wordOfSystem(outcome->recognised.layout), QString("ticket_tailor"));
        QCOMPARE(textsOf(outcome->list.guests),
                 QStringList({"1|ef4hEvs|Guest 1|guest1@example.org|General Admission|valid||1|or_1|",
                              "2|al4R5|Guest 2|guest2@example.org|General Admission|valid||1|or_2|true",
                              "3|AL4r5|Guest 3|guest3@example.org|General Admission|cancelled||1|or_3|"}));
        QVERIFY(outcome->list.guests.front().answers == (std::vector<Answer>{{.question = 1, .text = "M"}}));
    }
};

QTEST_APPLESS_MAIN(SystemsTest)
#include "systems_test.moc"
