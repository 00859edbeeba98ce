// A gate that goes on with its event's feed: tickets, definition and passages change while it works.
#include "shared/protocol/row.h"
#include "tests/device/core/scan/feed_world.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using domain::Reason;
using protocol::ListedTicket;
using support::kEvent;
using support::passageOf;
using support::present;
using support::ticketWith;
using support::World;

class FeedTest : public QObject
{
    Q_OBJECT

private slots:
    void aTicketThatWasSoldIsAdmittedAtOnce()
    {
        World world;
        QCOMPARE(world.now("NEW"), Reason::Unknown);
        world.server.put(ticketWith(4, {"NEW"}));
        world.catchUp();
        QCOMPARE(world.now("NEW"), Reason::Ok);
        QVERIFY(world.agrees());
        world.restart();
        QVERIFY(world.agrees());
        QCOMPARE(present(*world.engine, "NEW").reason, Reason::Ok);
    }

    void aTicketThatWasCancelledIsRefusedAtOnce()
    {
        World world;
        ListedTicket listed = ticketWith(2, {"CODE-2"});
        listed.ticket.state = domain::TicketState::Cancelled;
        world.server.put(listed);
        world.catchUp();
        QCOMPARE(world.now("CODE-2"), Reason::Cancelled);
        QCOMPARE(world.now("CODE-1"), Reason::Ok);
        QVERIFY(world.agrees());
    }

    void codesThatATicketLosesLeadNowhere()
    {
        World world;
        world.server.put(ticketWith(2, {"CODE-2", "SECOND"}));
        world.catchUp();
        QCOMPARE(world.now("SECOND"), Reason::Ok);
        world.server.put(ticketWith(2, {"THIRD"}));
        world.catchUp();
        QCOMPARE(world.now("CODE-2"), Reason::Unknown);
        QCOMPARE(world.now("SECOND"), Reason::Unknown);
        QCOMPARE(world.now("THIRD"), Reason::Ok);
        QCOMPARE(world.now("CODE-1"), Reason::Ok);
        world.restart();
        QCOMPARE(world.now("THIRD"), Reason::Ok);
        QVERIFY(world.agrees());
    }

    void anotherDefinitionIsInForceForTheNextCode()
    {
        World world;
        auto definition = world.gate.definition;
        definition.event.event.status = domain::EventStatus::Cancelled;
        world.server.put(definition);
        world.server.put(ticketWith(9, {"LATE"}));
        world.catchUp();
        QCOMPARE(world.now("CODE-1"), Reason::EventCancelled);
        QCOMPARE(world.now("LATE"), Reason::EventCancelled);
        world.server.put(world.gate.definition);
        world.catchUp();
        QCOMPARE(world.now("LATE"), Reason::Ok);
        QVERIFY(world.agrees());
    }

    void whoeverPassedElsewhereIsInside()
    {
        World world;
        world.server.put(passageOf(1, 5));
        world.catchUp();
        QCOMPARE(world.now("CODE-1"), Reason::AlreadyUsed);
        QCOMPARE(world.engine->passages().size(), std::size_t{1});
        world.restart();
        QCOMPARE(world.now("CODE-1"), Reason::AlreadyUsed);
        auto withdrawn = passageOf(1, 5);
        withdrawn.withdrawn = true;
        world.server.put(withdrawn);
        world.catchUp();
        QCOMPARE(world.now("CODE-1"), Reason::Ok);
        world.restart();
        QCOMPARE(world.now("CODE-1"), Reason::Ok);
        QVERIFY(world.agrees());
    }

    void aPassageIsTheOneOfItsRowHoweverOftenItComes()
    {
        World world;
        auto passage = passageOf(1, 5);
        world.server.put(passage);
        world.server.put(passage);
        passage.at += std::chrono::minutes(3);
        world.server.put(passage);
        world.catchUp();
        QCOMPARE(world.engine->passages().size(), std::size_t{1});
        const auto mark = world.engine->passages().find(passage.row, {1});
        QVERIFY(mark && mark->at == passage.at);
        QVERIFY(world.agrees());
    }

    void anotherDevicesRowLeavesItsMark()
    {
        World world;
        domain::ScanRecord scan{.checkpoint = {"main"}, .gate = {"south"}, .ordinal = {1}};
        scan.outcome = "admit";
        scan.reason = "ok";
        const domain::Row row{.key = {{"other"}, {1}, {5}},
                              .event = kEvent,
                              .at = *base::parseInstant("2026-12-05T17:30:00Z"),
                              .what = scan};
        world.server.put(row);
        world.catchUp();
        QCOMPARE(world.now("CODE-1"), Reason::AlreadyUsed);
        domain::Row undo = row;
        undo.key.sequence = {6};
        undo.what = domain::UndoRecord{.row = row.key, .by = {}, .why = {}};
        world.server.put(undo);
        world.catchUp();
        QCOMPARE(world.now("CODE-1"), Reason::Ok);
        world.restart();
        QCOMPARE(world.now("CODE-1"), Reason::Ok);
        QVERIFY(world.agrees());
    }

    void ownRowsThatComeBackArePassedOver()
    {
        World world;
        const auto judged = present(*world.engine, "CODE-1");
        QCOMPARE(judged.reason, Reason::Ok);
        auto own = passageOf(1, judged.row->sequence.value, world.gate.identity.device.text);
        own.row.epoch = judged.row->epoch;
        world.server.put(own);
        world.catchUp();
        QCOMPARE(world.engine->passages().size(), std::size_t{1});
        // Taken back here, and the server has not heard of that yet.
        QVERIFY(world.engine->undo({.row = *judged.row, .by = {}, .why = "left again"}));
        QCOMPARE(world.now("CODE-1"), Reason::Ok);
        world.server.put(own);
        world.catchUp();
        QCOMPARE(world.now("CODE-1"), Reason::Ok);
        world.restart();
        QCOMPARE(world.now("CODE-1"), Reason::Ok);
        QVERIFY(world.agrees());
    }

    void whatWasTakenBackElsewhereIsTakenBackHere()
    {
        World world;
        const auto judged = present(*world.engine, "CODE-1");
        auto own = passageOf(1, judged.row->sequence.value, world.gate.identity.device.text);
        own.row.epoch = judged.row->epoch;
        own.withdrawn = true;
        world.server.put(own);
        world.catchUp();
        QCOMPARE(world.now("CODE-1"), Reason::Ok);
        world.restart();
        QCOMPARE(world.now("CODE-1"), Reason::Ok);
        QVERIFY(world.agrees());
    }

    void anothersPassageThatWasTakenBackHereStaysTakenBack()
    {
        World world;
        world.server.put(passageOf(1, 5));
        world.catchUp();
        QVERIFY(world.engine->undo({.row = passageOf(1, 5).row, .by = {}, .why = "left again"}));
        QCOMPARE(world.now("CODE-1"), Reason::Ok);
        world.restart();
        QCOMPARE(world.now("CODE-1"), Reason::Ok);
    }

    void aSnapshotBringsThePassagesToo()
    {
        World world;
        world.server.put(passageOf(1, 5));
        world.server.put(passageOf(2, 6));
        world.load();
        QCOMPARE(world.now("CODE-1"), Reason::AlreadyUsed);
        QCOMPARE(world.now("CODE-2"), Reason::AlreadyUsed);
        QVERIFY(world.agrees());
        QCOMPARE(base::toHex(world.engine->list()->head.resume),
                 base::toHex(world.server.cursorAt(world.server.head())));
        world.restart();
        QCOMPARE(world.now("CODE-2"), Reason::AlreadyUsed);
        // And goes on from there.
        world.server.put(passageOf(3, 7));
        world.catchUp();
        QCOMPARE(world.now("CODE-3"), Reason::AlreadyUsed);
        QVERIFY(world.agrees());
    }

    void whatComesOutOfOrderChangesNothing()
    {
        World world;
        const auto stale = world.server.slice(0, 2);
        world.server.put(ticketWith(4, {"NEW"}));
        const auto first = world.server.slice(world.engine->list()->head.cursor.sequence);
        QVERIFY(world.apply(first));
        QVERIFY(world.agrees());
        // The same once more: there is nothing behind the cursor in it.
        QVERIFY(world.apply(first));
        QVERIFY(world.agrees());
        const auto refused = world.apply(stale);
        QVERIFY(!refused && refused.error().code == base::ErrorCode::Conflict);
        auto otherEpoch = first;
        otherEpoch.epoch = 2;
        QVERIFY(!world.apply(otherEpoch));
        QVERIFY(world.agrees());
        // One that began further back: what is known of it is passed over, what is new is not.
        world.server.put(passageOf(1, 5));
        QVERIFY(world.apply(world.server.slice(1, 10'000)));
        QVERIFY(world.agrees());
        QCOMPARE(world.engine->passages().size(), std::size_t{1});
    }

    void whatCannotBeUsedIsNotPassedOver_data()
    {
        QTest::addColumn<int>("how");
        QTest::newRow("a ticket that cannot be read") << 0;
        QTest::newRow("a passage that cannot be read") << 1;
        QTest::newRow("a row that cannot be read") << 2;
        QTest::newRow("a definition that cannot be read") << 3;
        QTest::newRow("rules that cannot be compiled") << 4;
        QTest::newRow("another event's definition") << 5;
        QTest::newRow("another ticket's code") << 6;
        QTest::newRow("one code for two new tickets") << 7;
    }
    void whatCannotBeUsedIsNotPassedOver()
    {
        QFETCH(int, how);
        World world;
        const auto before = world.engine->list()->head;
        const base::Bytes garbage{std::byte{0xFF}};
        auto slice = world.server.slice(before.cursor.sequence);
        auto bad = world.gate.definition;
        if (how == 4)
            bad.event.checkpoints.front().rules = R"({"nonsense": []})";
        else
            bad.keys.event[0] ^= std::byte{1};
        const std::vector<decltype(protocol::Change::what)> changes{
            protocol::TicketChange{garbage, ""},
            protocol::PassageChange{garbage},
            protocol::RowChange{garbage},
            protocol::DefinitionChange{garbage},
            protocol::DefinitionChange{protocol::encode(bad)},
            protocol::DefinitionChange{protocol::encode(bad)},
            protocol::TicketChange{protocol::encode(ticketWith(9, {"CODE-1"})), ""},
            protocol::TicketChange{protocol::encode(ticketWith(9, {"SAME"})), ""}};
        slice.changes = {
            {before.cursor.sequence + 1, protocol::TicketChange{protocol::encode(ticketWith(8, {"SAME"})), ""}},
            {before.cursor.sequence + 2, changes[static_cast<std::size_t>(how)]}};
        slice.through = slice.head = before.cursor.sequence + 2;
        const auto applied = world.apply(slice);
        QVERIFY(!applied);
        QVERIFY(world.agrees());
        QCOMPARE(world.now("SAME"), Reason::Unknown);
        QCOMPARE(world.now("CODE-1"), Reason::Ok);
        QVERIFY(world.engine->list()->head.cursor == before.cursor);
    }

    void addOnsFollowTheirTickets()
    {
        World world;
        auto addon = ticketWith(8, {"ADDON"});
        addon.ticket.addonOf = domain::Ordinal{1};
        world.server.put(addon);
        world.catchUp();
        QVERIFY(world.engine->index().addonsOf({1}) == std::vector<domain::Ordinal>{{8}});
        addon.ticket.addonOf = domain::Ordinal{2};
        world.server.put(addon);
        world.catchUp();
        QVERIFY(world.engine->index().addonsOf({1}).empty());
        QVERIFY(world.engine->index().addonsOf({2}) == std::vector<domain::Ordinal>{{8}});
    }

    void aLockedDeviceJudgesNobodyAndRecordsWhoTried()
    {
        World world;
        world.engine->setLock(scan::Engine::Lock::Locked);
        const auto judged = present(*world.engine, "CODE-1");
        QCOMPARE(judged.reason, Reason::Fault);
        QVERIFY(judged.explanation.find("locked") != std::string::npos);
        QVERIFY(judged.row && judged.ordinal.value == 0);
        world.engine->setLock(scan::Engine::Lock::Open);
        QCOMPARE(present(*world.engine, "CODE-1").reason, Reason::Ok);
    }

    void manyRandomChangesEndAsASnapshotWould()
    {
        World world(20);
        base::SeededRandom random(11);
        for (int round = 0; round < 60; ++round) {
            for (std::uint64_t n = random.below(8); n > 0; --n) {
                const auto ordinal = static_cast<std::uint32_t>(1 + random.below(30));
                auto listed = ticketWith(ordinal, {"CODE-" + std::to_string(ordinal)});
                for (std::uint64_t code = random.below(4); code > 0; --code)
                    listed.codes.push_back(
                        {ticket::foreignHash("C" + std::to_string(ordinal) + "-" + std::to_string(code)), 0,
                         protocol::CodeKind::Foreign, random.below(2) == 0});
                listed.ticket.blocked = random.below(5) == 0;
                if (random.below(4) == 0)
                    listed.ticket.addonOf = domain::Ordinal{static_cast<std::uint32_t>(1 + random.below(30))};
                world.server.put(listed);
                if (random.below(3) == 0) {
                    auto passage = passageOf(ordinal, 1 + random.below(40));
                    passage.withdrawn = random.below(3) == 0;
                    world.server.put(passage);
                }
            }
            // In parts of any size.
            while (world.engine->list()->head.cursor.sequence < world.server.head()) {
                const auto from = world.engine->list()->head.cursor.sequence;
                QVERIFY(world.apply(world.server.slice(from, 1 + random.below(5))));
            }
            QVERIFY(world.agrees());
            if (random.below(10) == 0)
                world.restart();
        }
        const std::size_t passages = world.engine->passages().size();
        std::map<std::uint32_t, Reason> reasons;
        for (std::uint32_t n = 1; n <= 30; ++n)
            reasons[n] = world.now("CODE-" + std::to_string(n));
        world.load();
        QVERIFY(world.agrees());
        QCOMPARE(world.engine->passages().size(), passages);
        for (const auto &[n, reason] : reasons)
            QCOMPARE(world.now("CODE-" + std::to_string(n)), reason);
    }
};

QTEST_APPLESS_MAIN(FeedTest)
#include "feed_test.moc"
