#include "server/slices/ticketing/import/json_records.h"

#include "tests/server/slices/ticketing/import/list_files.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::ticketing::import;

/// Objects as the rows of a table.
class JsonRecordsTest : public QObject
{
    Q_OBJECT

private slots:
    // With room for all columns in each of them, a list of 3 MB took 32 GB.
    void anObjectTakesRoomForWhatItHasAlone()
    {
        constexpr std::size_t kColumns = 1'000, kObjects = 1'000;
        std::string text = "[{";
        for (std::size_t i = 0; i < kColumns; ++i)
            text += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":1";
        text += "}";
        for (std::size_t i = 0; i < kObjects; ++i)
            text += i % 2 == 0 ? ",{}" : ",{\"k999\":2}";
        const auto table = jsonTable(text + "]");
        QVERIFY2(table, table ? "" : table.error().message.c_str());
        QCOMPARE(table->headers.size(), kColumns);
        QCOMPARE(table->rows.size(), kObjects + 1);
        std::size_t cells = 0;
        for (const auto &row : table->rows)
            cells += row.capacity();
        QVERIFY2(cells < 3 * kColumns + 3 * kObjects, std::to_string(cells).c_str());
    }

    void whatAnObjectDoesNotHaveIsEmptyAndNoShortRow()
    {
        const auto outcome = readGuestList(R"([{"barcode": "VG-1001", "full_name": "Guest 1", "email": "a@example.org"},
            {"email": "b@example.org", "barcode": "VG-1002"}, {}, {"barcode": "VG-1003"}])");
        QVERIFY2(outcome, outcome ? "" : outcome.error().message.c_str());
        QCOMPARE(textsOf(outcome->list.guests),
                 QStringList({"1|VG-1001|Guest 1|a@example.org||valid||1||", "2|VG-1002||b@example.org||valid||1||",
                              "4|VG-1003||||valid||1||"}));
        QCOMPARE(textsOf(outcome->list.findings), QStringList());
        QCOMPARE(outcome->list.counts.blankRows, std::size_t{1});
    }
};

QTEST_APPLESS_MAIN(JsonRecordsTest)
#include "json_records_test.moc"
