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
        // The database lists changes up to 2037, and a rule for the years behind.
        const auto later = [](const char *name, const char *zone, const char *moment, int minutes) {
            QTest::newRow(name) << zone << moment << minutes;
        };
        later("Berlin, summer of 2040", "Europe/Berlin", "2040-07-01T10:00:00Z", 120);
        later("Berlin, winter of 2040", "Europe/Berlin", "2040-12-01T10:00:00Z", 60);
        later("Berlin before the gap of 2099", "Europe/Berlin", "2099-03-29T00:59:59.999Z", 60);
        later("Berlin after the gap of 2099", "Europe/Berlin", "2099-03-29T01:00:00Z", 120);
        later("New York, last winter that is listed", "America/New_York", "2037-12-01T10:00:00Z", -300);
        later("New York before the gap of 2038", "America/New_York", "2038-03-14T06:59:59Z", -300);
        later("New York after the gap of 2038", "America/New_York", "2038-03-14T07:00:00Z", -240);
        later("New York after the overlap of 2038", "America/New_York", "2038-11-07T06:00:00Z", -300);
        later("Lord Howe, summer of 2045", "Australia/Lord_Howe", "2045-01-10T00:00:00Z", 660);
        later("Lord Howe, winter of 2045", "Australia/Lord_Howe", "2045-07-10T00:00:00Z", 630);
        later("Lord Howe before the overlap of 2045", "Australia/Lord_Howe", "2045-04-01T14:59:59Z", 660);
        later("Lord Howe after the overlap of 2045", "Australia/Lord_Howe", "2045-04-01T15:00:00Z", 630);
        later("Johannesburg, 2060", "Africa/Johannesburg", "2060-07-01T10:00:00Z", 120);
        later("Casablanca outside Ramadan of 2045", "Africa/Casablanca", "2045-10-15T10:00:00Z", 60);
        later("Casablanca in Ramadan of 2045", "Africa/Casablanca", "2045-08-01T10:00:00Z", 0);
        later("Casablanca behind all of them", "Africa/Casablanca", "2095-06-15T10:00:00Z", 60);
        later("Dublin, winter of 2060", "Europe/Dublin", "2060-01-15T10:00:00Z", 0);
        later("Dublin, summer of 2060", "Europe/Dublin", "2060-07-15T10:00:00Z", 60);
        later("Nuuk, changing on the day before", "America/Nuuk", "2050-07-01T10:00:00Z", -60);
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

    void aTableStaysSmall_data()
    {
        QTest::addColumn<QString>("zone");
        for (const char *zone : {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"})
            QTest::newRow(zone) << zone;
    }
    void aTableStaysSmall()
    {
        QFETCH(QString, zone);
        const auto table = zone::loadZone(zone.toStdString());
        QVERIFY(table);
        QVERIFY2(table->transitions().size() <= 2 * 131, qPrintable(QString::number(table->transitions().size())));
        QVERIFY(table->transitions().back().at < utc("2101-01-01T00:00:00Z"));
    }

    void yearsThatNoDatabaseListsAreThoseOfTheRule()
    {
        const auto table = zone::loadZone("America/New_York", {.from = 2050, .to = 2050});
        QVERIFY(table);
        QCOMPARE(table->initialOffset(), seconds(hours(-5)));
        QCOMPARE(table->transitions().size(), std::size_t{2});
        QCOMPARE(table->transitions()[0].at, utc("2050-03-13T07:00:00Z"));
        QCOMPARE(table->transitions()[1].at, utc("2050-11-06T06:00:00Z"));
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
