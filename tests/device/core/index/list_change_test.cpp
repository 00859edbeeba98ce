#include "shared/protocol/bundle_builder.h"
#include "shared/ticket/foreign.h"
#include "tests/support/practice_gate.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <fstream>

using namespace voelgoed;
using domain::Ordinal;
using domain::Reason;
using protocol::ListedTicket;
using support::present;

namespace {

using List = std::map<std::uint32_t, ListedTicket>;
constexpr std::uint32_t kTickets = 60;

std::string codeOf(std::uint32_t ordinal, int generation)
{
    return "CODE-" + std::to_string(ordinal) + "-" + std::to_string(generation);
}

protocol::CodeEntry entryOf(std::uint32_t ordinal, int generation)
{
    return {ticket::foreignHash(codeOf(ordinal, generation)), static_cast<std::uint8_t>(generation),
            protocol::CodeKind::Foreign, false};
}

List firstList()
{
    List list;
    for (std::uint32_t n = 1; n <= kTickets; ++n)
        list[n] = {.ticket = {.ordinal = {n}, .type = {"adult"}}, .codes = {entryOf(n, 0)}};
    return list;
}

/// The ticket gets another code; the ones before lead to it still, as withdrawn or as ones of an earlier generation.
void reissue(ListedTicket &listed, bool withdraw)
{
    for (protocol::CodeEntry &code : listed.codes)
        code.withdrawn = code.withdrawn || withdraw;
    ++listed.ticket.generation;
    listed.codes.push_back(entryOf(listed.ticket.ordinal.value, listed.ticket.generation));
}

/// A gate that is open, and lists for it, one after the other.
struct Gate
{
    support::CrashDisk disk{"list", 5};
    support::PracticeGate practice{disk, 1};
    QTemporaryDir folder;
    std::unique_ptr<scan::Engine> engine;
    std::uint64_t sequence = 100;
    protocol::Definition definition =
        gate::PracticeEvent(practice.keys, *base::parseInstant("2026-12-05T16:00:00Z"), practice.random).definition();

    Gate()
    {
        base::ensure(static_cast<bool>(practice.load()), "the practice event loads");
        restart();
    }
    void restart()
    {
        engine.reset();
        auto started = practice.start();
        base::ensure(static_cast<bool>(started), "the gate starts");
        engine = std::move(*started);
    }
    void load(const List &list)
    {
        protocol::BundleBuilder builder(definition);
        for (const auto &[ordinal, listed] : list)
            builder.add(listed);
        const auto parts = builder.finish(
            {.cursor = {{"practice"}, 1, ++sequence}, .madeAt = *base::parseInstant("2026-12-05T16:00:00Z")},
            practice.keys.bundle);
        const std::string path = folder.filePath("list").toStdString();
        std::ofstream out(path, std::ios::binary);
        out << base::textOf(parts.head);
        for (const base::Bytes &chunk : parts.chunks)
            out << base::textOf(chunk);
        out.close();
        const auto loaded = support::loadBundle(*engine, path);
        base::ensure(static_cast<bool>(loaded), loaded ? "" : loaded.error().message.c_str());
    }
    Reason now(const std::string &code)
    {
        const base::ByteView bytes = base::bytesOf(code);
        const auto examined = engine->examine({.code = {bytes.begin(), bytes.end()}}, engine->post());
        base::ensure(static_cast<bool>(examined), "a code can be examined");
        return examined->now.reason;
    }
};

/// What the gate says to every code that any of the tickets ever had, and what its index holds.
std::vector<int> answersOf(Gate &gate, int generations)
{
    std::vector<int> answers;
    for (std::uint32_t n = 1; n <= kTickets + 20; ++n) {
        for (int generation = 0; generation <= generations; ++generation) {
            answers.push_back(static_cast<int>(gate.now(codeOf(n, generation))));
            const auto found = gate.engine->index().find(ticket::foreignHash(codeOf(n, generation)));
            answers.push_back(found ? static_cast<int>(found->value) : -1);
        }
        answers.push_back(gate.engine->index().isListed({n}));
        for (const Ordinal addon : gate.engine->index().addonsOf({n}))
            answers.push_back(static_cast<int>(addon.value));
    }
    return answers;
}

} // namespace

class ListChangeTest : public QObject
{
    Q_OBJECT

private slots:
    void aChangeOfATicketHoldsFromTheNextListOn_data()
    {
        QTest::addColumn<QString>("change");
        QTest::addColumn<int>("before");
        QTest::addColumn<int>("after");
        const auto row = [](const char *change, Reason before, Reason after) {
            QTest::newRow(change) << change << static_cast<int>(before) << static_cast<int>(after);
        };
        row("nothing", Reason::Ok, Reason::Ok);
        row("reissued", Reason::Ok, Reason::Superseded);
        row("reissued, the old code withdrawn", Reason::Ok, Reason::Superseded);
        row("code withdrawn", Reason::Ok, Reason::Revoked);
        row("code gone", Reason::Ok, Reason::Unknown);
        row("blocked", Reason::Ok, Reason::Blocked);
        row("cancelled", Reason::Ok, Reason::Cancelled);
        row("revoked", Reason::Ok, Reason::Revoked);
        row("unapproved", Reason::Ok, Reason::Unapproved);
        row("ticket gone", Reason::Ok, Reason::Unknown);
    }
    void aChangeOfATicketHoldsFromTheNextListOn()
    {
        QFETCH(QString, change);
        QFETCH(int, before);
        QFETCH(int, after);
        Gate gate;
        List list = firstList();
        gate.load(list);
        QCOMPARE(static_cast<int>(gate.now(codeOf(7, 0))), before);
        ListedTicket &listed = list.at(7);
        if (change.startsWith("reissued"))
            reissue(listed, change.contains("withdrawn"));
        listed.codes[0].withdrawn = listed.codes[0].withdrawn || change == "code withdrawn";
        if (change == "code gone")
            listed.codes.clear();
        listed.ticket.blocked = change == "blocked";
        listed.ticket.state = change == "cancelled"    ? domain::TicketState::Cancelled
                              : change == "revoked"    ? domain::TicketState::Revoked
                              : change == "unapproved" ? domain::TicketState::Unapproved
                                                       : domain::TicketState::Valid;
        if (change == "ticket gone")
            list.erase(7);
        gate.load(list);
        QCOMPARE(static_cast<int>(present(*gate.engine, codeOf(7, 0)).reason), after);
        gate.engine->shown();
        gate.engine->idle();
        QCOMPARE(static_cast<int>(gate.now(codeOf(8, 0))), static_cast<int>(Reason::Ok));
        if (change.startsWith("reissued"))
            QCOMPARE(static_cast<int>(present(*gate.engine, codeOf(7, 1)).reason), static_cast<int>(Reason::Ok));
        gate.restart();
        const bool used = change == "nothing";
        QCOMPARE(static_cast<int>(gate.now(codeOf(7, 0))),
                 static_cast<int>(used ? Reason::AlreadyUsed : Reason(after)));
    }

    void whoWasInWithTheOldCodeIsNotLetInWithTheNewOne()
    {
        Gate gate;
        List list = firstList();
        gate.load(list);
        QCOMPARE(present(*gate.engine, codeOf(7, 0)).reason, Reason::Ok);
        gate.engine->shown();
        reissue(list.at(7), true);
        gate.load(list);
        QCOMPARE(present(*gate.engine, codeOf(7, 1)).reason, Reason::AlreadyUsed);
        gate.restart();
        QCOMPARE(present(*gate.engine, codeOf(7, 1)).reason, Reason::AlreadyUsed);
    }

    void aListBuiltAnewGivesTheSameAnswersAsTheOneThatWasLoaded()
    {
        Gate gate;
        base::SeededRandom random(11);
        List list = firstList();
        gate.load(list);
        bitmap::RollingChecksum checksum = gate.engine->list()->head.checksum;
        for (int round = 1; round <= 6; ++round) {
            for (int change = 0; change < 20; ++change) {
                const auto n = static_cast<std::uint32_t>(1 + random.below(kTickets + 20));
                const auto toggle = [&](const ListedTicket &listed) {
                    protocol::toggleTicket(checksum, {n}, protocol::encode(listed));
                };
                const auto there = list.find(n);
                if (there != list.end())
                    toggle(there->second);
                if (there == list.end()) {
                    list[n] = {.ticket = {.ordinal = {n}, .type = {"adult"}}, .codes = {entryOf(n, 0)}};
                } else if (random.below(4) == 0) {
                    list.erase(n);
                    continue;
                } else if (random.below(3) == 0) {
                    there->second.ticket.blocked = !there->second.ticket.blocked;
                } else if (random.below(2) == 0 && n > 1) {
                    there->second.ticket.addonOf = Ordinal{1};
                } else {
                    reissue(there->second, random.below(2) == 0);
                }
                toggle(list.at(n));
            }
            gate.load(list);
            // What was taken out and added one by one is what the whole list comes to.
            QCOMPARE(gate.engine->list()->head.checksum.text(), checksum.text());
            QVERIFY(gate.engine->vault().replica().verify());
            const auto loaded = answersOf(gate, round + 1);
            QVERIFY(gate.engine->rebuild());
            QVERIFY(answersOf(gate, round + 1) == loaded);
            gate.restart();
            QVERIFY(answersOf(gate, round + 1) == loaded);
            QCOMPARE(gate.engine->list()->head.checksum.text(), checksum.text());
        }
        QVERIFY(gate.engine->index().addonsOf({1}).size() > 1);
    }

    void passagesAndOccupancyOutliveANewListAndARebuild()
    {
        Gate gate;
        gate.load(firstList());
        for (std::uint32_t n = 1; n <= 10; ++n) {
            QCOMPARE(present(*gate.engine, codeOf(n, 0)).reason, Reason::Ok);
            gate.engine->shown();
        }
        List shorter = firstList();
        shorter.erase(3);
        gate.load(shorter);
        QCOMPARE(gate.engine->passages().size(), std::size_t{10});
        QVERIFY(gate.engine->rebuild());
        QCOMPARE(gate.engine->passages().size(), std::size_t{10});
        QCOMPARE(gate.now(codeOf(2, 0)), Reason::AlreadyUsed);
        gate.load(firstList());
        QCOMPARE(gate.now(codeOf(3, 0)), Reason::AlreadyUsed);
    }
};

QTEST_GUILESS_MAIN(ListChangeTest)
#include "list_change_test.moc"
