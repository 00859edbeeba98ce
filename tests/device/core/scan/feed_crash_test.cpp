// Power cuts and failing disks while the feed is applied: the list is the old one or the new one, whole, and the gate
// goes on from there without a gap.
#include "shared/ticket/foreign.h"
#include "tests/support/feed_server.h"
#include "tests/support/practice_gate.h"

#include <QtTest/QtTest>

#include <fstream>

using namespace voelgoed;

namespace {

const domain::EventId kEvent{"practice"};

protocol::ListedTicket ticketWith(std::uint32_t ordinal, const std::string &code)
{
    return {.ticket = {.ordinal = {ordinal}, .type = {"adult"}},
            .codes = {{ticket::foreignHash(code), 0, protocol::CodeKind::Foreign, false}}};
}

/// Changes of every kind.
void change(support::FeedServer &server, base::Random &random)
{
    const auto ordinal = static_cast<std::uint32_t>(1 + random.below(40));
    auto listed = ticketWith(ordinal, "CODE-" + std::to_string(ordinal));
    listed.ticket.seat = "row " + std::to_string(random.below(1'000));
    listed.ticket.blocked = random.below(4) == 0;
    server.put(listed);
    if (random.below(2) == 0)
        server.put(protocol::PassageRecord{.row = {{"other"}, {1}, {1 + random.below(500)}},
                                           .ordinal = {ordinal},
                                           .checkpoint = {"main"},
                                           .gate = {"south"},
                                           .at = *base::parseInstant("2026-12-05T17:30:00Z"),
                                           .withdrawn = random.below(4) == 0});
    if (random.below(10) == 0) {
        auto definition = server.definition();
        definition.event.event.name = "Practice " + std::to_string(random.below(1'000));
        server.put(definition);
    }
}

struct Tally
{
    int cuts = 0;
    int inTheMiddle = 0; ///< an opening between two equal ends
    int parts = 0;
};

/// What the gate holds is what the server had at the gate's cursor. `at`: the checksum of each point.
QString problemWith(scan::Engine &engine, const std::map<std::uint64_t, bitmap::RollingChecksum> &at)
{
    const auto &head = engine.list()->head;
    if (auto list = engine.vault().replica().verify(); !list)
        return QString::fromStdString(list.error().message);
    const auto expected = at.find(head.cursor.sequence);
    if (expected == at.end())
        return "a place between two parts";
    if (expected->second != head.checksum)
        return "another list than the server had there";
    return {};
}

QString live(std::uint64_t seed, bool failing, Tally &tally)
{
    support::CrashDisk disk("feed", seed, seed % 2 == 0 ? 512 : 4096);
    support::PracticeGate gate(disk, 1);
    support::FeedServer server(kEvent, gate.definition, gate.keys.bundle);
    base::SeededRandom random(seed + 1'000);
    for (std::uint32_t n = 1; n <= 30; ++n)
        server.put(ticketWith(n, "CODE-" + std::to_string(n)));
    {
        auto engine = gate.start();
        if (!engine)
            return "it does not start";
        const std::string path = QDir::tempPath().toStdString() + "/voelgoed-feed-crash-" + std::to_string(::getpid());
        std::ofstream(path, std::ios::binary) << server.bundle(gate.opens);
        const auto loaded = support::loadBundle(**engine, path);
        ::unlink(path.c_str());
        if (!loaded)
            return "it does not load";
    }
    std::map<std::uint64_t, bitmap::RollingChecksum> at{{server.head(), server.checksum()}};
    for (int life = 0; life < 10; ++life) {
        if (!failing)
            disk.cutAfter(1 + random.below(150));
        {
            auto engine = gate.start();
            for (int part = 0; engine && part < 30 && !disk.isDark(); ++part) {
                if (failing && random.below(3) == 0)
                    disk.failAt(1 + random.below(15), support::CrashDisk::Failing::Once);
                for (std::uint64_t n = 1 + random.below(5); n > 0; --n)
                    change(server, random);
                at[server.head()] = server.checksum();
                if (!(*engine)->vault().isOpen()) {
                    (*engine)->idle();
                    continue;
                }
                const auto slice = server.slice((*engine)->list()->head.cursor.sequence, 10'000);
                const auto applied = (*engine)->applyFeed(
                    {.epoch = 1, .through = slice.through, .changes = slice.changes, .resume = slice.cursor}, {});
                tally.parts += static_cast<bool>(applied);
                if (applied && (*engine)->list()->head.cursor.sequence != server.head())
                    return "applied, and not at the end";
                if (random.below(4) == 0)
                    (void)support::present(**engine, "CODE-" + std::to_string(1 + random.below(30)));
            }
            tally.cuts += disk.isDark();
        }
        disk.failAt(0, support::CrashDisk::Failing::Once);
        disk.reboot();
        auto engine = gate.start();
        if (!engine)
            return QString::fromStdString(engine.error().message);
        if (const QString problem = problemWith(**engine, at); !problem.isEmpty())
            return problem;
        tally.inTheMiddle += (*engine)->list()->head.cursor.sequence != server.head();
        // It goes on without a gap.
        const auto rest = server.slice((*engine)->list()->head.cursor.sequence, 10'000);
        if (auto applied = (*engine)->applyFeed(
                {.epoch = 1, .through = rest.through, .changes = rest.changes, .resume = rest.cursor}, {});
            !applied)
            return QString::fromStdString(applied.error().message);
        if ((*engine)->list()->head.checksum != server.checksum())
            return "another list after all";
    }
    return {};
}

} // namespace

class FeedCrashTest : public QObject
{
    Q_OBJECT

private slots:
    void aPowerCutLeavesTheOldListOrTheNewOne()
    {
        Tally tally;
        for (std::uint64_t seed = 1; seed <= 24; ++seed) {
            const QString problem = live(seed, false, tally);
            QVERIFY2(problem.isEmpty(), qPrintable(QString("disk %1: ").arg(seed) + problem));
        }
        QVERIFY2(tally.cuts > 120 && tally.inTheMiddle > 20 && tally.parts > 120,
                 qPrintable(QString("%1 %2 %3").arg(tally.cuts).arg(tally.inTheMiddle).arg(tally.parts)));
    }

    void soDoesADiskThatFailsNowAndThen()
    {
        Tally tally;
        for (std::uint64_t seed = 101; seed <= 112; ++seed) {
            const QString problem = live(seed, true, tally);
            QVERIFY2(problem.isEmpty(), qPrintable(QString("disk %1: ").arg(seed) + problem));
        }
        QVERIFY(tally.parts > 400);
    }
};

QTEST_APPLESS_MAIN(FeedCrashTest)
#include "feed_crash_test.moc"
