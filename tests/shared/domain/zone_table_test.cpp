#include "shared/domain/zone_table.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace std::chrono;

namespace {

base::Instant utc(const char *text)
{
    return *base::parseInstant(text);
}

domain::ZoneTable::LocalTime local(const char *text)
{
    return domain::ZoneTable::LocalTime(utc(text).time_since_epoch());
}

domain::ZoneTable berlin()
{
    return *domain::ZoneTable::make("Europe/Berlin", hours(1),
                                    {{utc("2026-03-29T01:00:00Z"), hours(2)}, {utc("2026-10-25T01:00:00Z"), hours(1)}});
}

} // namespace

class ZoneTableTest : public QObject
{
    Q_OBJECT

private slots:
    void knowsTheOffsetOnBothSidesOfAChange()
    {
        const auto zone = berlin();
        QCOMPARE(zone.offsetAt(utc("2026-03-29T00:59:59.999Z")), seconds(hours(1)));
        QCOMPARE(zone.offsetAt(utc("2026-03-29T01:00:00Z")), seconds(hours(2)));
        QCOMPARE(zone.offsetAt(utc("2026-10-25T01:00:00Z")), seconds(hours(1)));
    }

    void turnsLocalTimesIntoMoments_data()
    {
        QTest::addColumn<QString>("localTime");
        QTest::addColumn<QString>("moment");
        QTest::newRow("winter") << "2026-01-15T12:00:00Z"
                                << "2026-01-15T11:00:00Z";
        QTest::newRow("summer") << "2026-07-15T12:00:00Z"
                                << "2026-07-15T10:00:00Z";
        QTest::newRow("last before the gap") << "2026-03-29T01:59:59Z"
                                             << "2026-03-29T00:59:59Z";
        QTest::newRow("start of the gap: an hour earlier") << "2026-03-29T02:00:00Z"
                                                           << "2026-03-29T00:00:00Z";
        QTest::newRow("inside the gap: an hour earlier") << "2026-03-29T02:30:00Z"
                                                         << "2026-03-29T00:30:00Z";
        QTest::newRow("first after the gap") << "2026-03-29T03:00:00Z"
                                             << "2026-03-29T01:00:00Z";
        QTest::newRow("twice: the first") << "2026-10-25T02:30:00Z"
                                          << "2026-10-25T00:30:00Z";
        QTest::newRow("first that is there once again") << "2026-10-25T03:00:00Z"
                                                        << "2026-10-25T02:00:00Z";
    }
    void turnsLocalTimesIntoMoments()
    {
        QFETCH(QString, localTime);
        QFETCH(QString, moment);
        const auto at = berlin().toInstant(local(qPrintable(localTime)));
        QCOMPARE(base::formatInstant(at), moment.toStdString());
    }

    void everyLocalTimeOfAYearComesBack()
    {
        const auto zone = berlin();
        for (auto at = utc("2026-01-01T00:00:00Z"); at < utc("2027-01-01T00:00:00Z"); at += minutes(7)) {
            const auto back = zone.toInstant(zone.toLocal(at));
            const bool second = at >= utc("2026-10-25T01:00:00Z") && at < utc("2026-10-25T02:00:00Z");
            QCOMPARE(back, second ? at - hours(1) : at);
        }
    }

    void knowsDaysAndWeekdays()
    {
        const auto zone = berlin();
        QCOMPARE(zone.isoWeekdayOf(utc("2026-03-28T23:30:00Z")), 7U);
        QCOMPARE(zone.isoWeekdayOf(utc("2026-03-28T22:30:00Z")), 6U);
    }

    void refusesTablesThatCannotBe()
    {
        using domain::ZoneTable;
        QVERIFY(!ZoneTable::make("", hours(1), {}));
        QVERIFY(!ZoneTable::make("X", hours(24), {}));
        QVERIFY(!ZoneTable::make("X", hours(1), {{utc("2026-01-01T00:00:00Z"), hours(-30)}}));
        QVERIFY(!ZoneTable::make("X", hours(1),
                                 {{utc("2026-01-01T00:00:00Z"), hours(2)}, {utc("2026-01-01T00:00:00Z"), hours(1)}}));
        QVERIFY(!ZoneTable::make("X", hours(1), std::vector<ZoneTable::Transition>(2000)));
    }
};

QTEST_APPLESS_MAIN(ZoneTableTest)
#include "zone_table_test.moc"
