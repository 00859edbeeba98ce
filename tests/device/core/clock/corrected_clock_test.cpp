#include "device/core/clock/corrected_clock.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using domain::ClockState, domain::TimeTrust;
using std::chrono::hours, std::chrono::minutes, std::chrono::seconds;

namespace {

base::Instant utc(const char *text)
{
    return *base::parseInstant(text);
}

class HandClock final : public base::Clock
{
public:
    base::ClockReading reading{.wall = utc("2026-12-05T11:00:00Z"), .sinceBoot = minutes(10)};

    void pass(base::Milliseconds time)
    {
        reading.wall += time;
        reading.sinceBoot += time;
    }
    base::ClockReading now() override { return reading; }
};

const clock::Floors kFloors{.built = utc("2026-11-01T00:00:00Z"),
                            .list = utc("2026-12-05T08:00:00Z"),
                            .journal = utc("2026-12-05T10:59:00Z"),
                            .sure = utc("2026-12-05T10:59:00Z")};

} // namespace

class CorrectedClockTest : public QObject
{
    Q_OBJECT

private slots:
    void aSoundClockIsTakenAsItIs()
    {
        HandClock hand;
        clock::CorrectedClock corrected(hand, kFloors);
        hand.pass(seconds(90));
        const auto now = corrected.now();
        QCOMPARE(now.at, utc("2026-12-05T11:01:30Z"));
        QCOMPARE(now.state, ClockState::Assumed);
        QCOMPARE(now.trust, TimeTrust::Full);
    }

    void aStepInTheMiddleOfAShiftChangesNothing_data()
    {
        QTest::addColumn<qint64>("by");
        for (const qint64 by : {-1, 1, -90, 90, -3600, 3600, -86400, 86400, -1796468400})
            QTest::addRow("%lld s", static_cast<long long>(by)) << by;
    }
    void aStepInTheMiddleOfAShiftChangesNothing()
    {
        QFETCH(qint64, by);
        HandClock hand;
        clock::CorrectedClock corrected(hand, kFloors);
        hand.reading.wall += seconds(by);
        hand.pass(seconds(10));
        QCOMPARE(corrected.now().at, utc("2026-12-05T11:00:10Z"));
        QCOMPARE(corrected.now().wall, hand.reading.wall);
    }

    void aTimeServersStepIsFollowed()
    {
        HandClock hand;
        clock::CorrectedClock corrected(hand, kFloors);
        hand.pass(minutes(1));
        hand.reading.wall += hours(1);
        hand.reading.synchronised = true;
        QCOMPARE(corrected.now().at, utc("2026-12-05T12:01:00Z"));
    }

    void bootingIn1970GoesOnFromTheLastRow()
    {
        HandClock hand;
        hand.reading.wall = utc("1970-01-01T00:00:30Z");
        clock::CorrectedClock corrected(hand, kFloors);
        hand.pass(seconds(20));
        const auto now = corrected.now();
        QCOMPARE(now.at, utc("2026-12-05T10:59:20Z"));
        QCOMPARE(now.state, ClockState::Bracketed);
        QCOMPARE(now.trust, TimeTrust::NotBefore);
    }

    void bootingIn1970WithoutARowTellsNoTime()
    {
        HandClock hand;
        hand.reading.wall = utc("1970-01-01T00:00:30Z");
        clock::CorrectedClock corrected(hand,
                                        {.built = kFloors.built, .list = kFloors.list, .journal = {}, .sure = {}});
        QCOMPARE(corrected.now().trust, TimeTrust::None);
        hand.reading.wall = utc("2026-12-05T11:00:00Z"); // somebody sets it
        QCOMPARE(corrected.now().trust, TimeTrust::Full);
        QCOMPARE(corrected.now().at, utc("2026-12-05T11:00:00Z"));
    }

    void timeNeverGoesBackBehindWhatWasWrittenDown()
    {
        HandClock hand;
        clock::CorrectedClock corrected(hand, kFloors);
        auto last = corrected.now().at;
        for (int i = 0; i < 100; ++i) {
            hand.pass(seconds(1));
            hand.reading.wall += (i % 3 - 1) * minutes(i);
            hand.reading.synchronised = i % 4 == 0;
            const auto now = corrected.now().at;
            QVERIFY(now >= last);
            if (i % 2 == 0) {
                corrected.wrote(now);
                last = now;
            }
        }
    }

    void aTimeThatWasOnlyLookedAtIsTakenBack()
    {
        HandClock hand;
        hand.reading.wall += hours(2); // too far ahead
        clock::CorrectedClock corrected(hand, kFloors);
        QCOMPARE(corrected.now().at, utc("2026-12-05T13:00:00Z"));
        hand.reading.wall -= hours(2);
        hand.reading.synchronised = true;
        hand.pass(minutes(1));
        QCOMPARE(corrected.now().at, utc("2026-12-05T11:01:00Z"));
        QCOMPARE(corrected.now().trust, TimeTrust::Full);
    }

    void aTimeThatWasWrittenDownIsNot()
    {
        HandClock hand;
        hand.reading.wall += hours(2);
        clock::CorrectedClock corrected(hand, kFloors);
        corrected.wrote(corrected.now().at);
        hand.reading.wall -= hours(2);
        hand.reading.synchronised = true;
        hand.pass(minutes(1));
        QCOMPARE(corrected.now().at, utc("2026-12-05T13:01:00Z")); // it goes on, and does not stand still
    }

    void rowsThatNoClockVouchesForProveNothing()
    {
        HandClock hand;
        hand.reading.wall = utc("1970-01-01T00:00:30Z");
        clock::CorrectedClock corrected(hand,
                                        {.built = kFloors.built, .list = kFloors.list, .journal = {}, .sure = {}});
        corrected.wrote(corrected.now().at);
        QCOMPARE(corrected.now().trust, TimeTrust::None);
    }

    void neverBelowTheFloor()
    {
        HandClock hand;
        hand.reading.wall = utc("2026-12-05T10:58:57Z"); // two seconds of drift below the last row
        clock::CorrectedClock corrected(hand, kFloors);
        QCOMPARE(corrected.now().at, *kFloors.journal);
        QCOMPARE(corrected.now().state, ClockState::Assumed);
    }

    void theServersTimeCancelsAWrongClock()
    {
        HandClock hand;
        hand.reading.wall = utc("2026-12-06T12:00:00Z"); // a day ahead
        clock::CorrectedClock corrected(hand, kFloors);
        QCOMPARE(corrected.now().at, utc("2026-12-06T12:00:00Z"));
        corrected.anchor(utc("2026-12-05T11:00:00Z"));
        hand.reading.wall -= hours(1000);
        hand.pass(seconds(5));
        QCOMPARE(corrected.now().at, utc("2026-12-05T11:00:05Z"));
        QCOMPARE(corrected.now().state, ClockState::Anchored);
    }

    void aNewerListProvesThatTimeHasPassed()
    {
        HandClock hand;
        clock::CorrectedClock corrected(hand, kFloors);
        corrected.raiseList(utc("2026-12-05T15:00:00Z"));
        QCOMPARE(corrected.now().at, utc("2026-12-05T15:00:00Z"));
        QCOMPARE(corrected.now().state, ClockState::Bracketed);
    }
};

QTEST_APPLESS_MAIN(CorrectedClockTest)
#include "corrected_clock_test.moc"
