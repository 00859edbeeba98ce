#include "server/slices/ticketing/import/csv.h"

#include "server/slices/ticketing/import/dialect.h"

#include "shared/base/text.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::ticketing::import;

namespace {

struct Read
{
    QString rows; ///< "1:a|b 2:c|d"
    QString problem;
    LineEnds lineEnds;
};

Read readAll(const std::string &text, const CsvStart &start = {}, const CsvLimits &limits = {})
{
    CsvReader reader(text, start, limits);
    Read read;
    for (;;) {
        const auto record = reader.next();
        if (!record) {
            read.problem = QString::fromStdString(record.error().message);
            return read;
        }
        if (!*record)
            break;
        read.rows += (read.rows.isEmpty() ? "" : " ") + QString::number((*record)->line) + ":";
        QStringList cells;
        for (const Field &field : (*record)->fields)
            cells += QString::fromUtf8(field.text.data(), static_cast<int>(field.text.size()));
        read.rows += cells.join("|");
        if ((*record)->stray)
            read.rows += QString("!%1").arg((*record)->stray->column);
    }
    read.lineEnds = reader.lineEnds();
    return read;
}

QByteArray bytes(const std::string &text)
{
    return QByteArray::fromStdString(text);
}

} // namespace

class CsvTest : public QObject
{
    Q_OBJECT

private slots:
    void recordsAreReadAsTheyAreMeant_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("rows");
        const auto row = [](const char *name, const std::string &text, const char *rows) {
            QTest::newRow(name) << bytes(text) << rows;
        };
        row("LF", "a,b\nc,d\n", "1:a|b 2:c|d");
        row("CRLF", "a,b\r\nc,d\r\n", "1:a|b 2:c|d");
        row("bare CR", "a,b\rc,d\r", "1:a|b 2:c|d");
        row("CRLF header over LF rows", "a,b\r\nc,d\ne,f\n", "1:a|b 2:c|d 3:e|f");
        row("all three", "a\rb\nc\r\nd", "1:a 2:b 3:c 4:d");
        row("no line end at the end", "a,b\nc,d", "1:a|b 2:c|d");
        row("empty fields", ",\n,,\n", "1:| 2:||");
        row("lines that hold nothing", "\n\na\n\r\n\nb\n\n", "3:a 6:b");
        row("a line of blanks holds something", "a\n  \nb", "1:a 2:   3:b");
        row("quotes", "\"a\",\"b,c\"\n", "1:a|b,c");
        row("doubled quotes", "\"a \"\"b\"\" c\",\"\"\"\"\n", "1:a \"b\" c|\"");
        row("an empty quoted field", "\"\"\n\"\",x\n", "1: 2:|x");
        row("a line end in quotes", "\"a\nb\",c\nd,e\n", "1:a\nb|c 3:d|e");
        row("all line ends in quotes", "\"a\r\nb\rc\nd\"\ne\n", "1:a\r\nb\rc\nd 5:e");
        row("blanks around quotes", "a , \"b\" ,c\n", "1:a |b|c");
        row("blanks are kept elsewhere", " a , b \n", "1: a | b ");
        row("a quote inside", "5\" pipe,b\"\"c\n", "1:5\" pipe|b\"\"c");
        row("something behind a closing quote", "\"a \"b\" c\",d\ne,f\n", "1:a b\" c\"|d!1 2:e|f");
        row("a quote behind a doubled one and more", "x,\"a\"\"b\"c\n", "1:x|a\"bc!2");
        row("a TAB before a formula", "\t=1,b\n", "1:\t=1|b");
        row("different lengths", "a,b,c\nd\ne,f\n", "1:a|b|c 2:d 3:e|f");
        row("nothing", "", "");
        row("only line ends", "\r\n\n\r", "");
        row("quotes to the very end", "a,\"b\"", "1:a|b");
        row("a separator at the very end", "a,", "1:a|");
    }
    void recordsAreReadAsTheyAreMeant()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, rows);
        const Read read = readAll(text.toStdString());
        QCOMPARE(read.problem, QString());
        QCOMPARE(read.rows, rows);
    }

    void whatCannotBeReadIsNamedWithItsPlace_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("problem");
        const auto row = [](const char *name, const std::string &text, const char *problem) {
            QTest::newRow(name) << bytes(text) << problem;
        };
        row("a quote that is never closed", "a,b\nc,\"d\ne,f\n",
            "line 2, column 2: the quote that opens here is never closed");
        row("one behind a field with line ends", "\"a\nb\",\"c\n",
            "line 2, column 2: the quote that opens here is never closed");
        row("one far from the end", "a,\"" + std::string(70'000, 'x') + "\n",
            "line 1, column 2: the quote that opens here is not closed within 65,536 bytes");
        row("a field too long", "a\nb," + std::string(65'537, 'x') + "\n",
            "line 2, column 2: more than 65,536 bytes in one field");
        row("a quoted field with too much behind it", "\"" + std::string(40'000, 'x') + "\"" + std::string(40'000, 'y'),
            "line 1, column 1: more than 65,536 bytes in one field");
        std::string wide = "a";
        for (int i = 0; i < 20; ++i)
            wide += "," + std::string(60'000, 'x');
        row("a record too long", "h\n" + wide, "line 2, column 19: more than 1,048,576 bytes in one row");
        row("a million columns", std::string(1'000'000, ','), "line 1: more than 1,000 columns");
    }
    void whatCannotBeReadIsNamedWithItsPlace()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, problem);
        QCOMPARE(readAll(text.toStdString()).problem, problem);
    }

    void theLimitsThemselvesAreAllowed()
    {
        const std::string field(65'536, 'x');
        QCOMPARE(readAll("\"" + field + "\"," + field + "\n").problem, QString());
        QCOMPARE(readAll(std::string(999, ',')).problem, QString());
        const CsvLimits three{.columns = 2, .fieldBytes = 4, .recordBytes = 9, .records = 3};
        QCOMPARE(readAll("a\nb\nc", {}, three).problem, QString());
        QCOMPARE(readAll("a\nb\nc\nd", {}, three).problem, QString("line 4: more than 2 rows"));
    }

    void howLinesEndIsCounted()
    {
        const LineEnds ends = readAll("a\r\nb\nc\rd\n\n\"x\ny\"").lineEnds;
        QCOMPARE(ends.crlf, std::size_t{1});
        QCOMPARE(ends.lf, std::size_t{2});
        QCOMPARE(ends.cr, std::size_t{1});
        QCOMPARE(ends.emptyLines, std::size_t{1});
    }

    void rawIsTheRowAsItIsWritten()
    {
        const std::string text = "a, \"b\"\"c\" \r\nd\n";
        CsvReader reader(text, {});
        const auto record = reader.next();
        QVERIFY(record && *record);
        QVERIFY((*record)->raw == "a, \"b\"\"c\" ");
    }

    void separatorsAreGuessed_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("separator");
        QTest::addColumn<int>("from");
        const auto row = [](const char *name, const std::string &text, const char *separator,
                            SeparatorFrom from = SeparatorFrom::Guessed) {
            QTest::newRow(name) << bytes(text) << separator << static_cast<int>(from);
        };
        row("comma", "a,b\nc,d\n", "comma");
        row("semicolon", "a;b\nc;d\n", "semicolon");
        row("tab", "a\tb\nc\td\n", "tab");
        row("pipe", "a|b\nc|d\n", "pipe");
        row("decimal commas", "Name;Price\nGuest 1;23,00\nGuest 2;5,50\n", "semicolon");
        row("quoted decimal commas", "\"Name\";\"Price\"\n\"Guest 1\";\"23,00\"\n", "semicolon");
        row("a comma in the header too", "Name;Price, all in;Code\nGuest 1;23,00;A1\nGuest 2;5,50;A2\n", "semicolon");
        row("a known header breaks a tie", "Name;Price, all in\nGuest 1;23,00\nGuest 2;5,50\n", "semicolon");
        row("semicolons in quoted cells", "name,notes\nGuest 1,\"a;b;c\"\nGuest 2,\"d;e;f\"\n", "comma");
        row("semicolons in plain cells", "name,notes\nGuest 1,a;b\nGuest 2,c\n", "comma");
        row("a sep= line", "sep=;\na,b;c,d\n", "semicolon", SeparatorFrom::SepLine);
        row("a sep= line with a tab", "SEP=\t\r\na,b\tc\r\n", "tab", SeparatorFrom::SepLine);
        row("a quoted sep= line", "\"sep=|\"\na|b\n", "pipe", SeparatorFrom::SepLine);
        row("a sep= line that a spreadsheet wrote again", "sep=,,,,\na,b\n", "comma", SeparatorFrom::SepLine);
        row("one column", "code\nA1\nA2\n", "comma", SeparatorFrom::OneColumn);
        row("nothing", "", "comma", SeparatorFrom::OneColumn);
    }
    void separatorsAreGuessed()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, separator);
        QFETCH(int, from);
        const std::string text8 = text.toStdString();
        const auto dialect = dialectOf(text8);
        QVERIFY(dialect);
        QCOMPARE(QString::fromStdString(std::string(nameOf(dialect->start.separator))), separator);
        QCOMPARE(static_cast<int>(dialect->from), from);
    }

    void theSepLineIsPassedOverAndCounted()
    {
        const std::string text = "sep=;\r\na;b\r\n";
        const auto dialect = dialectOf(text);
        QVERIFY(dialect);
        QCOMPARE(readAll(text, dialect->start).rows, QString("2:a|b"));
        const auto given = dialectOf(text, Separator::Comma);
        QVERIFY(given);
        QCOMPARE(readAll(text, given->start).rows, QString("2:a;b"));
    }

    void separatorsAreNamedOrWrittenAsTheyAre()
    {
        for (const Separator separator : kSeparators) {
            QCOMPARE(*separatorNamed(nameOf(separator)), separator);
            QCOMPARE(*separatorNamed(std::string(1, charOf(separator))), separator);
        }
        QVERIFY(!separatorNamed("colon"));
    }

    void aSepLineWithAnotherSignIsRefused()
    {
        const auto dialect = dialectOf("sep=x\naxb\n");
        QVERIFY(!dialect);
        QCOMPARE(QString::fromStdString(dialect.error().message), QString("line 1: sep= names \"x\""));
    }
};

QTEST_APPLESS_MAIN(CsvTest)
#include "csv_test.moc"
