#include "shared/protocol/row.h"
#include "tests/support/practice_gate.h"

#include <QtTest/QtTest>

#include <map>

using namespace voelgoed;
using support::CrashDisk;
using support::present;

namespace {

constexpr std::uint32_t kGuests = 24;
constexpr std::uint64_t kStep = 4096;

/// What people at the gate were told.
struct Told
{
    std::map<domain::RowKey, base::Bytes> durable; ///< rows that were called durable
    std::map<std::uint32_t, int> greens;           ///< by guest
    int rescued = 0;
    int faults = 0;
    QString problem;
};

void tell(scan::Engine &engine, const std::string &code, std::uint32_t guest, Told &told)
{
    const auto judged = present(engine, code);
    const bool green = judged.outcome() == domain::Outcome::Admit;
    if (green && !judged.durable)
        told.problem = QString("guest %1 is green without a durable row").arg(guest);
    if (judged.durable) {
        told.durable[*judged.row];
        told.rescued += judged.rescued;
        engine.shown();
    } else {
        ++told.faults;
        if (judged.outcome() != domain::Outcome::Undecided || judged.reason != domain::Reason::Fault)
            told.problem =
                QString("guest %1 is told %2 by a gate that cannot write").arg(guest).arg(judged.explanation.c_str());
    }
    told.greens[guest] += green;
}

/// Everything that was called durable is in the journal, once and in its place.
QString missingIn(scan::Engine &engine, const Told &told)
{
    const auto rows = engine.vault().journal().rowsAfter({}, 100'000);
    if (!rows)
        return QString::fromStdString(rows.error().message);
    std::map<domain::RowKey, int> there;
    std::uint64_t number = 0;
    for (const auto &row : *rows) {
        ++there[row.row.key];
        if (row.row.key.sequence.value != ++number)
            return QString("a gap before row %1").arg(row.row.key.sequence.value);
    }
    for (const auto &[key, bytes] : told.durable) {
        if (there[key] != 1)
            return QString("row %1 is there %2 times").arg(key.sequence.value).arg(there[key]);
    }
    if (auto sound = engine.vault().journal().verify(); !sound)
        return QString::fromStdString(sound.error().message);
    return {};
}

} // namespace

/// A gate whose disk fills up, or can only be read from some moment on.
class DiskFullTest : public QObject
{
    Q_OBJECT

private slots:
    void atEveryStepOfAFullDiskNoGreenIsWithoutItsRow_data()
    {
        QTest::addColumn<bool>("restarted");
        QTest::newRow("the gate runs until there is room again") << false;
        QTest::newRow("the power goes while the disk is full") << true;
    }
    void atEveryStepOfAFullDiskNoGreenIsWithoutItsRow()
    {
        QFETCH(bool, restarted);
        int inRescue = 0, steps = 0;
        for (std::uint64_t step = 0;; ++step, ++steps) {
            CrashDisk disk("full", step);
            support::PracticeGate practice(disk, kGuests);
            QVERIFY(practice.load());
            auto engine = practice.start();
            QVERIFY(engine);
            Told told;
            tell(**engine, practice.foreignCode(1), 1, told);
            QCOMPARE((*engine)->vault().state(), vault::StorageState::Good);
            disk.setCapacity(disk.used() + step * kStep);
            for (std::uint32_t guest = 2; guest <= kGuests; ++guest) {
                tell(**engine, practice.foreignCode(guest), guest, told);
                if (guest % 5 == 0)
                    (*engine)->idle();
            }
            QVERIFY2(told.problem.isEmpty(), qPrintable(told.problem));
            // The rescue journal took its room ahead: nobody has to wait.
            QCOMPARE(told.faults, 0);
            if (told.rescued > 0) {
                ++inRescue;
                QCOMPARE((*engine)->vault().state(), vault::StorageState::Rescue);
            }
            if (restarted) {
                engine->reset();
                disk.reboot();
                disk.setCapacity(UINT64_MAX);
                engine = practice.start();
                QVERIFY2(static_cast<bool>(engine), engine ? "" : engine.error().message.c_str());
            } else {
                disk.setCapacity(UINT64_MAX);
                (*engine)->idle();
            }
            QCOMPARE((*engine)->vault().state(), vault::StorageState::Good);
            QVERIFY((*engine)->vault().rescuedRows().empty());
            const QString missing = missingIn(**engine, told);
            QVERIFY2(missing.isEmpty(), qPrintable(QString("%1 pages of room: ").arg(step) + missing));
            for (std::uint32_t guest = 1; guest <= kGuests; ++guest) {
                QCOMPARE(told.greens[guest], 1);
                const auto again = present(**engine, practice.foreignCode(guest));
                QVERIFY2(again.reason == domain::Reason::AlreadyUsed ||
                             (restarted && guest == kGuests && again.reason == domain::Reason::OkRepeat),
                         qPrintable(QString("%1 pages of room: guest %2 is told %3")
                                        .arg(step)
                                        .arg(guest)
                                        .arg(again.explanation.c_str())));
            }
            QCOMPARE((*engine)->vault().journal().counts()->admitted, std::uint64_t{kGuests});
            if (told.rescued == 0)
                break; // room enough
        }
        QVERIFY2(inRescue > 15 && inRescue == steps, qPrintable(QString("%1 of %2").arg(inRescue).arg(steps)));
    }

    void withoutARescueJournalNobodyIsAdmittedUntilThereIsRoom()
    {
        for (std::uint64_t step = 0; step < 30; ++step) {
            CrashDisk disk("bare", step);
            base::SeededRandom random(step);
            const vault::VaultOptions options{.path = "gate.db", .vfs = "bare", .device = {"device-1"}};
            auto vault = vault::Vault::open(options, random);
            QVERIFY(vault);
            std::map<std::uint64_t, base::Bytes> durable;
            int refused = 0;
            const auto record = [&] {
                domain::ScanRecord scan;
                scan.outcome = "admit";
                scan.ordinal = {static_cast<std::uint32_t>(durable.size() + 1)};
                scan.explanation = std::string(900, 'x');
                const auto recorded = (*vault)->record({.event = {"fest"}, .what = std::move(scan)});
                if (!recorded)
                    return false;
                durable[recorded->row.key.sequence.value] = protocol::encode(recorded->row);
                (*vault)->shown();
                return true;
            };
            QVERIFY(record());
            disk.setCapacity(disk.used() + step * kStep);
            for (int scan = 0; scan < 20; ++scan)
                refused += !record();
            QVERIFY(refused > 0);
            QCOMPARE((*vault)->state(), vault::StorageState::Failed);
            disk.setCapacity(UINT64_MAX);
            for (const domain::Row &stray : (*vault)->mend())
                durable[stray.key.sequence.value] = protocol::encode(stray);
            QCOMPARE((*vault)->state(), vault::StorageState::Good);
            QVERIFY(record());
            vault->reset();
            vault = vault::Vault::open(options, random);
            QVERIFY2(static_cast<bool>(vault), vault ? "" : vault.error().message.c_str());
            const auto rows = (*vault)->journal().rowsAfter({}, 1'000);
            QVERIFY(rows);
            QCOMPARE(rows->size(), durable.size());
            for (const auto &row : *rows)
                QCOMPARE(durable[row.row.key.sequence.value], row.bytes);
        }
    }

    void aDiskThatCanOnlyBeReadAdmitsNobody_data()
    {
        QTest::addColumn<bool>("rescueToo");
        QTest::newRow("the device's disk, and not the rescue journal's") << false;
        QTest::newRow("both") << true;
    }
    void aDiskThatCanOnlyBeReadAdmitsNobody()
    {
        QFETCH(bool, rescueToo);
        for (std::uint32_t from = 1; from <= kGuests; ++from) {
            CrashDisk disk("read-only", from);
            support::PracticeGate practice(disk, kGuests);
            QVERIFY(practice.load());
            auto engine = practice.start();
            QVERIFY(engine);
            Told told;
            for (std::uint32_t guest = 1; guest <= kGuests; ++guest) {
                if (guest == from)
                    disk.setReadOnly([=](const std::string &path) { return rescueToo || path != "rescue.log"; });
                tell(**engine, practice.foreignCode(guest), guest, told);
                if (guest % 5 == 0)
                    (*engine)->idle();
            }
            QVERIFY2(told.problem.isEmpty(), qPrintable(told.problem));
            const int late = static_cast<int>(kGuests - from + 1);
            QCOMPARE(told.faults, rescueToo ? late : 0);
            QCOMPARE(told.rescued, rescueToo ? 0 : late);
            // A gate that is started on such a disk admits nobody either, and loses nothing.
            engine->reset();
            engine = practice.start();
            if (engine) {
                const auto judged = present(**engine, practice.signedCode(1));
                QVERIFY(judged.outcome() != domain::Outcome::Admit || judged.durable);
                if (judged.durable)
                    told.durable[*judged.row];
            }
            engine = base::Error{};
            disk.setReadOnly({});
            engine = practice.start();
            QVERIFY2(static_cast<bool>(engine), engine ? "" : engine.error().message.c_str());
            QCOMPARE((*engine)->vault().state(), vault::StorageState::Good);
            const QString missing = missingIn(**engine, told);
            QVERIFY2(missing.isEmpty(), qPrintable(QString("from guest %1 on: ").arg(from) + missing));
            for (std::uint32_t guest = 1; guest <= kGuests; ++guest) {
                const auto again = present(**engine, practice.foreignCode(guest));
                if (told.greens[guest] > 0)
                    QVERIFY(again.reason == domain::Reason::AlreadyUsed || again.reason == domain::Reason::OkRepeat);
                else
                    QCOMPARE(again.outcome(), domain::Outcome::Admit);
            }
        }
    }

    void aNewDeviceOnAFullDiskStartsOnceThereIsRoom()
    {
        int refused = 0;
        for (std::uint64_t room = 0; room < 24 * kStep; room += kStep) {
            CrashDisk disk("new", room);
            base::SeededRandom random(room);
            const vault::VaultOptions options{
                .path = "gate.db", .rescue = "rescue.log", .vfs = "new", .device = {"device-1"}};
            disk.setCapacity(room);
            refused += !vault::Vault::open(options, random);
            disk.setCapacity(UINT64_MAX);
            const auto vault = vault::Vault::open(options, random);
            QVERIFY2(static_cast<bool>(vault), vault ? "" : vault.error().message.c_str());
            QVERIFY((*vault)->record({.event = {"fest"}, .what = domain::ScanRecord{}}));
        }
        QCOMPARE(refused, 24);
    }
};

QTEST_APPLESS_MAIN(DiskFullTest)
#include "disk_full_test.moc"
