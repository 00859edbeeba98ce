#include "shared/admission/occupancy.h"

#include <QtTest/QtTest>

#include <random>

using namespace voelgoed;
using namespace std::chrono;
using admission::Closing;
using domain::Direction;
using domain::Passage;

namespace {

base::Instant utc(std::string_view text)
{
    return *base::parseInstant(text);
}

domain::ZoneTable berlin()
{
    return *domain::ZoneTable::make("Europe/Berlin", hours(1),
                                    {{utc("2026-03-29T01:00:00Z"), hours(2)}, {utc("2026-10-25T01:00:00Z"), hours(1)}});
}

Passage passage(std::string_view at, int persons)
{
    return {.at = utc(at),
            .device = "d",
            .direction = persons < 0 ? Direction::Exit : Direction::Entry,
            .count = static_cast<std::uint16_t>(std::abs(persons))};
}

} // namespace

class OccupancyTest : public QObject
{
    Q_OBJECT

private slots:
    void closingComesOnceADayAtItsLocalTime_data()
    {
        QTest::addColumn<QString>("now");
        QTest::addColumn<int>("closeAtMinutes");
        QTest::addColumn<QString>("last");
        const int four = 4 * 60, half = 2 * 60 + 30;
        QTest::newRow("just before") << "2026-12-05T02:59:59Z" << four << "2026-12-04T03:00:00Z";
        QTest::newRow("at the moment") << "2026-12-05T03:00:00Z" << four << "2026-12-05T03:00:00Z";
        QTest::newRow("a day later") << "2026-12-06T02:59:59Z" << four << "2026-12-05T03:00:00Z";
        QTest::newRow("summer") << "2026-07-01T12:00:00Z" << four << "2026-07-01T02:00:00Z";
        QTest::newRow("midnight") << "2026-12-05T12:00:00Z" << 0 << "2026-12-04T23:00:00Z";
        QTest::newRow("skipped: an hour earlier") << "2026-03-29T00:30:00Z" << half << "2026-03-29T00:30:00Z";
        QTest::newRow("skipped: before it") << "2026-03-29T00:29:59Z" << half << "2026-03-28T01:30:00Z";
        QTest::newRow("skipped: still the same later") << "2026-03-29T12:00:00Z" << half << "2026-03-29T00:30:00Z";
        QTest::newRow("twice: the first") << "2026-10-25T00:30:00Z" << half << "2026-10-25T00:30:00Z";
        QTest::newRow("twice: not the second") << "2026-10-25T01:30:00Z" << half << "2026-10-25T00:30:00Z";
        QTest::newRow("the day after") << "2026-10-26T01:30:00Z" << half << "2026-10-26T01:30:00Z";
    }
    void closingComesOnceADayAtItsLocalTime()
    {
        QFETCH(QString, now);
        QFETCH(int, closeAtMinutes);
        const auto last = admission::lastClose(berlin(), minutes(closeAtMinutes), utc(now.toStdString()));
        QTEST(QString::fromStdString(base::formatInstant(last)), "last");
    }

    void theLatestOfSeveralClosingsCounts()
    {
        const auto zone = berlin();
        const seconds times[]{hours(4), hours(16)};
        QCOMPARE(Closing(zone, times).lastBefore(utc("2026-12-05T12:00:00Z")), utc("2026-12-05T03:00:00Z"));
        QCOMPARE(Closing(zone, times).lastBefore(utc("2026-12-05T15:00:00Z")), utc("2026-12-05T15:00:00Z"));
        QVERIFY(!Closing(zone, {}).lastBefore(utc("2026-12-05T12:00:00Z")));
    }

    void entriesLessExitsNeverBelowZero()
    {
        const auto zone = berlin();
        const Closing open{zone, {}};
        const auto now = utc("2026-12-05T20:00:00Z");
        QCOMPARE(admission::insideOf({}, open, now), 0U);
        const std::vector<Passage> day{passage("2026-12-05T10:00:00Z", -2), passage("2026-12-05T11:00:00Z", 3),
                                       passage("2026-12-05T12:00:00Z", -5), passage("2026-12-05T13:00:00Z", 1)};
        QCOMPARE(admission::insideOf(day, open, now), 1U);
        QCOMPARE(admission::admittedOf(day), 4U);
    }

    void eachClosingEmptiesAndWhoComesThenCounts()
    {
        const auto zone = berlin();
        const seconds four[]{hours(4)};
        const Closing closing{zone, four};
        const std::vector<Passage> night{passage("2026-12-05T20:00:00Z", 2), passage("2026-12-06T03:00:00Z", 1)};
        QCOMPARE(admission::insideOf(night, closing, utc("2026-12-06T03:00:00Z")), 1U);
        QCOMPARE(admission::insideOf(night, closing, utc("2026-12-07T02:59:59Z")), 1U);
        QCOMPARE(admission::insideOf(night, closing, utc("2026-12-07T03:00:00Z")), 0U);
        // An exit after closing finds nobody to take out.
        const std::vector<Passage> late{passage("2026-12-05T20:00:00Z", 2), passage("2026-12-06T04:00:00Z", -1),
                                        passage("2026-12-06T05:00:00Z", 1)};
        QCOMPARE(admission::insideOf(late, closing, utc("2026-12-06T06:00:00Z")), 1U);
    }

    void agreesWithACountMinuteByMinute()
    {
        const auto zone = berlin();
        const seconds times[]{hours(2) + minutes(30), hours(14)};
        const Closing closing{zone, times};
        for (unsigned seed = 1; seed <= 50; ++seed) {
            std::mt19937 random(seed);
            // Around a change of the clocks, in whole minutes.
            const auto start = utc(seed % 2 == 0 ? "2026-03-28T12:00:00Z" : "2026-10-24T12:00:00Z");
            std::vector<Passage> history;
            auto at = start;
            for (int i = 0; i < 12; ++i) {
                at += minutes(random() % 300);
                history.push_back({.at = at,
                                   .device = "d",
                                   .sequence = {history.size()},
                                   .direction = random() % 3 == 0 ? Direction::Exit : Direction::Entry,
                                   .count = static_cast<std::uint16_t>(1 + random() % 3)});
            }
            const auto now = at + minutes(random() % 2000);
            std::uint32_t inside = 0;
            std::size_t next = 0;
            for (auto minute = start; minute <= now; minute += minutes(1)) {
                for (const seconds time : times) {
                    const auto today = zone.toInstant(domain::ZoneTable::LocalTime(zone.dayOf(minute)) + time);
                    if (today == minute && minute > start)
                        inside = 0;
                }
                for (; next < history.size() && history[next].at == minute; ++next) {
                    const std::uint32_t count = history[next].count;
                    inside =
                        history[next].direction == Direction::Entry ? inside + count : inside - std::min(inside, count);
                }
            }
            QVERIFY2(admission::insideOf(history, closing, now) == inside, qPrintable(QString::number(seed)));
        }
    }
};

QTEST_APPLESS_MAIN(OccupancyTest)
#include "occupancy_test.moc"
