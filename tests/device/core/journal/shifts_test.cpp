#include "tests/device/core/journal/journals.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace std::chrono_literals;
using journal::Shift;
using journal::sample::Device;
using journal::sample::kStart;
using support::CrashDisk;

namespace {

Shift shiftOf(int number, base::Instant openedAt)
{
    return {.session = {"shift-" + std::to_string(number)},
            .gate = {number % 2 == 0 ? "north" : "south"},
            .operatedBy = {"operator-" + std::to_string(number)},
            .openedAt = openedAt};
}

Shift closed(Shift shift, base::Instant at)
{
    shift.closedAt = at;
    return shift;
}

/// An open device; the disk outlives it.
struct Opened
{
    CrashDisk disk{"shifts", 1};
    Device device = *Device::open(disk);

    journal::Journal &journal() { return *device.journal; }
    void restart()
    {
        device.close();
        device = *Device::open(disk);
    }
    std::vector<Shift> shifts() { return *journal().shifts(); }
};

} // namespace

class ShiftsTest : public QObject
{
    Q_OBJECT

private slots:
    void aNewDeviceHasNone()
    {
        Opened opened;
        QVERIFY(opened.shifts().empty());
        QVERIFY(!*opened.journal().openShift());
    }

    void aShiftIsOpenUntilItIsEnded()
    {
        Opened opened;
        const Shift shift = shiftOf(1, kStart);
        QVERIFY(opened.journal().beginShift(shift));
        QVERIFY(*opened.journal().openShift() == shift);
        QVERIFY(opened.journal().endShift(shift.session, kStart + 1h));
        QVERIFY(!*opened.journal().openShift());
        QVERIFY(opened.shifts() == std::vector{closed(shift, kStart + 1h)});
    }

    void aShiftThatIsOpenEndsWhereTheNextOneBegins()
    {
        Opened opened;
        QVERIFY(opened.journal().beginShift(shiftOf(1, kStart)));
        QVERIFY(opened.journal().beginShift(shiftOf(2, kStart + 10min)));
        QVERIFY(*opened.journal().openShift() == shiftOf(2, kStart + 10min));
        QVERIFY(opened.shifts() ==
                (std::vector{closed(shiftOf(1, kStart), kStart + 10min), shiftOf(2, kStart + 10min)}));
    }

    void whatWasEndedKeepsItsEnd()
    {
        Opened opened;
        QVERIFY(opened.journal().beginShift(shiftOf(1, kStart)));
        QVERIFY(opened.journal().endShift({"shift-1"}, kStart + 1min));
        QVERIFY(opened.journal().endShift({"shift-1"}, kStart + 2min));
        QVERIFY(opened.journal().beginShift(shiftOf(2, kStart + 3min)));
        QVERIFY(opened.shifts().front() == closed(shiftOf(1, kStart), kStart + 1min));
    }

    void endingAShiftThatIsNotThereEndsNoOther()
    {
        Opened opened;
        QVERIFY(opened.journal().beginShift(shiftOf(1, kStart)));
        QVERIFY(opened.journal().endShift({"shift-9"}, kStart + 1min));
        QVERIFY(*opened.journal().openShift() == shiftOf(1, kStart));
    }

    void noShiftEndsBeforeItBegan()
    {
        Opened opened;
        QVERIFY(opened.journal().beginShift(shiftOf(1, kStart)));
        QVERIFY(opened.journal().endShift({"shift-1"}, kStart - 1h));
        QVERIFY(opened.journal().beginShift(shiftOf(2, kStart)));
        QVERIFY(opened.journal().beginShift(shiftOf(3, kStart - 1h)));
        for (const Shift &shift : opened.shifts())
            QVERIFY(!shift.closedAt || *shift.closedAt >= shift.openedAt);
        QVERIFY(*opened.journal().openShift() == shiftOf(3, kStart - 1h));
    }

    void theSameShiftIsNotBegunTwiceAndTheOpenOneStaysOpen()
    {
        Opened opened;
        QVERIFY(opened.journal().beginShift(shiftOf(1, kStart)));
        QVERIFY(opened.journal().beginShift(shiftOf(2, kStart + 1min)));
        const auto again = opened.journal().beginShift(shiftOf(1, kStart + 2min));
        QVERIFY(!again);
        QCOMPARE(static_cast<int>(again.error().code), static_cast<int>(base::ErrorCode::Conflict));
        QVERIFY(*opened.journal().openShift() == shiftOf(2, kStart + 1min));
        QVERIFY(opened.journal().beginShift(shiftOf(3, kStart + 3min)));
    }

    void shiftsAreListedOldestFirst()
    {
        Opened opened;
        for (const int n : {3, 1, 2})
            QVERIFY(opened.journal().beginShift(shiftOf(n, kStart + std::chrono::minutes(n))));
        const auto shifts = opened.shifts();
        QVERIFY(std::is_sorted(shifts.begin(), shifts.end(),
                               [](const Shift &a, const Shift &b) { return a.openedAt < b.openedAt; }));
    }

    void aShiftIsStillOpenAfterARestart()
    {
        Opened opened;
        QVERIFY(opened.journal().beginShift(shiftOf(1, kStart)));
        opened.restart();
        QVERIFY(*opened.journal().openShift() == shiftOf(1, kStart));
        QVERIFY(opened.journal().endShift({"shift-1"}, kStart + 1min));
        opened.restart();
        QVERIFY(!*opened.journal().openShift());
    }

    void aPowerCutAnywhereLeavesOneShiftOpenTheOldOrTheNew()
    {
        int before = 0, after = 0;
        bool cut = true;
        for (std::uint64_t call = 1; cut; ++call) {
            for (std::uint64_t seed = 1; seed <= 8; ++seed) {
                CrashDisk disk("shifts", call * 100 + seed);
                bool begun = false;
                {
                    auto device = Device::open(disk);
                    QVERIFY(device && device->journal->beginShift(shiftOf(1, kStart)));
                    disk.cutAfter(call);
                    begun = static_cast<bool>(device->journal->beginShift(shiftOf(2, kStart + 1min)));
                    cut = disk.isDark();
                }
                disk.reboot();
                auto device = Device::open(disk);
                QVERIFY(device);
                const auto open = device->journal->openShift();
                QVERIFY(open && *open);
                const bool isNew = (*open)->session.text == "shift-2";
                QVERIFY2(isNew || !begun, qPrintable(QString("cut at call %1").arg(call)));
                const auto shifts = device->journal->shifts();
                QVERIFY(shifts);
                QCOMPARE(shifts->size(), isNew ? std::size_t{2} : std::size_t{1});
                QCOMPARE(std::count_if(shifts->begin(), shifts->end(), [](const Shift &s) { return !s.closedAt; }), 1);
                ++(isNew ? after : before);
            }
        }
        QVERIFY2(before > 5 && after > 5, qPrintable(QString("%1 before, %2 after").arg(before).arg(after)));
    }
};

QTEST_GUILESS_MAIN(ShiftsTest)
#include "shifts_test.moc"
