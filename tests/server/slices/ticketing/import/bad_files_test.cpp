#include "server/slices/ticketing/import/read.h"

#include "tests/server/slices/ticketing/import/list_files.h"
#include "tests/support/places.h"

#include <QtTest/QtTest>

#include <QtCore/QDir>

using namespace voelgoed;
using namespace voelgoed::ticketing::import;

namespace {

/// A file of tests/data/imports/bad of which nothing can be used.
struct Refused
{
    const char *file;
    const char *message;
};

const std::vector<Refused> kRefused{
    {"empty.csv", "the file is empty"},
    {"only_line_ends.csv", "the file holds nothing"},
    {"nul_inside.csv", "line 3, character 12: a NUL"},
    {"mark_in_the_middle.csv", "line 3, character 1: a byte order mark in the middle of the file"},
    {"two_encodings.csv", "line 4, character 11: byte 0xEB in a file that is UTF-8 otherwise"},
    {"undefined_byte.csv", "line 3, character 11: byte 0x81 is neither UTF-8 nor Windows-1252"},
    {"lone_surrogate.csv", "line 3, character 9: half of a surrogate pair (U+D83D)"},
    {"cut_off_utf16.csv", "line 3, character 1: the file ends in the middle of a character"},
    {"unclosed_quote.csv", "line 3, column 2: the quote that opens here is never closed"},
    {"too_many_columns.csv", "line 1: more than 1,000 columns"},
    {"field_too_long.csv", "line 2, column 2: more than 65,536 bytes in one field"},
    {"unknown_sep.csv", "line 1: sep= names \":\""},
    {"spreadsheet.xlsx", "the file is no CSV: it is a spreadsheet (.xlsx, .ods) or an archive"},
    {"tickets.pdf", "the file is no CSV: it is a PDF"},
    {"page.xls", "the file is no CSV: it is a web page or XML, whatever its name says"},
    {"cut_off.json", "JSON, line 1, column 45: incomplete JSON"},
    {"repeated_key.json", "JSON, line 1, column 29: the key \"barcode\" is there twice"},
    {"no_codes.csv", "no column holds the tickets' codes"},
    {"one_code_for_all.csv", "column 2 `Code` holds the same values again and again, so they are no tickets' codes"},
};

/// One that is read: its codes, and what is found.
struct Read
{
    const char *file;
    QStringList codes;
    QStringList findings;
};

QStringList inColumnOne(const char *kind, std::initializer_list<int> lines)
{
    QStringList found;
    for (const int line : lines)
        found += QString("line %1, column 1: %2").arg(line).arg(kind);
    return found;
}

const std::vector<Read> kRead{
    {"mixed_line_ends.csv", {"VG-1001", "VG-1002", "VG-1003", "VG-1004"}, {}},
    {"marked_sep_line.csv", {"VG-1001", "VG-1002"}, {}},
    {"unicode_text.txt", {"VG-1001", "VG-1002"}, {}},
    {"bare_cr_cp1252.csv", {"VG-1001", "VG-1002"}, {}},
    {"headers_spoilt.csv", {"VG-1001", "VG-1002"}, {}},
    {"decimals.csv", {"VG-1001", "VG-1002"}, {"line 2, column 3: group"}},
    {"formula_guards.csv",
     {"-AB1", "=AB2", "@AB3", "=cmd|'/C calc'!A0"},
     inColumnOne("formula_guard", {2, 3, 4}) << "line 4, column 2: formula_guard"},
    {"lost_sign.csv",
     {"-AB1", "=CD2", "@EF3", "GH4", "+IJ5", "-KL6", "-MN7", "-OP8", "-QR9", "-ST0"},
     inColumnOne("lost_sign", {5})},
    {"lost_zeros.csv",
     {"4182077", "182078", "4182079", "4182080", "82081", "4182082", "4182083"},
     inColumnOne("lost_zeros", {3, 6})},
    {"scientific.csv", {"23820220588971"}, inColumnOne("scientific_notation", {2, 3, 4})},
    {"looks_scientific.csv", {"12E5", "1E5", "7F3A", "9C21"}, inColumnOne("looks_scientific", {2, 3})},
    {"lost_digits.csv", {"3234567890"}, inColumnOne("lost_digits", {2, 3})},
    {"decimal_codes.csv", {}, inColumnOne("decimal_code", {2, 3})},
    {"codes_in_urls.csv",
     {"https://example.org/t/AB1", "https://example.org/t/AB2"},
     inColumnOne("code_is_url", {2, 3})},
    {"invisible.csv", {"VG-1001", "VG-1002", "VG-1003", "VG 1004"}, inColumnOne("invisible_characters", {2, 3, 4, 5})},
    {"control_characters.csv",
     {"VG-1001", "VG-1002", "VG-1003[31m", "=VG1004"},
     inColumnOne("control_characters", {2, 3, 4, 5})},
    {"duplicates.csv",
     {"VG-1001", "VG-1003"},
     {"line 3, column 1: same_code", "line 4, column 1: same_row", "line 5, column 1: same_code"}},
    {"voided_later.csv", {"VG-1001"}, inColumnOne("same_code", {3, 4})},
    {"empty_codes.csv", {"VG-1001"}, inColumnOne("no_code", {3, 4}) << "line 5, column 1: no_code_not_valid"},
    {"long_code.csv", {"VG-1001", QString(512, 'x')}, inColumnOne("code_too_long", {3})},
    {"own_codes.csv", {"VG-1001"}, inColumnOne("own_code", {3})},
    {"repeated_header_and_total.csv",
     {"VG-1001", "VG-1002"},
     {"line 4, column 1: repeated_header", "line 7, column 1: total_row"}},
    {"states.csv",
     {"VG-1001", "VG-1002", "VG-1003", "VG-1004", "VG-1005", "VG-1006"},
     {"line 8, column 4: unknown_status"}},
    {"groups.csv",
     {"VG-1001", "VG-1002", "VG-1005", "VG-1006", "VG-1007", "VG-1008", "VG-1009", "VG-1010"},
     {"line 2, column 3: group", "line 4, column 3: bad_quantity", "line 5, column 3: bad_quantity"}},
    {"moved_columns.csv",
     {"VG-1002", "VG-1004"},
     {"line 2, column 5: too_many_columns", "line 3, column 2: short_row", "line 4, column 2: stray_quote"}},
    {"hostile_names.csv", {"VG-1001", "VG-1002", "VG-1003", "VG-1004"}, {}},
};

} // namespace

class BadFilesTest : public QObject
{
    Q_OBJECT

private slots:
    void everyFileIsInATable()
    {
        QStringList known;
        for (const Refused &refused : kRefused)
            known += refused.file;
        for (const Read &read : kRead)
            known += read.file;
        known.sort();
        const QDir folder(QString(test::sourceFolder()) + "/tests/data/imports/bad");
        QStringList there = folder.entryList(QDir::Files);
        there.sort();
        QCOMPARE(there, known);
    }

    void whatCannotBeUsedIsRefusedWithItsPlaceAndAHint_data()
    {
        QTest::addColumn<QString>("message");
        for (const Refused &refused : kRefused)
            QTest::newRow(refused.file) << refused.message;
    }
    void whatCannotBeUsedIsRefusedWithItsPlaceAndAHint()
    {
        QFETCH(QString, message);
        const auto outcome = readGuestList(listFile(std::string("bad/") + QTest::currentDataTag()));
        QVERIFY(!outcome);
        QCOMPARE(problemOf(outcome.error()), message);
        QVERIFY(!outcome.error().hint.empty());
    }

    void whatIsWrongWithRowsIsFoundAndTheOthersAreRead_data()
    {
        QTest::addColumn<QStringList>("codes");
        QTest::addColumn<QStringList>("findings");
        for (const Read &read : kRead)
            QTest::newRow(read.file) << read.codes << read.findings;
    }
    void whatIsWrongWithRowsIsFoundAndTheOthersAreRead()
    {
        QFETCH(QStringList, codes);
        QFETCH(QStringList, findings);
        const auto outcome = readGuestList(listFile(std::string("bad/") + QTest::currentDataTag()));
        QVERIFY2(outcome, outcome ? "" : outcome.error().message.c_str());
        QStringList read;
        for (const Guest &guest : outcome->list.guests)
            read += QString::fromStdString(guest.code);
        QCOMPARE(read, codes);
        QCOMPARE(textsOf(outcome->list.findings), findings);
    }
};

QTEST_APPLESS_MAIN(BadFilesTest)
#include "bad_files_test.moc"
