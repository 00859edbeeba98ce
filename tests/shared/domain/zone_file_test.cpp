#include "shared/domain/zone_file.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::domain;

namespace {

/// A file of the second version with two types, +1 h and +2 h, and one change at `at`.
base::Bytes fileWith(std::int64_t at, const std::string &rule)
{
    base::Bytes bytes;
    const auto put = [&](const std::string &text) {
        for (const char c : text)
            bytes.push_back(static_cast<std::byte>(c));
    };
    const auto header = [&](std::uint32_t times, std::uint32_t types, std::uint32_t letters) {
        put("TZif2" + std::string(15, '\0'));
        for (const std::uint32_t count : {0U, 0U, 0U, times, types, letters})
            base::putBigEndian(bytes, count);
    };
    const auto type = [&](std::uint32_t seconds) {
        base::putBigEndian(bytes, seconds);
        put(std::string(2, '\0'));
    };
    header(0, 1, 4);
    type(3600);
    put(std::string("AAA\0", 4));
    header(1, 2, 4);
    base::putBigEndian(bytes, static_cast<std::uint64_t>(at));
    bytes.push_back(std::byte{1});
    type(3600);
    type(7200);
    put(std::string("AAA\0", 4));
    put("\n" + rule + "\n");
    return bytes;
}

} // namespace

class ZoneFileTest : public QObject
{
    Q_OBJECT

private slots:
    void changesAreThoseThatAreListedAndThenThoseOfTheRule()
    {
        const auto table = readZoneFile("X", fileWith(1'000'000'000, "AAA-2BBB,M3.5.0,M10.5.0/3"), {2000, 2003});
        QVERIFY2(table, table ? "" : table.error().message.c_str());
        QCOMPARE(table->initialOffset(), std::chrono::seconds(3600));
        QCOMPARE(table->transitions().front().at, base::Instant(std::chrono::seconds(1'000'000'000)));
        QCOMPARE(table->transitions().front().offset, std::chrono::seconds(7200));
        QCOMPARE(table->transitions().back().at, *base::parseInstant("2003-10-26T00:00:00Z"));
    }

    void whatIsDamagedIsRefused()
    {
        const auto whole = fileWith(1'000'000'000, "AAA-2");
        QVERIFY(readZoneFile("X", whole));
        for (std::size_t length = 0; length < whole.size(); ++length)
            QVERIFY(!readZoneFile("X", base::ByteView(whole).first(length)));
        QVERIFY(!readZoneFile("X", fileWith(1'000'000'000, "AAA-2 and more")));
        auto old = whole;
        old[4] = std::byte{0};
        QCOMPARE(readZoneFile("X", old).error().code, base::ErrorCode::Unsupported);
    }

    void namesAreThoseOfZones_data()
    {
        QTest::addColumn<bool>("good");
        for (const char *name : {"UTC", "Europe/Berlin", "Etc/GMT+5", "America/Argentina/Buenos_Aires", "EST5EDT"})
            QTest::newRow(name) << true;
        for (const char *name : {"", "/etc/passwd", "../x", "Europe/", "Europe//Berlin", "Europe/../x", "zone.tab",
                                 "posixrules", "localtime", "right/UTC", "posix/UTC", "1970", "Europe/Ber lin"})
            QTest::newRow(name) << false;
    }
    void namesAreThoseOfZones()
    {
        QFETCH(bool, good);
        QCOMPARE(isZoneName(QTest::currentDataTag()), good);
    }
};

QTEST_APPLESS_MAIN(ZoneFileTest)
#include "zone_file_test.moc"
