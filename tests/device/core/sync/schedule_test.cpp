#include "device/core/sync/schedule.h"

#include <QtTest/QtTest>

#include <set>

using namespace voelgoed;
using namespace std::chrono_literals;
using sync::Lane, sync::Schedule;

namespace {

constexpr base::Milliseconds kStart = 1h;

struct Plan
{
    base::SeededRandom random{1};
    Schedule schedule{random};
};

} // namespace

class ScheduleTest : public QObject
{
    Q_OBJECT

private slots:
    void aRowGoesWithThoseOfTheNextMilliseconds()
    {
        Plan plan;
        plan.schedule.setListening(true);
        QVERIFY(!plan.schedule.next(Lane::Up));
        plan.schedule.setPending(true, kStart);
        QVERIFY(*plan.schedule.next(Lane::Up) == kStart + 4ms);
        plan.schedule.setPending(true, kStart + 3ms); // another one does not put it off
        QVERIFY(*plan.schedule.next(Lane::Up) == kStart + 4ms);
    }

    void whatComesWhileOthersAreUnderWayWaitsForTheirAnswer()
    {
        Plan plan;
        plan.schedule.setListening(true);
        plan.schedule.setPending(true, kStart);
        plan.schedule.began(Lane::Up);
        QVERIFY(!plan.schedule.next(Lane::Up));
        QVERIFY(plan.schedule.next(Lane::Listen)); // which does not wait for it
        plan.schedule.answered(Lane::Up, kStart + 1s, 0ms);
        plan.schedule.setPending(true, kStart + 1s);
        QVERIFY(*plan.schedule.next(Lane::Up) == kStart + 1s + 4ms);
    }

    void aQuestionWaitsForNewsOnlyAtTheFeedsEnd()
    {
        Plan plan;
        plan.schedule.setListening(true);
        QVERIFY(plan.schedule.wait() == 0ms); // at first, to know the time
        plan.schedule.began(Lane::Listen);
        plan.schedule.answered(Lane::Listen, kStart, 0ms);
        plan.schedule.setBehind(false);
        QVERIFY(plan.schedule.wait() == 25s);
        plan.schedule.setBehind(true);
        QVERIFY(plan.schedule.wait() == 0ms);
        plan.schedule.setBehind(false);
        plan.schedule.failed(Lane::Listen, kStart, 0ms);
        QVERIFY(plan.schedule.wait() == 0ms);
    }

    void failuresAreWaitedOutLongerEachTimeAndWithoutEnd()
    {
        for (std::uint64_t seed = 1; seed <= 50; ++seed) {
            base::SeededRandom random(seed);
            Schedule schedule(random);
            schedule.setListening(true);
            base::Milliseconds at = kStart;
            base::Milliseconds most = 1s;
            for (int i = 0; i < 40; ++i) {
                schedule.began(Lane::Listen);
                schedule.failed(Lane::Listen, at, 0ms);
                const auto next = *schedule.next(Lane::Listen);
                QVERIFY(next - at >= most / 2 && next - at <= most);
                at = next;
                most = std::min<base::Milliseconds>(most * 2, 30s);
            }
            schedule.began(Lane::Listen);
            schedule.answered(Lane::Listen, at, 0ms);
            QVERIFY(*schedule.next(Lane::Listen) <= at);
            schedule.failed(Lane::Listen, at, 0ms);
            QVERIFY(*schedule.next(Lane::Listen) <= at + 1s);
        }
    }

    void gatesThatLoseTheirServerTogetherDoNotComeBackTogether()
    {
        std::set<std::int64_t> moments;
        for (std::uint64_t seed = 1; seed <= 50; ++seed) {
            base::SeededRandom random(seed);
            Schedule schedule(random);
            schedule.setListening(true);
            schedule.failed(Lane::Listen, kStart, 0ms);
            moments.insert(schedule.next(Lane::Listen)->count());
        }
        QVERIFY(moments.size() > 30);
    }

    void bothLanesWaitAndOneOutageCountsOnce()
    {
        Plan plan;
        plan.schedule.setListening(true);
        plan.schedule.setPending(true, kStart);
        plan.schedule.began(Lane::Up);
        plan.schedule.began(Lane::Listen);
        plan.schedule.failed(Lane::Up, kStart, 0ms);
        plan.schedule.failed(Lane::Listen, kStart + 1ms, 0ms);
        QVERIFY(*plan.schedule.next(Lane::Listen) <= kStart + 1s);
        plan.schedule.setPending(true, kStart);
        QVERIFY(*plan.schedule.next(Lane::Up) <= kStart + 1s);
    }

    void aServerThatSaysHowLongToWaitIsWaitedFor()
    {
        Plan plan;
        plan.schedule.setListening(true);
        plan.schedule.setPending(true, kStart);
        plan.schedule.began(Lane::Listen);
        plan.schedule.failed(Lane::Listen, kStart, 90s);
        QVERIFY(*plan.schedule.next(Lane::Listen) == kStart + 90s);
        QVERIFY(*plan.schedule.next(Lane::Up) == kStart + 90s);
        plan.schedule.answered(Lane::Listen, kStart + 90s, 5s);
        QVERIFY(*plan.schedule.next(Lane::Up) == kStart + 95s);
        plan.schedule.failed(Lane::Listen, kStart + 95s, 24h); // not for ever
        QVERIFY(*plan.schedule.next(Lane::Listen) == kStart + 95s + 10min);
    }

    void whereNobodyListensAHeartbeatGoesUp()
    {
        Plan plan;
        plan.schedule.setListening(false);
        QVERIFY(!plan.schedule.next(Lane::Listen));
        QVERIFY(*plan.schedule.next(Lane::Up) == 0ms);
        plan.schedule.began(Lane::Up);
        plan.schedule.answered(Lane::Up, kStart, 0ms);
        QVERIFY(*plan.schedule.next(Lane::Up) == kStart + 30s);
        plan.schedule.setListening(true);
        QVERIFY(!plan.schedule.next(Lane::Up));
    }

    void inAHurryNothingIsGatheredAndNothingWaitedFor()
    {
        Plan plan;
        plan.schedule.setBehind(false);
        plan.schedule.hurry();
        plan.schedule.setPending(true, kStart);
        QVERIFY(*plan.schedule.next(Lane::Up) == kStart);
        QVERIFY(plan.schedule.wait() == 0ms);
    }
};

QTEST_APPLESS_MAIN(ScheduleTest)
#include "schedule_test.moc"
