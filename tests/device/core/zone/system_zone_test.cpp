#include "device/core/zone/system_zone.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace std::chrono;

namespace {

base::Instant utc(const char *text)
{
    return *base::parseInstant(text);
}

} // namespace

class SystemZoneTest : public QObject
{
    Q_OBJECT

private slots:
    void knowsTheOffsetsOfTheDatabase_data()
    {
        QTest::addColumn<QString>("zone");
        QTest::addColumn<QString>("moment");
        QTest::addColumn<int>("minutesFromUtc");
        QTest::newRow("UTC") << "UTC"
                             << "2026-07-01T00:00:00Z" << 0;
        QTest::newRow("Johannesburg, summer") << "Africa/Johannesburg"
                                              << "2026-12-05T11:00:00Z" << 120;
        QTest::newRow("Johannesburg, winter") << "Africa/Johannesburg"
                                              << "2026-07-05T11:00:00Z" << 120;
        QTest::newRow("Berlin before the gap") << "Europe/Berlin"
                                               << "2026-03-29T00:59:59.999Z" << 60;
        QTest::newRow("Berlin after the gap") << "Europe/Berlin"
                                              << "2026-03-29T01:00:00Z" << 120;
        QTest::newRow("Berlin after the overlap") << "Europe/Berlin"
                                                  << "2026-10-25T01:00:00Z" << 60;
        QTest::newRow("Lord Howe, half an hour more") << "Australia/Lord_Howe"
                                                      << "2026-01-10T00:00:00Z" << 660;
        QTest::newRow("Lord Howe, winter") << "Australia/Lord_Howe"
                                           << "2026-07-10T00:00:00Z" << 630;
        QTest::newRow("Kathmandu") << "Asia/Kathmandu"
                                   << "2026-07-10T00:00:00Z" << 345;
        QTest::newRow("an alias") << "US/Eastern"
                                  << "2026-07-10T00:00:00Z" << -240;
        QTest::newRow("a fixed offset") << "Etc/GMT+5"
                                        << "2026-07-10T00:00:00Z" << -300;
        QTest::newRow("Samoa before it crossed the date line") << "Pacific/Apia"
                                                               << "2011-12-30T09:59:59Z" << -600;
        QTest::newRow("Samoa after") << "Pacific/Apia"
                                     << "2011-12-30T10:00:00Z" << 840;
    }
    void knowsTheOffsetsOfTheDatabase()
    {
        QFETCH(QString, zone);
        QFETCH(QString, moment);
        QFETCH(int, minutesFromUtc);
        const auto table = zone::loadZone(zone.toStdString());
        QVERIFY2(table, table ? "" : table.error().message.c_str());
        QCOMPARE(table->name(), zone.toStdString());
        QCOMPARE(table->offsetAt(utc(qPrintable(moment))), seconds(minutes(minutesFromUtc)));
    }

    void holdsTheYearsThatWereAskedFor()
    {
        const auto table = zone::loadZone("Europe/Berlin", {.from = 2026, .to = 2027});
        QVERIFY(table);
        QCOMPARE(table->initialOffset(), seconds(hours(1)));
        QCOMPARE(table->transitions().size(), std::size_t{4});
        QCOMPARE(table->transitions().front().at, utc("2026-03-29T01:00:00Z"));
        QCOMPARE(table->transitions().back().at, utc("2027-10-31T01:00:00Z"));
    }

    void namesThatTheDatabaseDoesNotHaveAreNotFound_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("made up") << "Europe/Atlantis";
        QTest::newRow("empty") << "";
        QTest::newRow("a path") << "../../etc/passwd";
        QTest::newRow("a folder") << "Europe";
        QTest::newRow("another file of the database's folder") << "zone.tab";
    }
    void namesThatTheDatabaseDoesNotHaveAreNotFound()
    {
        QFETCH(QString, name);
        const auto table = zone::loadZone(name.toStdString());
        QVERIFY(!table);
        QCOMPARE(table.error().code, base::ErrorCode::NotFound);
    }
};

QTEST_APPLESS_MAIN(SystemZoneTest)
#include "system_zone_test.moc"
