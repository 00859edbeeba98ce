#include "tests/support/practice_gate.h"

#include <QtTest/QtTest>

#include <map>
#include <set>

using namespace voelgoed;
using support::CrashDisk;
using support::present;

namespace {

/// What a gate told people, and what its file holds in the end.
struct Evening
{
    std::map<std::uint32_t, int> greens; ///< by number of the guest: how often a green answer was given
    std::set<std::pair<std::uint32_t, std::uint64_t>> durable; ///< rows that were called durable
    bool failed = false;                                       ///< the injected failure came up
};

constexpr std::uint32_t kGuests = 12;

/// The whole scan path under a failing disk: start, scans, marks, a checkpoint, mending; then a healthy restart.
Evening live(CrashDisk &disk, support::PracticeGate &practice, std::uint64_t nth, CrashDisk::Failing how)
{
    Evening evening;
    disk.failAt(nth, how);
    auto engine = practice.start();
    for (std::uint32_t guest = 1; engine && guest <= kGuests; ++guest) {
        const auto judged = present(**engine, practice.foreignCode(guest));
        if (judged.durable)
            evening.durable.emplace(judged.row->epoch.value, judged.row->sequence.value);
        if (judged.outcome() == domain::Outcome::Admit) {
            ++evening.greens[guest];
            (*engine)->shown();
        }
        if (guest % 4 == 0)
            (*engine)->idle();
        if (guest == 6 && (*engine)->vault().isOpen())
            (void)(*engine)->vault().database().checkpoint();
    }
    evening.failed = disk.hasFailed();
    if (engine)
        engine->reset();
    disk.failAt(0, CrashDisk::Failing::Once);
    return evening;
}

} // namespace

class FailNthTest : public QObject
{
    Q_OBJECT

private slots:
    void aFailureAtAnyCallNeverLosesAGreen_data()
    {
        QTest::addColumn<int>("how");
        QTest::newRow("one call fails") << static_cast<int>(CrashDisk::Failing::Once);
        QTest::newRow("all calls fail from then on") << static_cast<int>(CrashDisk::Failing::FromThenOn);
    }
    void aFailureAtAnyCallNeverLosesAGreen()
    {
        QFETCH(int, how);
        int runs = 0;
        for (std::uint64_t nth = 1;; ++nth, ++runs) {
            CrashDisk disk("failing", nth);
            support::PracticeGate practice(disk, kGuests);
            QVERIFY(practice.load());
            const Evening evening = live(disk, practice, nth, static_cast<CrashDisk::Failing>(how));
            const auto engine = practice.start();
            QVERIFY2(static_cast<bool>(engine), qPrintable(QString("call %1").arg(nth)));
            // Everything that was called durable is there; nobody was green twice; whoever was green is counted.
            const auto rows = (*engine)->vault().journal().rowsAfter({}, 10'000);
            QVERIFY(rows);
            std::set<std::pair<std::uint32_t, std::uint64_t>> there;
            for (const auto &row : *rows)
                QVERIFY(there.emplace(row.row.key.epoch.value, row.row.key.sequence.value).second);
            for (const auto &row : evening.durable)
                QVERIFY2(there.contains(row), qPrintable(QString("call %1: row %2 is gone").arg(nth).arg(row.second)));
            for (std::uint32_t guest = 1; guest <= kGuests; ++guest) {
                const auto green = evening.greens.find(guest);
                const auto again = present(**engine, practice.foreignCode(guest));
                if (green != evening.greens.end()) {
                    QCOMPARE(green->second, 1);
                    // Shown and counted; the last one may be in doubt.
                    QVERIFY(again.reason == domain::Reason::AlreadyUsed || again.reason == domain::Reason::OkRepeat);
                } else {
                    QCOMPARE(again.outcome(), domain::Outcome::Admit);
                }
            }
            QCOMPARE((*engine)->vault().journal().counts()->admitted, std::uint64_t{kGuests});
            if (!evening.failed)
                break; // untouched: every call has had its turn
        }
        QVERIFY2(runs > 60, qPrintable(QString::number(runs)));
    }

    void aFailureWhileAnAdmissionIsTakenBackLeavesOneStoryInMemoryAndOnTheDisk()
    {
        int cameToLight = 0;
        bool failed = true;
        for (std::uint64_t nth = 1; failed; ++nth) {
            CrashDisk disk("failing", nth);
            support::PracticeGate practice(disk, 2);
            QVERIFY(practice.load());
            auto engine = practice.start();
            QVERIFY(engine);
            const auto admitted = present(**engine, practice.foreignCode(1));
            (*engine)->shown();
            (*engine)->idle();
            disk.failAt(nth, CrashDisk::Failing::FromThenOn);
            const bool taken = static_cast<bool>((*engine)->undo({.row = *admitted.row, .by = {"sup"}, .why = "left"}));
            failed = disk.hasFailed();
            disk.failAt(0, CrashDisk::Failing::Once);
            (*engine)->idle();
            const std::size_t remembered = (*engine)->passages().size();
            QVERIFY2(!taken || remembered == 0, qPrintable(QString("call %1").arg(nth)));
            cameToLight += !taken && (*engine)->vault().journal().counts()->admitted == 0;
            QVERIFY((*engine)->rebuild());
            QVERIFY2((*engine)->passages().size() == remembered, qPrintable(QString("call %1").arg(nth)));
        }
        QVERIFY(cameToLight > 0);
    }
};

QTEST_APPLESS_MAIN(FailNthTest)
#include "fail_nth_test.moc"
