// What a gate does when its disk misbehaves at a moment that is not the writing of a row.
#include "device/core/replica/bundle_load.h"
#include "shared/ticket/foreign.h"
#include "tests/support/practice_gate.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <csignal>
#include <filesystem>
#include <map>
#include <set>
#include <sys/resource.h>

using namespace voelgoed;
using domain::Outcome;
using domain::Reason;
using support::CrashDisk;
using support::ListGate;
using support::present;

namespace {

constexpr auto kNever = CrashDisk::Failing::Once;
constexpr std::uint64_t kLater = UINT64_MAX / 2; ///< calls

bool never(const std::string &)
{
    return false;
}

void limitFiles(rlim_t bytes)
{
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = std::min(bytes, limit.rlim_max);
    ::setrlimit(RLIMIT_FSIZE, &limit);
}

std::vector<domain::Row> rowsOf(scan::Engine &engine)
{
    auto stored = engine.vault().journal().rowsAfter({}, 1'000);
    base::ensure(static_cast<bool>(stored), "the journal can be read");
    std::vector<domain::Row> rows;
    for (journal::StoredRow &row : *stored)
        rows.push_back(std::move(row.row));
    return rows;
}

} // namespace

class StorageTroubleTest : public QObject
{
    Q_OBJECT

private slots:
    void anotherCodeOfTheTicketIsNotTheOneInDoubt_data()
    {
        QTest::addColumn<QByteArray>("code");
        QTest::addColumn<int>("reason");
        QTest::newRow("a superseded one") << QByteArray("OLD") << static_cast<int>(Reason::Superseded);
        QTest::newRow("a withdrawn one") << QByteArray("STOLEN") << static_cast<int>(Reason::Revoked);
        QTest::newRow("the same one") << QByteArray("NEW") << static_cast<int>(Reason::OkRepeat);
    }
    void anotherCodeOfTheTicketIsNotTheOneInDoubt()
    {
        QFETCH(QByteArray, code);
        QFETCH(int, reason);
        CrashDisk disk("trouble", 1);
        ListGate gate(disk.name());
        gate.addForeign(1, "NEW", 1);
        gate.list[0].codes.push_back({ticket::foreignHash("OLD"), 0, protocol::CodeKind::Foreign, false});
        gate.list[0].codes.push_back({ticket::foreignHash("STOLEN"), 1, protocol::CodeKind::Foreign, true});
        QVERIFY(gate.load());
        {
            auto engine = gate.start();
            QCOMPARE(present(**engine, "NEW").reason, Reason::Ok); // and nobody sees it
        }
        auto engine = gate.start();
        QCOMPARE(static_cast<int>(present(**engine, code.toStdString()).reason), reason);
    }

    void aFailureWhileAListIsReloadedNeverLetsACancelledTicketPass_data()
    {
        QTest::addColumn<int>("how");
        QTest::newRow("one call fails") << static_cast<int>(CrashDisk::Failing::Once);
        QTest::newRow("all calls fail from then on") << static_cast<int>(CrashDisk::Failing::FromThenOn);
    }
    void aFailureWhileAListIsReloadedNeverLetsACancelledTicketPass()
    {
        QFETCH(int, how);
        bool failed = true;
        int runs = 0, afterwardsLoaded = 0;
        for (std::uint64_t nth = 1; failed; ++nth, ++runs) {
            const QString where = QString("call %1").arg(nth);
            CrashDisk disk("trouble", nth);
            ListGate gate(disk.name());
            const std::string cancelled = gate.addSigned(1).code;
            gate.list[0].ticket.state = domain::TicketState::Cancelled;
            gate.addForeign(2, "LATER");
            gate.addForeign(3, "GOOD");
            QVERIFY(gate.load());
            auto engine = gate.start();
            QVERIFY(engine);
            // The second list takes another one back.
            gate.list[1].ticket.state = domain::TicketState::Cancelled;
            disk.failAt(nth, static_cast<CrashDisk::Failing>(how));
            const bool loaded = static_cast<bool>(gate.loadInto(**engine));
            failed = disk.hasFailed();
            disk.failAt(0, kNever);
            const auto first = present(**engine, cancelled);
            QVERIFY2(first.reason == Reason::Cancelled, qPrintable(where + QString::fromStdString(first.explanation)));
            // One list or the other, whole.
            const auto later = present(**engine, "LATER");
            const bool isNew = later.reason == Reason::Cancelled;
            QVERIFY2(isNew || (later.reason == Reason::Ok && !loaded), qPrintable(where));
            afterwardsLoaded += isNew && !loaded;
            QVERIFY2(present(**engine, "GOOD").reason == Reason::Ok, qPrintable(where));
            // And a load that failed can be had again.
            QVERIFY2(loaded || gate.loadInto(**engine), qPrintable(where));
            QCOMPARE(present(**engine, cancelled).reason, Reason::Cancelled);
        }
        QVERIFY2(runs > 20, qPrintable(QString::number(runs)));
        QVERIFY(afterwardsLoaded > 0);
    }

    void whatARowIsSealedWithIsKnownEvenIfTheFirstRowOfABootIsLost()
    {
        CrashDisk disk("trouble", 1);
        ListGate gate(disk.name());
        gate.addForeign(1, "A");
        QVERIFY(gate.load());
        auto engine = gate.start();
        disk.setReadOnly([](const std::string &) { return true; });
        QCOMPARE(present(**engine, "A").reason, Reason::Fault);
        disk.setReadOnly(never);
        (*engine)->idle();
        QCOMPARE(present(**engine, "A").outcome(), Outcome::Admit);
        (*engine)->shown();
        present(**engine, "B");
        (*engine)->shown();
        // The same key after a list that changes nothing about it.
        QVERIFY(gate.loadInto(**engine));
        present(**engine, "C");
        std::optional<base::Opener> opener;
        int opened = 0;
        for (const domain::Row &row : rowsOf(**engine)) {
            const auto &scan = std::get<domain::ScanRecord>(row.what);
            if (!opener && row.sealEphemeral)
                opener.emplace(*base::Opener::from(gate.keys.seal, *row.sealEphemeral));
            QVERIFY(opener);
            QVERIFY(opener->open(scan.sealNumber, scan.sealedCode, scan.codeHash));
            ++opened;
        }
        QCOMPARE(opened, 3);
    }

    void aLoadUnderWayDoesNotKeepTheFileFromBeingOpenedAnew()
    {
        QTemporaryDir folder;
        std::filesystem::current_path(folder.path().toStdString());
        std::signal(SIGXFSZ, SIG_IGN);
        ListGate gate("");
        for (std::uint32_t n = 1; n <= 3'000; ++n)
            gate.addForeign(n, "G" + std::to_string(n));
        QVERIFY(gate.load());
        auto engine = gate.start();
        QVERIFY(engine);
        QCOMPARE(present(**engine, "G1").reason, Reason::Ok);
        (*engine)->shown();
        const std::string bundle = gate.writeBundle();
        auto file = replica::BundleFile::open(bundle);
        const auto ignored = [](const replica::IndexedTicket &) { return base::Result<void>(); };
        auto load =
            replica::BundleLoad::begin((*engine)->vault().database(), (*engine)->vault().replica(), *file, ignored);
        QVERIFY(load && load->step(ignored));
        limitFiles(std::filesystem::file_size("gate.db-wal"));
        const auto written = present(**engine, "G2");
        limitFiles(RLIM_INFINITY);
        QCOMPARE(written.reason, Reason::Ok);
        (*engine)->shown();
        (*engine)->idle();
        QVERIFY((*engine)->vault().isOpen());
        QCOMPARE((*engine)->vault().state(), vault::StorageState::Good);
        QCOMPARE(present(**engine, "G3").reason, Reason::Ok);
        std::filesystem::remove(bundle);
        std::filesystem::current_path("/");
    }

    void afterAFailureAFileThatIsGoneOrAnotherOneIsNotTaken_data()
    {
        QTest::addColumn<bool>("replaced");
        QTest::newRow("gone") << false;
        QTest::newRow("an older one in its place") << true;
    }
    void afterAFailureAFileThatIsGoneOrAnotherOneIsNotTaken()
    {
        QFETCH(bool, replaced);
        CrashDisk disk("trouble", 1);
        ListGate gate(disk.name());
        const std::string cancelled = gate.addSigned(1).code;
        gate.list[0].ticket.state = domain::TicketState::Cancelled;
        gate.addForeign(2, "A");
        gate.addForeign(3, "B");
        QVERIFY(gate.load());
        const auto older = *disk.contents("gate.db"); // its log was moved into it at the end
        QVERIFY(disk.contents("gate.db-wal") == nullptr || disk.contents("gate.db-wal")->empty());
        auto engine = gate.start();
        present(**engine, "A");
        (*engine)->shown();
        present(**engine, "NOBODY");
        (*engine)->shown();
        disk.remove("gate.db");
        disk.remove("gate.db-wal");
        if (replaced) {
            auto file = storage::File::open("gate.db", disk.name());
            QVERIFY(file && (*file)->write(0, older));
        }
        const int openings = (*engine)->vault().openings();
        for (std::uint64_t nth = 1; (*engine)->vault().openings() == openings; ++nth) {
            disk.failAt(nth, kNever);
            present(**engine, "NOBODY");
            (*engine)->shown();
            disk.failAt(0, kNever);
            QVERIFY(nth < 20);
        }
        (*engine)->idle();
        // Nobody can be looked up: nobody passes, and nothing is made anew.
        for (const std::string &code : {cancelled, std::string("A"), std::string("B")})
            QCOMPARE(present(**engine, code).reason, Reason::Fault);
        if (!replaced)
            QVERIFY(disk.contents("gate.db") == nullptr);
        else
            QVERIFY(*disk.contents("gate.db") == older);
    }

    void aFailureAtAnyCallWhileADoubtIsSettledShowsGreenOnce_data()
    {
        aFailureWhileAListIsReloadedNeverLetsACancelledTicketPass_data();
    }
    void aFailureAtAnyCallWhileADoubtIsSettledShowsGreenOnce()
    {
        QFETCH(int, how);
        bool failed = true;
        for (std::uint64_t nth = 1; failed; ++nth) {
            const QString where = QString("call %1").arg(nth);
            CrashDisk disk("trouble", nth);
            ListGate gate(disk.name());
            gate.addForeign(1, "A");
            gate.addForeign(2, "B");
            QVERIFY(gate.load());
            {
                auto engine = gate.start();
                present(**engine, "A");
            }
            auto engine = gate.start();
            disk.failAt(nth, static_cast<CrashDisk::Failing>(how));
            const auto first = present(**engine, "A");
            int greens = first.outcome() == Outcome::Admit;
            (*engine)->shown();
            failed = disk.hasFailed();
            disk.failAt(0, kNever);
            // The disk is well again, and so is the gate, from the very next scan on.
            QVERIFY2(present(**engine, "B").reason == Reason::Ok, qPrintable(where));
            (*engine)->shown();
            const auto second = present(**engine, "A");
            greens += second.outcome() == Outcome::Admit;
            (*engine)->shown();
            QVERIFY2(greens == 1, qPrintable(where));
            QCOMPARE((*engine)->vault().state(), vault::StorageState::Good);
            QCOMPARE((*engine)->vault().journal().counts()->admitted, std::uint64_t{2});
        }
    }

    void anyMixOfFailuresMendsAndRestartsKeepsEveryPromise_data()
    {
        QTest::addColumn<unsigned>("first");
        // VOELGOED_SEEDS=20000 tries more of them than a change is worth.
        const int wanted = qEnvironmentVariableIntValue("VOELGOED_SEEDS");
        const unsigned last = wanted > 0 ? static_cast<unsigned>(wanted) : 500;
        for (unsigned first = 1; first <= last; first += 100)
            QTest::addRow("seeds from %u", first) << first;
    }
    void anyMixOfFailuresMendsAndRestartsKeepsEveryPromise()
    {
        QFETCH(unsigned, first);
        for (unsigned seed = first; seed < first + 100; ++seed) {
            const std::string problem = evening(seed);
            QVERIFY2(problem.empty(), ("seed " + std::to_string(seed) + ": " + problem).c_str());
        }
    }

private:
    /// A gate whose disk fails now and then, and whose power goes. Returns which promise was broken, if any.
    std::string evening(unsigned seed)
    {
        constexpr std::uint32_t kGuests = 12;
        base::SeededRandom random(seed);
        const auto below = [&](std::uint64_t limit) {
            std::array<std::byte, 8> bytes{};
            random.fill(bytes);
            return base::bigEndianAt<std::uint64_t>(bytes, 0) % limit;
        };
        CrashDisk disk("trouble", seed);
        ListGate gate(disk.name());
        for (std::uint32_t n = 1; n <= kGuests; ++n)
            gate.addForeign(n, "G" + std::to_string(n));
        if (!gate.load())
            return "the list does not load";
        auto engine = gate.start();
        std::set<domain::RowKey> durable;
        std::map<std::uint64_t, int> greens;
        std::set<std::uint64_t> shownBefore; // the restart
        int repeats = 0, restarts = 0;       // each leaves one row in doubt at most
        const auto startAgain = [&] {
            do {
                if (engine)
                    engine->reset();
                if (disk.isDark())
                    disk.reboot();
                engine = gate.start();
            } while (!engine && disk.isDark()); // the power went while it started
        };
        for (int step = 0; step < 40; ++step) {
            const std::uint64_t what = below(10);
            if (what < 3)
                disk.failAt(1 + below(30), below(2) == 0 ? CrashDisk::Failing::Once : CrashDisk::Failing::FromThenOn);
            else if (what < 5)
                disk.failAt(0, kNever);
            else if (what == 5)
                (*engine)->idle();
            else if (what == 7) // full, or there is room again
                disk.setCapacity(below(2) == 0 ? disk.used() : UINT64_MAX);
            else if (what == 8)
                disk.cutAfter(1 + below(40)); // and then the power goes
            if (what == 6 || disk.isDark()) {
                ++restarts;
                for (const auto &[guest, count] : greens)
                    shownBefore.insert(guest);
                disk.failAt(0, kNever);
                startAgain();
                if (!engine)
                    return "it does not start: " + engine.error().message;
                continue;
            }
            const std::uint64_t guest = 1 + below(kGuests);
            const auto judged = present(**engine, "G" + std::to_string(guest));
            if (judged.durable)
                durable.insert(*judged.row);
            if (judged.outcome() == Outcome::Admit) {
                if (!judged.durable)
                    return "a green that is not durable";
                const bool before = greens.contains(guest);
                if (judged.reason == Reason::OkRepeat && before &&
                    (!shownBefore.contains(guest) || ++repeats > restarts))
                    return "a green for a second time, and not the last one before a restart";
                if (judged.reason != Reason::OkRepeat || !before)
                    ++greens[guest];
            }
            if (judged.durable)
                (*engine)->shown();
            gate.clock.pass(std::chrono::seconds(1));
        }
        disk.failAt(0, kNever);
        disk.setCapacity(UINT64_MAX);
        disk.cutAfter(kLater);
        startAgain();
        if (!engine)
            return "it does not start in the end: " + engine.error().message;
        std::map<std::uint32_t, int> admissions;
        for (const domain::Row &row : rowsOf(**engine)) {
            durable.erase(row.key);
            const auto &scan = std::get<domain::ScanRecord>(row.what);
            if (scan.outcome == "admit" && ++admissions[scan.ordinal.value] > 1)
                return "two admissions of " + std::to_string(scan.ordinal.value);
        }
        for (const auto &[guest, count] : greens) {
            if (count > 1)
                return "green twice: " + std::to_string(guest);
        }
        return durable.empty() ? "" : "a durable row is gone";
    }
};

QTEST_APPLESS_MAIN(StorageTroubleTest)
#include "storage_trouble_test.moc"
