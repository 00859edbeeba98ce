// A gate whose clock says less than it knows to have passed: it admits where no time decides, and says so where one
// does.
#include "shared/ticket/event_ring.h"
#include "shared/ticket/issue.h"
#include "shared/ticket/rotating.h"
#include "tests/support/practice_gate.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace std::chrono_literals;
using domain::Reason;
using domain::TimeTrust;
using support::CrashDisk;
using support::PracticeGate;
using support::present;

namespace {

const base::ClockReading kIn1970{.wall = *base::parseInstant("1970-01-01T00:00:05Z"), .sinceBoot = 5s};

/// A gate with two rotating tickets, which has written down a scan.
struct RotatingGate
{
    CrashDisk disk{"uncertain", 1};
    PracticeGate gate{disk, 2};
    std::optional<ticket::KeyRing> ring;
    base::Instant lastRow;

    RotatingGate()
    {
        gate.definition.keys.rotationKey = std::array<std::byte, 32>{std::byte{7}};
        ring.emplace(*ticket::ringOf(gate.definition.keys, gate.definition.event.event.endsAt));
        gate.addForeign(100, "X");
        for (const std::uint32_t ordinal : {5'000U, 5'001U})
            gate.list.push_back({.ticket = {.ordinal = {ordinal}, .type = {"adult"}}, .codes = {}});
        base::ensure(static_cast<bool>(gate.load()), "the list loads");
        const auto engine = gate.start();
        lastRow = present(**engine, "X").at;
        (*engine)->shown();
    }

    /// What the ticket's wallet shows at that moment.
    std::string shownAt(std::uint32_t ordinal, base::Instant at) const
    {
        const ticket::T1Claims claims{.keySlot = 1, .ordinal = {ordinal}, .typeIndex = 0, .rotating = true};
        auto code = ticket::issueT1(claims, *ring, gate.keys.tickets);
        base::ensure(static_cast<bool>(code), "a ticket is issued");
        code->rotating = ticket::rotatingPartAt(claims, *ring, at);
        return ticket::printT1(*code);
    }
};

} // namespace

class UncertainTimeTest : public QObject
{
    Q_OBJECT

private slots:
    void withACertainTimeARotatingCodeIsGoodForNinetySeconds()
    {
        RotatingGate g;
        const auto engine = g.gate.start();
        const base::Instant now = (*engine)->now().at;
        QCOMPARE(present(**engine, g.shownAt(5'000, now)).reason, Reason::Ok);
        QCOMPARE(present(**engine, g.shownAt(5'001, now - 2h)).reason, Reason::StaleCode);
    }

    void neitherALiveCodeNorAPictureOfOneCanBeTold()
    {
        RotatingGate g;
        g.gate.clock.reading = kIn1970; // two hours later
        const auto engine = g.gate.start();
        QCOMPARE((*engine)->now().trust, TimeTrust::NotBefore);
        const auto live = present(**engine, g.shownAt(5'000, g.lastRow + 2h));
        QCOMPARE(live.reason, Reason::Fault);
        QCOMPARE(live.told.phrase, domain::Phrase::ClockFault);
        QCOMPARE(present(**engine, g.shownAt(5'001, g.lastRow + 10s)).reason, Reason::Fault);
        // One from before the last row is old in any case.
        QCOMPARE(present(**engine, g.shownAt(5'001, g.lastRow - 2h)).reason, Reason::StaleCode);
    }

    void norTheAgeOfTheList()
    {
        CrashDisk disk("uncertain", 1);
        PracticeGate gate(disk, 2);
        gate.definition.event.policy.listAgeMax = 3h;
        gate.addForeign(100, "X");
        gate.addForeign(101, "Y");
        QVERIFY(gate.load());
        {
            const auto engine = gate.start();
            QCOMPARE(present(**engine, "X").reason, Reason::Ok);
            (*engine)->shown();
        }
        gate.clock.reading = kIn1970;
        const auto engine = gate.start();
        QCOMPARE((*engine)->now().trust, TimeTrust::NotBefore);
        QCOMPARE(present(**engine, "Y").reason, Reason::Fault);
    }

    void whatIsWrittenDownWithoutATimeIsNoProofOfOne()
    {
        CrashDisk disk("uncertain", 1);
        PracticeGate gate(disk, 2);
        gate.addForeign(100, "X");
        QVERIFY(gate.load());
        gate.clock.reading = kIn1970;
        for (int start = 0; start < 3; ++start) {
            const auto engine = gate.start();
            QCOMPARE((*engine)->now().trust, TimeTrust::None);
            const auto judged = present(**engine, "X");
            QCOMPARE(judged.reason, Reason::Fault);
            QVERIFY(judged.durable);
            (*engine)->shown();
        }
    }

    void aClockThatIsSetRightBeforeTheFirstScanIsFollowed()
    {
        CrashDisk disk("uncertain", 1);
        PracticeGate gate(disk, 2);
        gate.addForeign(100, "X");
        QVERIFY(gate.load());
        const base::Instant truth = gate.clock.reading.wall;
        gate.clock.reading.wall += 2h;
        const auto engine = gate.start();
        QCOMPARE((*engine)->now().at, truth + 2h);
        gate.clock.reading.wall -= 2h;
        gate.clock.reading.synchronised = true;
        gate.clock.pass(1min);
        QCOMPARE((*engine)->now().at, truth + 1min);
        QCOMPARE(present(**engine, "X").at, truth + 1min);
    }
};

QTEST_APPLESS_MAIN(UncertainTimeTest)
#include "uncertain_time_test.moc"
