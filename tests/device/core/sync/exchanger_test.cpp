// A gate and its server in step, while nothing goes wrong.
#include "shared/protocol/row.h"
#include "tests/support/synced_gate.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace std::chrono_literals;
using domain::Reason;
using support::codedTicket, support::SyncedGate;

class ExchangerTest : public QObject
{
    Q_OBJECT

private slots:
    void anEmptyGateFetchesItsListAndWorks()
    {
        SyncedGate world;
        world.bring();
        QCOMPARE(world.server.snapshots, 1);
        QVERIFY(world.agree());
        QCOMPARE(world.scan("CODE-1"), Reason::Ok);
        QVERIFY(*world.exchanger->report().checksumAgrees);
        QVERIFY(world.exchanger->report().lastExchange);
        QVERIFY(!QFile::exists(world.folder.filePath("snapshot.bundle"))); // which is not needed any more
    }

    void rowsGoUpAtOnceAndAreSettled()
    {
        SyncedGate world;
        world.bring();
        for (int n = 1; n <= 3; ++n)
            QCOMPARE(world.scan("CODE-" + std::to_string(n)), Reason::Ok);
        QCOMPARE(world.scan("NOBODY"), Reason::Unknown);
        world.run(3);
        QCOMPARE(world.server.rows.size(), std::size_t{4});
        QVERIFY(world.agree());
        world.exchanger->flush();
        QCOMPARE(world.engine->vault().journal().counts()->unacknowledged, std::uint64_t{0});
        // And are not sent again, also not by the next program.
        const int before = world.server.exchanges;
        QVERIFY(world.start());
        world.run(10);
        QVERIFY(world.server.exchanges > before);
        QVERIFY(world.server.last->own.empty());
    }

    void rowsOfOneMomentGoTogether()
    {
        SyncedGate world(60);
        world.bring();
        for (int n = 1; n <= 50; ++n)
            world.scan("CODE-" + std::to_string(n));
        const int before = world.server.exchanges;
        world.exchanger->turn();
        world.pass(5ms);
        world.exchanger->turn();
        world.network.deliverAll();
        QCOMPARE(world.server.rows.size(), std::size_t{50});
        QVERIFY(world.server.exchanges - before <= 2);
    }

    void aLongJournalGoesInManyMessages()
    {
        SyncedGate world(5);
        world.bring();
        for (int n = 0; n < 1'700; ++n)
            world.scan("NOBODY-" + std::to_string(n));
        world.run(12);
        QCOMPARE(world.server.rows.size(), std::size_t{1'700});
        QVERIFY(world.agree());
    }

    void rowsOfSeveralStartsGoInChainsOfTheirOwn()
    {
        SyncedGate world;
        world.bring();
        world.scan("CODE-1");
        world.stop();
        QVERIFY(world.start()); // another epoch
        QVERIFY(world.engine->takePost({.checkpoint = {"main"}, .gate = {"north"}}));
        world.scan("CODE-2");
        world.scan("CODE-3");
        world.run(10);
        QCOMPARE(world.server.rows.size(), std::size_t{3});
        QVERIFY(world.agree());
    }

    void changesComeDownWhileTheGateWorks()
    {
        SyncedGate world;
        world.bring();
        QCOMPARE(world.scan("NEW"), Reason::Unknown);
        world.feed.put(codedTicket(9, "NEW"));
        auto blocked = codedTicket(2, "CODE-2");
        blocked.ticket.blocked = true;
        world.feed.put(blocked);
        world.feed.put(protocol::PassageRecord{.row = {{"other"}, {1}, {1}},
                                               .ordinal = {3},
                                               .checkpoint = {"main"},
                                               .gate = {"south"},
                                               .at = world.server.now});
        world.run(3);
        QCOMPARE(world.scan("NEW"), Reason::Ok);
        QCOMPARE(world.scan("CODE-2"), Reason::Blocked);
        QCOMPARE(world.scan("CODE-3"), Reason::AlreadyUsed);
        world.run(5);
        QVERIFY(world.agree());
    }

    void manyChangesComeInSlicesThatHoldNobodyUp()
    {
        SyncedGate world;
        world.bring();
        world.server.pageMax = protocol::kSliceMax;
        for (std::uint32_t n = 0; n < 5'000; ++n)
            world.feed.put(codedTicket(100 + n, "MORE-" + std::to_string(n)));
        std::uint64_t most = 0, before = world.engine->list()->head.cursor.sequence;
        for (int i = 0; i < 200 && before < world.feed.head(); ++i) {
            world.exchanger->turn();
            const std::uint64_t after = world.engine->list()->head.cursor.sequence;
            most = std::max(most, after - before);
            before = after;
            world.network.deliverAll();
            world.pass(1ms);
        }
        QCOMPARE(most, std::uint64_t{200});
        world.run(3);
        QVERIFY(world.agree());
        QCOMPARE(world.scan("MORE-4999"), Reason::Ok);
    }

    void aQuestionWaitsAtTheFeedsEndAndRowsDoNotWaitForIt()
    {
        SyncedGate world;
        world.bring();
        world.exchanger->turn();
        QCOMPARE(world.network.open().size(), std::size_t{1}); // the question
        world.scan("CODE-1");
        world.exchanger->turn();
        world.pass(5ms);
        world.exchanger->turn();
        const auto open = world.network.open();
        QCOMPARE(open.size(), std::size_t{2});
        world.network.deliver(open.back()); // the rows
        QCOMPARE(world.server.rows.size(), std::size_t{1});
        world.network.deliver(open.front());
        QVERIFY(world.server.last->wait == 25s);
    }

    void shiftsAreToldWhenTheyBeginAndEnd()
    {
        SyncedGate world;
        world.bring();
        QCOMPARE(world.server.shifts.size(), std::size_t{1});
        QVERIFY(!world.server.shifts.begin()->second.closedAt);
        QVERIFY(world.engine->leavePost());
        world.exchanger->beginDrain();
        world.run(3);
        QVERIFY(world.server.shifts.begin()->second.closedAt);
        QVERIFY(world.exchanger->isDrained());
    }

    void aDrainSendsEverythingAndAsksForNothing()
    {
        SyncedGate world(5);
        world.bring();
        for (int n = 0; n < 1'200; ++n)
            world.scan("NOBODY-" + std::to_string(n));
        const int listens = world.server.listens;
        world.exchanger->beginDrain();
        QVERIFY(!world.exchanger->isDrained());
        int rounds = 0;
        for (; rounds < 50 && !world.exchanger->isDrained(); ++rounds) {
            world.exchanger->turn();
            world.network.deliverAll();
        }
        QVERIFY(world.exchanger->isDrained());
        QCOMPARE(world.server.rows.size(), std::size_t{1'200});
        QCOMPARE(world.server.listens, listens);
    }

    void theServersTimeIsTheTime()
    {
        SyncedGate world;
        world.gate.clock.reading.wall -= 26h; // and nobody can tell by the list
        world.bring();
        const auto moment = world.engine->now();
        QVERIFY(moment.state == domain::ClockState::Anchored);
        QVERIFY(std::chrono::abs(moment.at - world.server.now) < 300ms);
        QVERIFY(std::chrono::abs(*world.exchanger->report().clockOffset - 26h) < 300ms);
        world.scan("CODE-1");
        world.run(5);
        const auto row = protocol::decodeRow(world.server.rows.begin()->second);
        QVERIFY(std::chrono::abs(row->at - world.server.now) < 1s);
    }

    void theWayThereAndBackIsNotTakenForTime()
    {
        SyncedGate world;
        world.bring();
        // The server's clock steps; its next answer was 600 ms on the way here, of 1,200 both ways.
        world.server.now += 1h;
        world.server.pause = 0ms;
        world.scan("CODE-1");
        world.exchanger->turn();
        world.pass(5ms);
        world.exchanger->turn();
        for (const auto call : world.network.open())
            world.network.deliver(call, support::ScriptTransport::Fate::Delivered, 1'200ms);
        world.exchanger->turn();
        // All earlier answers took no time at all: that is what is believed of the way.
        QVERIFY(std::chrono::abs(world.engine->now().at - world.server.now) < 300ms);
    }

    void doublesAndQuarantinedRowsAreKeptForPeople()
    {
        SyncedGate world;
        world.bring();
        using enum protocol::RowOutcome;
        world.server.judge = [](const domain::Row &row) -> std::pair<protocol::RowOutcome, std::string> {
            const auto &scan = std::get<domain::ScanRecord>(row.what);
            if (scan.ordinal.value == 2)
                return {Double, ""};
            return scan.ordinal.value == 3 ? std::pair(Quarantined, std::string("another_event"))
                                           : std::pair(Accepted, std::string());
        };
        for (int n = 1; n <= 4; ++n)
            world.scan("CODE-" + std::to_string(n));
        world.run(5);
        world.exchanger->flush();
        const auto fates = world.engine->vault().journal().fates(10);
        QVERIFY(fates && fates->size() == 2);
        QCOMPARE((*fates)[0].outcome, std::string("quarantined"));
        QCOMPARE((*fates)[0].reason, std::string("another_event"));
        QCOMPARE((*fates)[1].outcome, std::string("double"));
        QCOMPARE(world.engine->vault().journal().counts()->unacknowledged, std::uint64_t{0}); // the queue moves on
        world.run(600, 100ms); // the question that is open was asked before
        QCOMPARE(world.server.last->health.notAccepted, std::uint64_t{2});
    }

    void commandsAreCarriedOutOnceAndAnswered()
    {
        SyncedGate world;
        world.bring();
        world.server.commands = {{"1", protocol::MessageCommand{"Doors open"}},
                                 {"2", protocol::LockCommand{"Bring it to the office"}},
                                 {"3", protocol::WipeCommand{}}};
        world.run(3);
        QCOMPARE(world.server.results.size(), std::size_t{3});
        QVERIFY(world.server.results.at("1").outcome == protocol::CommandOutcome::Done);
        QVERIFY(world.server.results.at("3").outcome == protocol::CommandOutcome::Unsupported);
        const auto messages = world.exchanger->takeMessages();
        QCOMPARE(std::count(messages.begin(), messages.end(), "Doors open"), 1);
        QCOMPARE(world.scan("CODE-1"), Reason::Fault);
        QVERIFY(world.saved && world.saved->lock == "Bring it to the office");
        // It stays locked when it is started again, until the server says otherwise.
        QVERIFY(world.start());
        QVERIFY(world.engine->takePost({.checkpoint = {"main"}, .gate = {"north"}}));
        QCOMPARE(world.scan("CODE-1"), Reason::Fault);
        world.server.commands = {{"4", protocol::UnlockCommand{}}};
        world.run(5);
        QCOMPARE(world.scan("CODE-1"), Reason::Ok);
        QVERIFY(!world.saved->lock);
    }

    void whatCannotBeKeptIsInForceAndSaidToBeRefused()
    {
        SyncedGate world;
        world.bring();
        world.keeps = false;
        world.server.commands = {
            {"1", protocol::LockCommand{"Bring it to the office"}},
            {"2", protocol::AssignCommand{{"practice"}, {"north"}, {"main"}, domain::Direction::Exit}}};
        world.run(5);
        QCOMPARE(world.scan("CODE-1"), Reason::Fault);
        QVERIFY(world.engine->post().direction == domain::Direction::Exit);
        for (const char *id : {"1", "2"}) {
            QVERIFY(world.server.results.at(id).outcome == protocol::CommandOutcome::Refused);
            QVERIFY(world.server.results.at(id).note.find("the disk is full") != std::string::npos);
        }
    }

    void anAssignmentMovesTheDevice()
    {
        SyncedGate world;
        world.bring();
        world.server.commands = {
            {"1", protocol::AssignCommand{{"practice"}, {"north"}, {"main"}, domain::Direction::Exit}},
            {"2", protocol::AssignCommand{{"practice"}, {"nowhere"}, {"main"}, domain::Direction::Entry}},
            {"3", protocol::AssignCommand{{"another"}, {"north"}, {"main"}, domain::Direction::Entry}}};
        world.run(5);
        QVERIFY(world.server.results.at("1").outcome == protocol::CommandOutcome::Done);
        QVERIFY(world.server.results.at("2").outcome == protocol::CommandOutcome::Refused);
        QVERIFY(!world.server.results.at("2").note.empty());
        QVERIFY(world.server.results.at("3").outcome == protocol::CommandOutcome::Refused);
        QVERIFY(world.engine->post().direction == domain::Direction::Exit);
        QVERIFY(world.saved->assignment.direction == domain::Direction::Exit);
    }

    void aRevokedDeviceReadsNothingMoreAndItsScansStillGoUp()
    {
        SyncedGate world;
        world.bring();
        world.scan("CODE-1");
        world.server.revoked = true;
        world.feed.put(codedTicket(9, "NEW"));
        world.run(5);
        QCOMPARE(world.scan("CODE-2"), Reason::Fault);
        const int listens = world.server.listens;
        const auto sequence = world.engine->list()->head.cursor.sequence;
        world.run(10);
        QCOMPARE(world.server.rows.size(), std::size_t{2});
        QCOMPARE(world.server.listens, listens);
        QVERIFY(world.engine->list()->head.cursor.sequence == sequence && sequence < world.feed.head());
        QVERIFY(world.saved && world.saved->revoked);
        const auto fates = world.engine->vault().journal().fates(10);
        QVERIFY(fates && fates->size() == 2 && (*fates)[0].outcome == "unverified");
        // Also when it is started again without a network.
        QVERIFY(world.start());
        QVERIFY(world.engine->takePost({.checkpoint = {"main"}, .gate = {"north"}}));
        QCOMPARE(world.scan("CODE-3"), Reason::Fault);
        // It asks now and then whether it is welcome again.
        world.server.revoked = false;
        world.run(8, 10s);
        QCOMPARE(world.scan("CODE-3"), Reason::Ok);
        QVERIFY(!world.saved->revoked);
        world.run(5);
        QVERIFY(world.agree());
    }

    void anAnswerOfBeforeTheRevocationTakesNothingBack()
    {
        SyncedGate world;
        world.bring();
        world.server.revoked = true;
        world.run(5);
        QCOMPARE(world.scan("CODE-1"), Reason::Fault);
        const base::Instant revoked = world.server.now;
        world.server.revoked = false;
        std::chrono::milliseconds before = 5s;
        world.server.spoil = [&](protocol::SyncReply &reply) { reply.at = revoked - before; };
        world.run(8, 10s);
        QCOMPARE(world.scan("CODE-1"), Reason::Fault);
        QVERIFY(world.saved->revoked);
        // A server whose clock was set back is believed.
        before = 2min;
        world.run(8, 10s);
        QCOMPARE(world.scan("CODE-1"), Reason::Ok);
        QVERIFY(!world.saved->revoked);
    }

    void healthIsTold()
    {
        SyncedGate world;
        world.bring();
        world.scan("CODE-1");
        world.run(2);
        const protocol::Health &health = world.server.last->health;
        QCOMPARE(health.software, std::string("test"));
        QVERIFY(health.storage == protocol::StorageHealth::Good);
        QVERIFY(health.listMadeAt);
    }

    void theListStaysFreshWithoutChanges()
    {
        SyncedGate world;
        world.bring();
        world.run(60, 10s);
        QVERIFY(world.server.now - world.engine->list()->head.madeAt < 30s);
        const auto before = world.engine->list()->head.madeAt;
        // And that is written down now and then.
        world.stop();
        QVERIFY(world.start());
        QVERIFY(before - world.engine->list()->head.madeAt < 90s);
    }
};

QTEST_GUILESS_MAIN(ExchangerTest)
#include "exchanger_test.moc"
