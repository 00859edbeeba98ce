// A gate and its server on a bad network, with power cuts: whatever happens, after everything has healed each scan is
// at the server once, as it was made, and the gate's list is the server's.
#include "tests/support/synced_gate.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace std::chrono_literals;
using support::codedTicket, support::SyncedGate;
using Fate = support::ScriptTransport::Fate;

namespace {

struct Tally
{
    int cuts = 0, lost = 0, snapshots = 0, scans = 0, repeats = 0;
};

void changeSomething(SyncedGate &world, base::Random &random)
{
    const auto ordinal = static_cast<std::uint32_t>(1 + random.below(40));
    auto listed = codedTicket(ordinal, "CODE-" + std::to_string(ordinal));
    listed.ticket.seat = "seat " + std::to_string(random.below(1'000));
    world.feed.put(listed);
    if (random.below(3) == 0)
        world.feed.put(protocol::PassageRecord{.row = {{"other"}, {1}, {1 + random.below(300)}},
                                               .ordinal = {ordinal},
                                               .checkpoint = {"main"},
                                               .gate = {"south"},
                                               .at = world.server.now,
                                               .withdrawn = random.below(4) == 0});
    if (random.below(40) == 0) {
        auto definition = world.gate.definition;
        definition.event.event.name = "Practice " + std::to_string(random.below(100));
        world.feed.put(definition);
    }
    if (random.below(150) == 0)
        ++world.feed.epoch;
    if (random.below(100) == 0)
        world.server.order = protocol::SnapshotReason::Behind;
}

/// Some of what is under way goes, in any order, one way or another.
void shake(SyncedGate &world, base::Random &random, Tally &tally)
{
    auto open = world.network.open();
    while (!open.empty()) {
        const std::size_t which = random.below(open.size());
        const client::CallId call = open[which];
        open.erase(open.begin() + static_cast<std::ptrdiff_t>(which));
        if (random.below(3) == 0)
            continue; // later
        const auto luck = random.below(10);
        const Fate fate = luck == 0   ? Fate::RequestLost
                          : luck == 1 ? Fate::AnswerLost
                          : luck == 2 ? Fate::Twice
                          : luck == 3 ? Fate::AnswerGarbled
                                      : Fate::Delivered;
        tally.lost += fate != Fate::Delivered;
        world.network.deliver(call, fate);
    }
}

QString live(std::uint64_t seed, Tally &tally)
{
    base::SeededRandom random(seed);
    SyncedGate world(30, seed);
    world.server.pageMax = 1 + random.below(30);
    world.server.judge = [&](const domain::Row &) {
        return std::pair(random.below(20) == 0 ? protocol::RowOutcome::Double : protocol::RowOutcome::Accepted,
                         std::string());
    };
    world.bring();
    for (int life = 0; life < 6; ++life) {
        if (random.below(3) != 0)
            world.disk.cutAfter(1 + random.below(800));
        if (random.below(2) == 0 || !world.engine) {
            if (world.start())
                (void)world.engine->takePost({.checkpoint = {"main"}, .gate = {"north"}});
        }
        for (int step = 0; world.engine && step < 120 && !world.disk.isDark(); ++step) {
            if (random.below(2) == 0)
                changeSomething(world, random);
            if (world.engine->list() && random.below(2) == 0) {
                world.scan("CODE-" + std::to_string(1 + random.below(40)));
                ++tally.scans;
            }
            world.exchanger->turn();
            shake(world, random, tally);
            world.pass(base::Milliseconds(random.below(1'500)));
            if (random.below(10) == 0)
                world.engine->idle();
        }
        tally.cuts += world.disk.isDark();
        world.stop();
        world.disk.reboot();
    }
    // Everything heals.
    world.server.takeAtMost = SIZE_MAX;
    if (!world.start())
        return "it does not start again";
    for (int i = 0; i < 150; ++i)
        world.run(1, 1s);
    tally.snapshots += world.server.snapshots;
    if (!world.server.complaints.empty())
        return QString::fromStdString(world.server.complaints.front());
    if (!world.agree())
        return QString("no agreement: %1 rows there, list at %2 of %3 (%4)")
            .arg(world.server.rows.size())
            .arg(world.engine->list()->head.cursor.sequence)
            .arg(world.feed.head())
            .arg(QString::fromStdString(world.exchanger->report().trouble));
    if (!world.engine->vault().journal().verify() || !world.engine->vault().replica().verify())
        return "the file does not hold what it should";
    // In memory is what the file says.
    const std::size_t passages = world.engine->passages().size();
    if (!world.engine->rebuild() || world.engine->passages().size() != passages)
        return "memory and file differ";
    return {};
}

} // namespace

class ExchangerChaosTest : public QObject
{
    Q_OBJECT

private slots:
    void everythingArrivesOnceAndBothSidesAgree()
    {
        Tally tally;
        for (std::uint64_t seed = 1; seed <= 25; ++seed) {
            const QString problem = live(seed, tally);
            QVERIFY2(problem.isEmpty(), qPrintable(QString("seed %1: ").arg(seed) + problem));
        }
        QVERIFY2(tally.cuts > 20 && tally.lost > 1'000 && tally.snapshots > 40 && tally.scans > 2'000,
                 qPrintable(QString("%1 cuts, %2 lost, %3 snapshots, %4 scans")
                                .arg(tally.cuts)
                                .arg(tally.lost)
                                .arg(tally.snapshots)
                                .arg(tally.scans)));
    }
};

QTEST_GUILESS_MAIN(ExchangerChaosTest)
#include "exchanger_chaos_test.moc"
