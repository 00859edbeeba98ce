#include "device/core/vault/vault.h"
#include "shared/domain/verdict.h"
#include "shared/protocol/row.h"
#include "tests/support/crash_disk.h"

#include <QtTest/QtTest>

#include <map>
#include <set>

using namespace voelgoed;
using support::CrashDisk;

namespace {

constexpr int kDisks = 300;
constexpr int kLivesPerDisk = 12;

vault::RowDraft draftOf(base::Random &random, int number)
{
    domain::ScanRecord scan;
    scan.checkpoint = {"main"};
    scan.gate = {"north"};
    scan.ordinal = {static_cast<std::uint32_t>(1 + random.below(500))};
    const bool admitted = random.below(4) != 0;
    scan.outcome = domain::word(admitted ? domain::Outcome::Admit : domain::Outcome::Refuse);
    scan.reason = domain::word(admitted ? domain::Reason::Ok : domain::Reason::AlreadyUsed);
    scan.explanation = std::string(random.below(300), 'x');
    return {.event = {"fest"},
            .at = base::instantFromMillis(1'796'000'000'000 + number),
            .what = std::move(scan),
            .code = base::Bytes(20)};
}

/// What a person at the gate can hold the device to.
struct Promises
{
    std::map<std::uint64_t, base::Bytes> acknowledged;
    std::uint64_t lastShown = 0;
    std::set<std::uint64_t> doubted; ///< after earlier cuts
};

struct Findings
{
    int lost = 0;
    int corrupt = 0;
    int cutInTheMiddle = 0;
    int inDoubt = 0;
    QString first;

    void note(int &kind, const QString &what)
    {
        if (first.isEmpty())
            first = what;
        ++kind;
    }
};

/// Opens the file after a cut and holds it to the promises.
void inspect(const vault::VaultOptions &options, base::Random &random, Promises &promises, Findings &findings)
{
    auto vault = vault::Vault::open(options, random);
    if (!vault)
        return findings.note(findings.corrupt, QString::fromStdString(vault.error().message));
    auto check = (*vault)->database().prepare("PRAGMA integrity_check");
    if (!check || !*check->step() || check->text(0) != "ok")
        return findings.note(findings.corrupt, "integrity_check");
    check->reset();

    const auto rows = (*vault)->journal().rowsAfter({}, 1'000'000);
    if (!rows)
        return findings.note(findings.corrupt, QString::fromStdString(rows.error().message));
    std::map<domain::RowKey, journal::Mark> marks;
    domain::RowHash previous{};
    std::uint64_t sequence = 0;
    for (const journal::StoredRow &row : *rows) {
        if (row.row.key.sequence.value != ++sequence || row.row.previous != previous)
            return findings.note(findings.corrupt, "a gap in the chain");
        previous = row.hash;
        if (const auto mark = journal::markOf(row.row))
            marks.emplace(mark->row, *mark);
        const auto promised = promises.acknowledged.find(sequence);
        if (promised != promises.acknowledged.end() && promised->second != row.bytes)
            return findings.note(findings.corrupt, "a row with other contents");
    }
    for (const auto &[promised, bytes] : promises.acknowledged) {
        if (promised > sequence)
            return findings.note(findings.lost, QString("row %1 of %2").arg(promised).arg(sequence));
    }
    const auto read = (*vault)->journal().eachMark([&](const journal::Mark &mark) {
        const auto expected = marks.find(mark.row);
        if (expected == marks.end() || !(expected->second == mark))
            findings.note(findings.corrupt, "a mark without its row");
        else
            marks.erase(expected);
    });
    if (!read || !marks.empty())
        return findings.note(findings.corrupt, "a row without its mark");

    const auto doubted = (*vault)->journal().inDoubt();
    if (!doubted)
        return findings.note(findings.corrupt, "rows in doubt cannot be read");
    // That the last row was shown is written down with the next one: it is in doubt too, but none before it.
    for (const domain::Row &row : *doubted) {
        ++findings.inDoubt;
        const bool newlyDoubted = promises.doubted.insert(row.key.sequence.value).second;
        if (newlyDoubted && row.key.sequence.value < promises.lastShown)
            findings.note(findings.corrupt, "a row in doubt although a later one was shown");
    }
}

struct World
{
    std::string synchronous = "FULL";
    bool lying = false;
    bool failing = false; ///< single calls fail beside the cuts
};

Findings live(const World &world, int disks)
{
    Findings findings;
    for (int seed = 0; seed < disks; ++seed) {
        CrashDisk disk("crash", static_cast<std::uint64_t>(seed), seed % 2 == 0 ? 512 : 4096);
        if (world.lying)
            disk.lie();
        base::SeededRandom random(static_cast<std::uint64_t>(seed) + 77);
        const vault::VaultOptions options{.path = "gate.db",
                                          .rescue = "rescue.log",
                                          .vfs = "crash",
                                          .synchronous = world.synchronous,
                                          .device = {"device-1"}};
        Promises promises;
        for (int life = 0; life < kLivesPerDisk; ++life) {
            disk.cutAfter(1 + random.below(life == 0 ? 400 : 250));
            {
                auto vault = vault::Vault::open(options, random);
                for (int scan = 0; vault && !disk.isDark() && scan < 400; ++scan) {
                    if (world.failing && random.below(10) == 0)
                        disk.failAt(1 + random.below(12), CrashDisk::Failing::Once);
                    auto recorded = (*vault)->record(draftOf(random, scan));
                    if (!recorded) {
                        (*vault)->mend();
                        continue;
                    }
                    promises.acknowledged[recorded->row.key.sequence.value] = protocol::encode(recorded->row);
                    if (random.below(20) == 0 && disk.isDark())
                        break;
                    promises.lastShown = recorded->row.key.sequence.value;
                    (*vault)->shown();
                    (*vault)->tidy();
                    if (random.below(30) == 0)
                        (void)(*vault)->flush();
                    if (random.below(7) == 0)
                        (*vault)->mend();
                }
                findings.cutInTheMiddle += disk.isDark();
            }
            disk.reboot();
            inspect(options, random, promises, findings);
            if (findings.lost + findings.corrupt > 0)
                return findings;
        }
    }
    return findings;
}

} // namespace

class PowerCutTest : public QObject
{
    Q_OBJECT

private slots:
    void nothingThatWasAcknowledgedIsEverLost()
    {
        const Findings findings = live({}, kDisks);
        QVERIFY2(findings.lost == 0 && findings.corrupt == 0, qPrintable(findings.first));
        QVERIFY2(findings.cutInTheMiddle > 2'000, qPrintable(QString::number(findings.cutInTheMiddle)));
        QVERIFY(findings.inDoubt > 50);
    }

    void norWhenTheDiskAlsoFailsNowAndThen()
    {
        const Findings findings = live({.failing = true}, kDisks);
        QVERIFY2(findings.lost == 0 && findings.corrupt == 0, qPrintable(findings.first));
        QVERIFY2(findings.cutInTheMiddle > 2'000, qPrintable(QString::number(findings.cutInTheMiddle)));
    }

    // Negative controls: the checks above must be able to fail.
    void withoutSyncsTheChecksFail()
    {
        const Findings findings = live({.synchronous = "NORMAL"}, kDisks);
        QVERIFY(findings.lost > 0);
    }

    void onALyingDiskTheChecksFail()
    {
        const Findings findings = live({.lying = true}, kDisks);
        QVERIFY(findings.lost + findings.corrupt > 0);
    }
};

QTEST_APPLESS_MAIN(PowerCutTest)
#include "power_cut_test.moc"
