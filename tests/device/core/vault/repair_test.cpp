#include "device/core/vault/repair.h"
#include "shared/domain/verdict.h"
#include "shared/protocol/row.h"
#include "tests/support/crash_names.h"
#include "tests/support/practice_gate.h"
#include "tests/support/spoiled_journal.h"

#include <QtTest/QtTest>

#include <algorithm>
#include <map>
#include <set>

using namespace voelgoed;
using namespace voelgoed::support;
using support::CrashDisk;
using support::CrashNames;

namespace {

/// The rows that a repaired vault holds; the next one that it makes is added to `made`.
struct Repaired
{
    QString problem;
    Rows rows;
    domain::RowKey next;
};

Repaired open(CrashDisk &disk)
{
    Repaired repaired;
    base::SeededRandom random(5);
    auto vault = vault::Vault::open(optionsOn(disk), random);
    if (!vault) {
        repaired.problem = QString::fromStdString(vault.error().message);
        return repaired;
    }
    const auto rows = (*vault)->journal().rowsAfter({}, 100'000);
    if (!rows) {
        repaired.problem = "the rows cannot be read";
        return repaired;
    }
    for (const auto &row : *rows)
        repaired.rows[row.row.key.sequence.value] = row.bytes;
    const auto next = (*vault)->record(draftOf(random, 9'999));
    if (!next) {
        repaired.problem = "no row can be made";
        return repaired;
    }
    repaired.next = next->row.key;
    return repaired;
}

} // namespace

class RepairTest : public QObject
{
    Q_OBJECT

private slots:
    void whatLiesOnReadablePagesIsSavedByteForByte_data()
    {
        QTest::addColumn<int>("damaged");
        QTest::addColumn<bool>("flips");
        QTest::newRow("one page zeroed") << 1 << false;
        QTest::newRow("a tenth of the pages zeroed") << 10 << false;
        QTest::newRow("half of the pages zeroed") << 50 << false;
        QTest::newRow("bytes flipped in a few pages") << 5 << true;
        QTest::newRow("bytes flipped in half of the pages") << 50 << true;
    }
    void whatLiesOnReadablePagesIsSavedByteForByte()
    {
        QFETCH(int, damaged);
        QFETCH(bool, flips);
        std::uint64_t saved = 0, gone = 0;
        for (std::uint64_t seed = 1; seed <= 25; ++seed) {
            Evening evening = eveningOf(seed, 150);
            base::SeededRandom random(seed + 900);
            auto readable = pagesOf(evening.image);
            auto share = std::max<std::size_t>(1, readable.size() * static_cast<std::size_t>(damaged) / 100);
            Image spoiled = evening.image;
            // At least one page that matters, so that the file is not sound by chance.
            for (bool first = true; share > 0; --share, first = false) {
                const std::size_t which = first ? 0 : random.below(readable.size());
                const auto [file, at] = readable[which];
                for (std::size_t i = 0; i < (flips ? 3 : kPage); ++i) {
                    std::byte &byte = spoiled[file][at + (flips ? random.below(kPage) : i)];
                    byte = flips ? byte ^ std::byte{0x10} : std::byte{};
                }
                readable.erase(readable.begin() + static_cast<std::ptrdiff_t>(which));
            }
            const std::set<std::uint64_t> expected = rowsOn(evening, readable);
            CrashDisk disk("spoiled", seed);
            put(spoiled, disk);
            CrashNames names(disk);
            const auto findings = vault::examine(optionsOn(disk), names, random);
            QVERIFY2(static_cast<bool>(findings), findings ? "" : findings.error().message.c_str());
            if (!findings->damage)
                continue; // the flips hit nothing that counts
            const auto done = vault::repair(optionsOn(disk), *findings, "aside", names);
            QVERIFY2(static_cast<bool>(done), done ? "" : done.error().message.c_str());
            const Repaired repaired = open(disk);
            QVERIFY2(repaired.problem.isEmpty(), qPrintable(QString("seed %1: ").arg(seed) + repaired.problem));
            for (const auto &[number, bytes] : repaired.rows)
                QVERIFY2(evening.rows.contains(number) && evening.rows[number] == bytes,
                         qPrintable(QString("seed %1: row %2 was never written so").arg(seed).arg(number)));
            for (const std::uint64_t number : expected)
                QVERIFY2(repaired.rows.contains(number),
                         qPrintable(QString("seed %1: row %2 could have been saved").arg(seed).arg(number)));
            QVERIFY(repaired.next.sequence.value > evening.rows.rbegin()->first);
            QVERIFY(repaired.next.epoch.value > 1);
            const auto &journal = findings->journal;
            // A flipped number may look like a row more.
            const std::uint64_t accounted = repaired.rows.size() + journal.doubtful + journal.unknown;
            QVERIFY(accounted >= evening.rows.size() && (flips || accounted == evening.rows.size()));
            saved += repaired.rows.size();
            gone += journal.doubtful + journal.unknown;
            for (const auto &[file, bytes] : spoiled)
                QVERIFY2(disk.contents("aside/" + file) && *disk.contents("aside/" + file) == bytes, file.c_str());
        }
        QVERIFY(saved > 0);
        QVERIFY(gone > 0 || damaged < 10);
    }

    void aCutAtAnyStepLeavesTheOldOrTheNew_data()
    {
        QTest::addColumn<bool>("cut");
        QTest::newRow("the power goes") << true;
        QTest::newRow("a call fails") << false;
    }
    void aCutAtAnyStepLeavesTheOldOrTheNew()
    {
        QFETCH(bool, cut);
        const Evening evening = eveningOf(3, 60);
        Image spoiled = evening.image;
        behead(spoiled);
        int stillOld = 0, alreadyNew = 0;
        for (std::uint64_t nth = 1;; ++nth) {
            CrashDisk disk("cut", nth);
            put(spoiled, disk);
            CrashNames names(disk);
            base::SeededRandom random(nth);
            if (cut)
                disk.cutAfter(nth);
            else
                disk.failAt(nth, CrashDisk::Failing::Once);
            bool finished = false;
            if (const auto findings = vault::examine(optionsOn(disk), names, random); findings && findings->damage)
                finished = static_cast<bool>(vault::repair(optionsOn(disk), *findings, "aside", names));
            const bool untouched = cut ? !disk.isDark() : !disk.hasFailed();
            if (cut)
                disk.reboot();
            disk.failAt(0, CrashDisk::Failing::Once);
            // A gate that starts now takes the new file, or refuses; it never starts from nothing.
            const auto gate = vault::Vault::check(optionsOn(disk), random);
            if (!gate)
                QVERIFY2(gate.error().code == base::ErrorCode::Corrupt, gate.error().message.c_str());
            const auto again = vault::examine(optionsOn(disk), names, random);
            QVERIFY2(static_cast<bool>(again), again ? "" : again.error().message.c_str());
            if (again->damage) {
                QVERIFY(!finished);
                ++stillOld;
                QCOMPARE(imageOf(disk), spoiled);
                const auto repaired = vault::repair(optionsOn(disk), *again, "aside", names);
                QVERIFY2(static_cast<bool>(repaired), repaired ? "" : repaired.error().message.c_str());
            } else {
                ++alreadyNew;
            }
            const Repaired repaired = open(disk);
            QVERIFY2(repaired.problem.isEmpty(), qPrintable(QString("call %1: ").arg(nth) + repaired.problem));
            QCOMPARE(repaired.rows, evening.rows);
            for (const auto &[file, bytes] : spoiled)
                QVERIFY2(disk.contents("aside/" + file) && *disk.contents("aside/" + file) == bytes,
                         qPrintable(QString("call %1: %2").arg(nth).arg(file.c_str())));
            if (untouched)
                break;
        }
        QVERIFY2(stillOld > 50 && alreadyNew > 3, qPrintable(QString("%1 %2").arg(stillOld).arg(alreadyNew)));
    }

    void whatIsSoundStaysAsItIs()
    {
        const Evening evening = eveningOf(4, 40);
        CrashDisk disk("sound", 4);
        put(evening.image, disk);
        CrashNames names(disk);
        base::SeededRandom random(4);
        const auto findings = vault::examine(optionsOn(disk), names, random);
        QVERIFY(findings);
        QVERIFY(!findings->damage);
        QCOMPARE(imageOf(disk), evening.image);
    }

    void numbersGoOnAboveEverythingAlsoTheSecondTime()
    {
        Evening evening = eveningOf(6, 50);
        std::set<domain::RowKey> used;
        for (const auto &[number, bytes] : evening.rows)
            used.insert(protocol::decodeRow(bytes)->key);
        CrashDisk disk("twice", 6);
        put(evening.image, disk);
        CrashNames names(disk);
        base::SeededRandom random(6);
        for (const char *aside : {"first", "second", "third"}) {
            behead(disk);
            const auto findings = vault::examine(optionsOn(disk), names, random);
            QVERIFY(findings && findings->damage);
            QVERIFY(vault::repair(optionsOn(disk), *findings, aside, names));
            // What an earlier repair gave up is not reported as lost once more.
            QCOMPARE(findings->journal.unknown + findings->journal.doubtful, std::uint64_t{0});
            const Repaired repaired = open(disk);
            QVERIFY2(repaired.problem.isEmpty(), qPrintable(repaired.problem));
            QVERIFY(used.insert(repaired.next).second);
            QVERIFY(repaired.next.sequence > std::prev(std::prev(used.end()))->sequence);
            QVERIFY(repaired.next.epoch > std::prev(std::prev(used.end()))->epoch);
        }
    }

    void twoRepairsWithoutARowBetweenThem()
    {
        const Evening evening = eveningOf(11, 50);
        CrashDisk disk("again", 11);
        put(evening.image, disk);
        CrashNames names(disk);
        base::SeededRandom random(11);
        for (const char *aside : {"first", "second"}) {
            behead(disk);
            const auto findings = vault::examine(optionsOn(disk), names, random);
            QVERIFY(findings && findings->damage);
            QVERIFY(vault::repair(optionsOn(disk), *findings, aside, names));
        }
        const domain::RowKey next = open(disk).next;
        QVERIFY(next.sequence.value > 50 + vault::kNumberMargin);
        const Repaired reopened = open(disk);
        QVERIFY2(reopened.problem.isEmpty(), qPrintable(reopened.problem));
        QCOMPARE(reopened.rows.size(), evening.rows.size() + 1);
        QCOMPARE(reopened.next.sequence.value, next.sequence.value + 1);
    }

    void aJournalOfWhichNothingIsLeftIsNotStartedFromOne()
    {
        const Evening evening = eveningOf(7, 50);
        CrashDisk disk("empty", 7);
        put({{"gate.db", base::Bytes(8 * kPage, std::byte{0x55})}, {"gate.db-mark", evening.image.at("gate.db-mark")}},
            disk);
        CrashNames names(disk);
        base::SeededRandom random(7);
        const auto findings = vault::examine(optionsOn(disk), names, random);
        QVERIFY(findings && findings->damage);
        QCOMPARE(findings->journal.unknown, std::uint64_t{50});
        QVERIFY(vault::repair(optionsOn(disk), *findings, "aside", names));
        const Repaired repaired = open(disk);
        QVERIFY2(repaired.problem.isEmpty(), qPrintable(repaired.problem));
        QVERIFY(repaired.rows.empty());
        QVERIFY(repaired.next.sequence.value > 50);
        QVERIFY(repaired.next.epoch.value > 1);
    }

    void rowsOfTheRescueJournalAreSavedToo()
    {
        CrashDisk disk("rescued", 8);
        CrashNames names(disk);
        base::SeededRandom random(8);
        vault::VaultOptions options = optionsOn(disk);
        options.rescue = "rescue.log";
        Rows rows;
        {
            auto vault = vault::Vault::open(options, random);
            QVERIFY(vault);
            for (int scan = 0; scan < 20; ++scan) {
                if (scan == 12)
                    disk.setReadOnly([](const std::string &path) { return path.starts_with("gate.db"); });
                const auto recorded = (*vault)->record(draftOf(random, scan));
                QVERIFY(recorded);
                rows[recorded->row.key.sequence.value] = protocol::encode(recorded->row);
                (*vault)->shown();
            }
            QCOMPARE((*vault)->state(), vault::StorageState::Rescue);
        }
        disk.setReadOnly({});
        behead(disk);
        const auto findings = vault::examine(options, names, random);
        QVERIFY(findings && findings->damage);
        QCOMPARE(findings->rescued, std::uint64_t{8});
        QVERIFY(vault::repair(options, *findings, "aside", names));
        const Repaired repaired = open(disk);
        QVERIFY2(repaired.problem.isEmpty(), qPrintable(repaired.problem));
        QCOMPARE(repaired.rows, rows);
        QVERIFY(disk.contents("aside/rescue.log"));
    }

    void aFullDiskLeavesTheOldFile()
    {
        const Evening evening = eveningOf(9, 60);
        Image spoiled = evening.image;
        behead(spoiled);
        CrashDisk disk("full", 9);
        put(spoiled, disk);
        CrashNames names(disk);
        base::SeededRandom random(9);
        for (const std::uint64_t room : {std::uint64_t{0}, std::uint64_t{kPage}, std::uint64_t{8 * kPage}}) {
            disk.setCapacity(disk.used() + room);
            const auto findings = vault::examine(optionsOn(disk), names, random);
            QVERIFY(findings && findings->damage);
            QVERIFY(!vault::repair(optionsOn(disk), *findings, "aside", names));
            QCOMPARE(imageOf(disk), spoiled);
        }
        disk.setCapacity(UINT64_MAX);
        const auto findings = vault::examine(optionsOn(disk), names, random);
        QVERIFY(vault::repair(optionsOn(disk), *findings, "aside", names));
        QCOMPARE(open(disk).rows, evening.rows);
    }

    void theListStaysIfItIsSoundAndGoesIfItIsNot_data()
    {
        QTest::addColumn<QByteArray>("on");
        QTest::addColumn<bool>("stays");
        QTest::newRow("a page of the journal") << QByteArray("We wish you") << true;
        QTest::newRow("a page of the tickets") << QByteArray() << false;
    }
    void theListStaysIfItIsSoundAndGoesIfItIsNot()
    {
        QFETCH(bool, stays);
        CrashDisk disk("listed", 10);
        CrashNames names(disk);
        support::PracticeGate practice(disk, 60);
        QVERIFY(practice.load());
        std::string seen;
        {
            auto engine = practice.start();
            QVERIFY(engine);
            for (std::uint32_t guest = 1; guest <= 30; ++guest) {
                const auto judged = support::present(**engine, practice.foreignCode(guest));
                QCOMPARE(judged.outcome(), domain::Outcome::Admit);
                seen = judged.explanation;
                (*engine)->shown();
            }
            QVERIFY((*engine)->vault().database().checkpoint());
        }
        // The page that is hit: the last with a row on it, or the first with a ticket that is not the root.
        auto &file = *disk.contents("gate.db");
        std::size_t hit = 0;
        for (std::size_t at = kPage; at + kPage <= file.size(); at += kPage) {
            const std::string_view page = base::textOf(base::ByteView(file).subspan(at, kPage));
            const bool isLeaf = page[0] == 0x0D;
            const bool isRow = page.find(seen) != std::string_view::npos;
            const bool isTicket = !isRow && page.find("\x01\x00") != std::string_view::npos && page.size() == kPage &&
                                  base::bigEndianAt<std::uint16_t>(base::ByteView(file), at + 3) > 20;
            if (isLeaf && (stays ? isRow : isTicket))
                hit = at;
        }
        QVERIFY(hit > 0);
        std::fill_n(file.begin() + static_cast<std::ptrdiff_t>(hit), kPage, std::byte{});
        vault::VaultOptions options = optionsOn(disk);
        options.rescue = "rescue.log";
        options.device = practice.identity.device;
        const auto findings = vault::examine(options, names, practice.random);
        QVERIFY(findings && findings->damage);
        QCOMPARE(findings->keepsList, stays);
        QVERIFY(findings->keepsTrust);
        QVERIFY(vault::repair(options, *findings, "aside", names));
        auto engine = practice.start();
        QVERIFY2(static_cast<bool>(engine), engine ? "" : engine.error().message.c_str());
        QCOMPARE((*engine)->list() != nullptr, stays);
        QVERIFY(*(*engine)->vault().replica().trustedSigner());
        // Everybody who was admitted is refused, also those whose row is gone: the passages were saved.
        for (std::uint32_t guest = 1; stays && guest <= 30; ++guest)
            QCOMPARE(support::present(**engine, practice.foreignCode(guest)).reason, domain::Reason::AlreadyUsed);
        if (stays)
            QVERIFY(findings->journal.unknown > 0);
    }
};

QTEST_APPLESS_MAIN(RepairTest)
#include "repair_test.moc"
