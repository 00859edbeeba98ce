// A scan in doubt is one that is written down, and of which nobody knows whether the guest saw green: the power went.
#include "tests/support/practice_gate.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace std::chrono_literals;
using domain::Outcome;
using domain::Reason;
using support::CrashDisk;
using support::PracticeGate;
using support::present;

namespace {

constexpr std::uint32_t kTicket = 100;

scan::Judged presentFor(scan::Engine &engine, const std::string &code, std::uint16_t persons)
{
    const base::ByteView bytes = base::bytesOf(code);
    return engine.judge({.read = {.code = {bytes.begin(), bytes.end()}}, .count = persons});
}

void turnTo(scan::Engine &engine, domain::Direction direction)
{
    scan::Post post = engine.post();
    post.direction = direction;
    QVERIFY(engine.takePost(post));
}

void isAGateInDoubt(PracticeGate &gate, const std::string &code)
{
    const auto engine = gate.start();
    QVERIFY(engine);
    QCOMPARE(present(**engine, code).outcome(), Outcome::Admit);
} // and the power goes, before shown()

std::size_t passagesInTheFile(scan::Engine &engine)
{
    std::size_t count = 0;
    [&] { QVERIFY(engine.vault().journal().eachMark([&](const journal::Mark &) { ++count; })); }();
    return count;
}

} // namespace

class DoubtTest : public QObject
{
    Q_OBJECT

private slots:
    void aBaseTicketWithAddOnsIsShownAgainAsAnyOther_data()
    {
        QTest::addColumn<int>("addons");
        QTest::addColumn<bool>("used");
        for (const int addons : {0, 1, 2, 3, 5, 8}) {
            QTest::addRow("%d add-ons", addons) << addons << false;
            QTest::addRow("%d add-ons, used before", addons) << addons << true;
        }
    }
    void aBaseTicketWithAddOnsIsShownAgainAsAnyOther()
    {
        QFETCH(int, addons);
        QFETCH(bool, used);
        CrashDisk disk("doubt", 1);
        PracticeGate gate(disk, 2);
        gate.definition.event.checkpoints[0].matchAddons = true;
        gate.addForeign(kTicket, "BASE");
        for (std::uint32_t n = 1; n <= static_cast<std::uint32_t>(addons); ++n) {
            gate.addForeign(kTicket + n, "ADD" + std::to_string(n));
            gate.list.back().ticket.addonOf = domain::Ordinal{kTicket};
            gate.list.back().ticket.validUntil = gate.clock.reading.wall + 1h;
        }
        QVERIFY(gate.load());
        {
            const auto engine = gate.start();
            for (int n = 1; used && n <= addons; ++n) {
                QCOMPARE(present(**engine, "ADD" + std::to_string(n)).reason, Reason::Ok);
                (*engine)->shown();
            }
            gate.clock.pass(2h); // the add-ons are over
            QCOMPARE(present(**engine, "BASE").reason, Reason::Ok);
        }
        const auto engine = gate.start();
        QCOMPARE(present(**engine, "BASE").reason, Reason::OkRepeat);
    }

    void whoWentOutSinceWasInAndComesInOnTheOrdinaryWay()
    {
        CrashDisk disk("doubt", 1);
        PracticeGate gate(disk, 2);
        gate.definition.event.checkpoints[0].reentry = domain::Reentry::AfterExit;
        gate.addForeign(kTicket, "X");
        QVERIFY(gate.load());
        isAGateInDoubt(gate, "X");
        const auto engine = gate.start();
        gate.clock.pass(10s);
        turnTo(**engine, domain::Direction::Exit);
        QCOMPARE(present(**engine, "X").reason, Reason::OkExit);
        (*engine)->shown();
        turnTo(**engine, domain::Direction::Entry);
        QCOMPARE(present(**engine, "X").reason, Reason::OkReentry);
        (*engine)->shown();
        // Somebody is inside on it now.
        QCOMPARE(present(**engine, "X").reason, Reason::AlreadyUsed);
    }

    void theGraceWindowHasToBeKnownNotToBeOver()
    {
        CrashDisk disk("doubt", 1);
        PracticeGate gate(disk, 2);
        gate.addForeign(kTicket, "X");
        QVERIFY(gate.load());
        isAGateInDoubt(gate, "X");
        // Two hours later, and the machine's clock starts in 1970.
        gate.clock.reading = {.wall = *base::parseInstant("1970-01-01T00:00:05Z"), .sinceBoot = 5s};
        const auto engine = gate.start();
        QCOMPARE(present(**engine, "X").reason, Reason::AlreadyUsed);
    }

    void otherNumbersOfPersonsComeOnTheirOwnAccount()
    {
        CrashDisk disk("doubt", 1);
        PracticeGate gate(disk, 2);
        gate.addForeign(kTicket, "FAM"); // four persons
        gate.list.back().ticket.type = {"family"};
        QVERIFY(gate.load());
        isAGateInDoubt(gate, "FAM");
        const auto engine = gate.start();
        QCOMPARE(presentFor(**engine, "FAM", 3).reason, Reason::Ok); // one and three
        (*engine)->shown();
        QCOMPARE(presentFor(**engine, "FAM", 1).reason, Reason::NoEntriesLeft);
    }

    void whySaysWhatAScanThenSays()
    {
        CrashDisk disk("doubt", 1);
        PracticeGate gate(disk, 2);
        gate.addForeign(kTicket, "X");
        QVERIFY(gate.load());
        isAGateInDoubt(gate, "X");
        const auto engine = gate.start();
        const base::Bytes code{std::byte{'X'}};
        const auto examined = (*engine)->examine({.code = code}, (*engine)->post());
        QVERIFY(examined && examined->now.reason == Reason::OkRepeat);
        QCOMPARE(present(**engine, "X").reason, Reason::OkRepeat);
    }

    void onAFullDiskItWaitsAndIsWrittenDownAndComesWhenThereIsRoom()
    {
        CrashDisk disk("doubt", 1);
        PracticeGate gate(disk, 2);
        gate.addForeign(kTicket, "X");
        gate.addForeign(kTicket + 1, "Y");
        QVERIFY(gate.load());
        isAGateInDoubt(gate, "X");
        disk.setCapacity(disk.used());
        const auto engine = gate.start();
        const auto waits = present(**engine, "X");
        QCOMPARE(waits.reason, Reason::Fault);
        QVERIFY(waits.durable && waits.rescued);
        (*engine)->shown();
        QCOMPARE(present(**engine, "Y").reason, Reason::Ok);
        (*engine)->shown();
        disk.setCapacity(UINT64_MAX);
        (*engine)->idle();
        QCOMPARE((*engine)->vault().state(), vault::StorageState::Good);
        QCOMPARE(present(**engine, "X").reason, Reason::OkRepeat);
        (*engine)->shown();
        QCOMPARE(present(**engine, "X").reason, Reason::AlreadyUsed);
        QCOMPARE((*engine)->passages().size(), std::size_t{2});
        QCOMPARE(passagesInTheFile(**engine), std::size_t{2});
    }

    void howeverManyRescuedRowsFitAtAStartEachCountsOnce()
    {
        constexpr std::uint32_t kFamilies = 30;
        bool some = false, all = false;
        for (std::uint64_t room = 0; !all; room += 4096) {
            CrashDisk disk("doubt", 1);
            PracticeGate gate(disk, 2);
            for (std::uint32_t n = 0; n < kFamilies; ++n) {
                gate.addForeign(kTicket + n, "F" + std::to_string(n));
                gate.list.back().ticket.type = {"family"};
            }
            QVERIFY(gate.load());
            {
                const auto engine = gate.start();
                disk.setCapacity(disk.used());
                for (std::uint32_t n = 0; n < kFamilies; ++n) {
                    QCOMPARE(present(**engine, "F" + std::to_string(n)).reason, Reason::OkGroup);
                    (*engine)->shown();
                }
            }
            disk.setCapacity(disk.used() + room);
            const auto engine = gate.start();
            QVERIFY(engine);
            const std::size_t rescued = (*engine)->vault().rescuedRows().size();
            const std::size_t there = passagesInTheFile(**engine);
            some = some || (rescued > 0 && there > 0);
            all = rescued == 0;
            QVERIFY2((*engine)->passages().size() == kFamilies, qPrintable(QString("room for %1 bytes").arg(room)));
            for (std::uint32_t n = 0; n < kFamilies; ++n) {
                const auto more = presentFor(**engine, "F" + std::to_string(n), 3);
                QVERIFY2(more.reason == Reason::Ok, more.explanation.c_str());
                (*engine)->shown();
            }
        }
        QVERIFY(some); // there was a start that could bring in a part of them
    }
};

QTEST_APPLESS_MAIN(DoubtTest)
#include "doubt_test.moc"
