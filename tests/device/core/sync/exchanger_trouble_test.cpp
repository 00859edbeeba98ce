// Whatever is lost, late, doubled, garbled or wrong between a gate and its server.
#include "tests/support/synced_gate.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace std::chrono_literals;
using domain::Reason;
using support::codedTicket, support::SyncedGate;
using Fate = support::ScriptTransport::Fate;

namespace {

/// Turns until the network has something, then lets it all go that way.
void once(SyncedGate &world, Fate fate)
{
    world.exchanger->turn();
    world.pass(5ms);
    world.exchanger->turn();
    world.network.deliverAll(fate);
    world.exchanger->turn();
}

} // namespace

class ExchangerTroubleTest : public QObject
{
    Q_OBJECT

private slots:
    void whateverIsLostGoesAgainAndCountsOnce_data()
    {
        QTest::addColumn<int>("fate");
        QTest::newRow("request lost") << static_cast<int>(Fate::RequestLost);
        QTest::newRow("answer lost") << static_cast<int>(Fate::AnswerLost);
        QTest::newRow("request twice") << static_cast<int>(Fate::Twice);
        QTest::newRow("answer garbled") << static_cast<int>(Fate::AnswerGarbled);
    }
    void whateverIsLostGoesAgainAndCountsOnce()
    {
        QFETCH(int, fate);
        SyncedGate world;
        world.bring();
        for (int n = 1; n <= 3; ++n)
            world.scan("CODE-" + std::to_string(n));
        world.feed.put(codedTicket(9, "NEW"));
        once(world, static_cast<Fate>(fate));
        world.run(20, 500ms);
        QVERIFY(world.agree());
        world.exchanger->flush();
        QCOMPARE(world.engine->vault().journal().counts()->unacknowledged, std::uint64_t{0});
        QCOMPARE(world.scan("NEW"), Reason::Ok);
    }

    void anAnswerOfSomebodyElseIsNone()
    {
        SyncedGate world;
        world.bring();
        world.server.signAs = *base::SigningKey::fromSeed(base::Bytes(32, std::byte{78}));
        world.server.revoked = true;
        world.scan("CODE-1");
        once(world, Fate::Delivered);
        QCOMPARE(world.scan("CODE-2"), Reason::Ok); // nobody who counts has revoked it
        QVERIFY(world.exchanger->report().trouble.find("signed") != std::string::npos);
        QCOMPARE(world.exchanger->report().checksumAgrees, std::optional(true));
        world.server.signAs.reset();
        world.server.revoked = false;
        world.run(20, 500ms);
        QVERIFY(world.agree());
    }

    void anAnswerToAnotherRequestIsNone()
    {
        SyncedGate world;
        world.bring();
        // The network keeps giving the first answer that it saw.
        std::optional<client::Response> kept;
        support::ScriptTransport stubborn([&](const client::Request &request) -> base::Result<client::Response> {
            auto answer = world.server.answer(request);
            if (!kept && answer)
                kept = *answer;
            return *kept;
        });
        world.exchanger.reset();
        sync::Exchanger exchanger({.folder = world.folder.path().toStdString(),
                                   .enrolment = {.server = "https://server.example", .assignment = {}},
                                   .boot = {99}},
                                  world.parties, *world.engine, stubborn, world.gate.clock, world.gate.random,
                                  [](const profile::Enrolment &) { return base::Result<void>(); });
        for (int i = 0; i < 5; ++i) {
            exchanger.turn();
            stubborn.deliverAll();
            world.pass(2s);
        }
        exchanger.turn();
        QVERIFY(!exchanger.report().trouble.empty());
    }

    void anAnswerThatTakesNoRowsIsNotAskedForWithoutEnd()
    {
        SyncedGate world;
        world.bring();
        world.server.takeAtMost = 0;
        world.scan("CODE-1");
        const int before = world.server.exchanges;
        world.run(1'000, 1ms); // a second
        QVERIFY2(world.server.exchanges - before < 10, qPrintable(QString::number(world.server.exchanges - before)));
        QVERIFY(!world.exchanger->report().trouble.empty());
        world.server.takeAtMost = SIZE_MAX;
        world.run(20, 1s);
        QVERIFY(world.agree());
    }

    void rowsOfWhichNothingWasSaidGoAgain()
    {
        SyncedGate world(60);
        world.bring();
        world.server.takeAtMost = 7;
        for (int n = 1; n <= 50; ++n)
            world.scan("CODE-" + std::to_string(n));
        world.run(20);
        QCOMPARE(world.server.rows.size(), std::size_t{50});
        QVERIFY(world.agree());
    }

    void outcomesOfRowsThatWereNotSentAreNothing()
    {
        SyncedGate world;
        world.bring();
        world.server.spoil = [&](protocol::SyncReply &reply) {
            using enum protocol::RowOutcome;
            reply.outcomes.push_back({{world.parties->device, {1}, {1'000}}, 500, Quarantined, "never sent"});
            reply.outcomes.push_back({{{"somebody-else"}, {1}, {1}}, 500, Quarantined, "not ours"});
        };
        world.scan("CODE-1");
        world.run(5);
        world.exchanger->flush();
        QVERIFY(world.engine->vault().journal().fates(10)->empty());
        QCOMPARE(world.engine->vault().journal().acknowledgedThrough()->value, std::uint64_t{1});
    }

    void aFullServerIsLeftAloneForAsLongAsItSays()
    {
        SyncedGate world;
        world.bring();
        world.server.full = true;
        world.scan("CODE-1");
        world.run(10);
        const auto before = world.network.requests;
        world.run(60, 100ms); // 6 of 7 seconds
        QCOMPARE(world.network.requests, before);
        world.server.full = false;
        world.run(60, 100ms);
        QVERIFY(world.agree());
    }

    void aPauseIsKept()
    {
        SyncedGate world;
        world.bring();
        world.server.pause = 3s;
        world.scan("CODE-1");
        world.run(3);
        world.scan("CODE-2");
        const auto before = world.network.requests;
        world.run(28, 100ms);
        QVERIFY(world.network.requests - before <= 1);
        world.run(40, 100ms);
        QVERIFY(world.agree());
    }

    void aServerThatAnswersAtOnceWithNothingIsNotAskedWithoutEnd()
    {
        SyncedGate world;
        world.bring();
        world.server.spoil = [](protocol::SyncReply &reply) {
            reply.feed.reset();
            reply.snapshot.reset();
        };
        const int before = world.server.exchanges;
        world.run(1'000, 1ms);
        QVERIFY2(world.server.exchanges - before < 6, qPrintable(QString::number(world.server.exchanges - before)));
    }

    void aGapIsRefused_data()
    {
        QTest::addColumn<int>("how");
        QTest::newRow("it begins behind the list") << 0;
        QTest::newRow("it ends before the list") << 1;
        QTest::newRow("what cannot be read") << 2;
        QTest::newRow("a definition that cannot be used") << 3;
    }
    void aGapIsRefused()
    {
        QFETCH(int, how);
        SyncedGate world;
        world.bring();
        const auto before = world.engine->list()->head;
        world.feed.put(codedTicket(9, "NEW"));
        world.feed.put(codedTicket(10, "NEWER"));
        world.server.spoil = [&](protocol::SyncReply &reply) {
            if (!reply.feed)
                return;
            protocol::FeedSlice &slice = *reply.feed;
            if (how == 0) {
                slice.after += 1;
                slice.changes.erase(slice.changes.begin());
            } else if (how == 1) {
                slice = world.feed.slice(0, 1);
                slice.checksum.reset();
            } else if (how == 2) {
                slice.changes.front().what = protocol::TicketChange{{std::byte{0xFF}}, ""};
            } else {
                slice.changes.front().what = protocol::DefinitionChange{{std::byte{0xFF}}};
            }
        };
        world.run(20, 500ms);
        QVERIFY(world.engine->list()->head.cursor == before.cursor);
        QVERIFY(world.engine->list()->head.checksum == before.checksum);
        QVERIFY(!world.exchanger->report().trouble.empty());
        QCOMPARE(world.scan("CODE-1"), Reason::Ok); // the gate works on
        world.server.spoil = {};
        world.run(100, 500ms);
        QVERIFY(world.agree());
        QVERIFY(world.exchanger->report().trouble.empty());
    }

    void otherContentsUnderTheSameNumberAreFoundAndFetchedAnew()
    {
        SyncedGate world;
        world.bring();
        world.feed.put(codedTicket(9, "NEW"));
        world.server.spoil = [&](protocol::SyncReply &reply) {
            if (reply.feed && !reply.feed->changes.empty())
                reply.feed->changes.front().what =
                    protocol::TicketChange{protocol::encode(codedTicket(9, "SOMETHING ELSE")), ""};
        };
        world.run(3);
        world.server.spoil = {};
        world.run(30, 100ms);
        QCOMPARE(world.server.snapshots, 2);
        QVERIFY(world.agree());
        QCOMPARE(world.scan("NEW"), Reason::Ok);
        QCOMPARE(world.scan("SOMETHING ELSE"), Reason::Unknown);
        const auto messages = world.exchanger->takeMessages();
        QVERIFY(std::any_of(messages.begin(), messages.end(),
                            [](const std::string &text) { return text.find("fetched anew") != std::string::npos; }));
        QVERIFY(*world.exchanger->report().checksumAgrees);
    }

    void aFeedThatWasRebuiltIsFetchedAnew()
    {
        SyncedGate world;
        world.bring();
        world.scan("CODE-1");
        world.run(3);
        world.feed.epoch = 2; // cursors of the first mean nothing now
        world.feed.put(codedTicket(9, "NEW"));
        world.run(30, 100ms);
        QCOMPARE(world.engine->list()->head.cursor.epoch, 2U);
        QVERIFY(world.agree());
        QCOMPARE(world.scan("NEW"), Reason::Ok);
        QCOMPARE(world.scan("CODE-1"), Reason::AlreadyUsed); // what happened here stays
    }

    void aSnapshotIsFetchedWhenTheServerSaysSo()
    {
        SyncedGate world;
        world.bring();
        world.server.order = protocol::SnapshotReason::Behind;
        world.run(30, 100ms);
        QCOMPARE(world.server.snapshots, 2);
        QVERIFY(world.agree());
    }

    void aDownloadThatIsCutOffGoesOn()
    {
        SyncedGate world(5'000);
        world.server.cutSnapshotAfter = 20'000;
        QVERIFY(world.start());
        for (int i = 0; i < 300 && !world.engine->list(); ++i) {
            world.run(1, 500ms);
            if (i == 20) { // by another program
                world.stop();
                QVERIFY(world.start());
            }
        }
        QVERIFY(world.engine->list());
        QVERIFY(world.server.snapshots > 3);
        world.run(20, 500ms);
        QVERIFY(world.engine->list()->head.checksum == world.feed.checksum());
    }

    void aLoadThatIsCutOffGoesOnWithWhatWasDownloaded()
    {
        SyncedGate world(9'000);
        QVERIFY(world.start());
        for (int i = 0; i < 4; ++i) { // downloaded, and the load begun
            world.exchanger->turn();
            world.network.deliverAll();
            world.pass(10ms);
        }
        QVERIFY(!world.engine->list() && world.server.snapshots == 1);
        QVERIFY(world.start());
        world.run(30);
        QVERIFY(world.engine->list());
        QCOMPARE(world.server.snapshots, 1);
    }

    void aBundleOfAnotherSignerIsNotTaken()
    {
        SyncedGate world;
        support::FeedServer foreign({"practice"}, world.gate.definition, world.gate.keys.bundle);
        foreign.put(codedTicket(1, "CODE-1"));
        support::SyncServer other(foreign, world.identity, world.gate.identity.device,
                                  world.gate.identity.signing.publicKey());
        other.now = world.server.now;
        support::ScriptTransport network([&](const client::Request &request) { return other.answer(request); });
        QVERIFY(world.start());
        world.exchanger.reset();
        sync::Exchanger exchanger(
            {.folder = world.folder.path().toStdString(),
             .enrolment = {.server = "https://server.example", .assignment = {.events = {{"practice"}}}},
             .boot = {99}},
            world.parties, *world.engine, network, world.gate.clock, world.gate.random,
            [](const profile::Enrolment &) { return base::Result<void>(); });
        for (int i = 0; i < 10; ++i) {
            exchanger.turn();
            network.deliverAll();
            world.pass(1s);
        }
        QVERIFY(!world.engine->list());
        QVERIFY(exchanger.report().trouble.find("another server") != std::string::npos);
    }

    void aFailingDiskDoesNotStopTheExchangeForGood()
    {
        SyncedGate world(20);
        world.bring();
        for (int round = 0; round < 40; ++round) {
            world.disk.failAt(1 + static_cast<std::uint64_t>(round * 7 % 23), support::CrashDisk::Failing::Once);
            world.feed.put(codedTicket(30 + static_cast<std::uint32_t>(round), "N-" + std::to_string(round)));
            world.scan("CODE-" + std::to_string(1 + round % 20));
            world.run(3, 1s);
        }
        world.disk.failAt(0, support::CrashDisk::Failing::Once);
        for (int i = 0; i < 60; ++i) {
            world.engine->idle();
            world.run(1, 2s);
        }
        QVERIFY(world.agree());
    }
};

QTEST_GUILESS_MAIN(ExchangerTroubleTest)
#include "exchanger_trouble_test.moc"
