#include "tests/support/spoiled_journal.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using support::CrashDisk;
using vault::StorageState;
using vault::Vault;

namespace {

constexpr int kStored = 6, kRescued = 5;

vault::VaultOptions rescuedOn(const CrashDisk &disk)
{
    auto options = support::optionsOn(disk);
    options.rescue = "rescue.log";
    return options;
}

vault::RowDraft admission(std::uint32_t ordinal)
{
    domain::ScanRecord scan;
    scan.checkpoint = {"main"};
    scan.gate = {"north"};
    scan.ordinal = {ordinal};
    scan.outcome = domain::word(domain::Outcome::Admit);
    scan.reason = domain::word(domain::Reason::Ok);
    return {.event = {"fest"}, .at = base::instantFromMillis(1'796'000'000'000 + ordinal), .what = std::move(scan)};
}

/// A vault that has been told of some admissions, the last of them while only the rescue journal could be written.
struct Evening
{
    CrashDisk disk;
    base::SeededRandom random{7};
    std::unique_ptr<Vault> vault;
    std::vector<domain::Row> rows;

    explicit Evening(std::uint64_t seed) : disk("evening", seed)
    {
        start();
        for (int n = 1; n <= kStored; ++n)
            admit(static_cast<std::uint32_t>(n));
        disk.setReadOnly([](const std::string &path) { return path != "rescue.log"; });
        for (int n = kStored + 1; n <= kStored + kRescued; ++n)
            admit(static_cast<std::uint32_t>(n));
        base::ensure(vault->state() == StorageState::Rescue, "rows are in the rescue journal");
        base::ensure(vault->rescuedRows().size() == kRescued, "as many as were recorded");
        vault.reset();
        disk.setReadOnly({});
    }
    void admit(std::uint32_t ordinal)
    {
        auto recorded = vault->record(admission(ordinal));
        base::ensure(static_cast<bool>(recorded), "a row can be recorded");
        rows.push_back(recorded->row);
        vault->shown();
    }
    void start()
    {
        vault.reset();
        auto opened = Vault::open(rescuedOn(disk), random);
        base::ensure(static_cast<bool>(opened), opened ? "" : opened.error().message.c_str());
        vault = std::move(*opened);
    }
    /// Empty when the journal holds exactly what was recorded, each row with its mark once, or else what differs.
    QByteArray difference()
    {
        auto &journal = vault->journal();
        if (const auto sound = journal.verify(); !sound)
            return QByteArray::fromStdString(sound.error().message);
        const auto stored = journal.rowsAfter({}, 1'000);
        if (!stored || stored->size() != rows.size())
            return "the number of rows";
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (!((*stored)[i].row == rows[i]))
                return "row " + QByteArray::number(i + 1);
        }
        std::map<std::uint32_t, int> passages;
        if (!journal.eachMark([&](const journal::Mark &mark) { ++passages[mark.ordinal.value]; }))
            return "the marks";
        if (passages.size() != rows.size())
            return "the number of tickets that passed";
        for (const auto &[ordinal, count] : passages) {
            if (count != 1)
                return "ticket " + QByteArray::number(ordinal) + " is counted twice";
        }
        return {};
    }
};

} // namespace

class RescuedRowsTest : public QObject
{
    Q_OBJECT

private slots:
    void numbersGoOnWithoutGapsAndEpochsRiseFromBootToBoot()
    {
        CrashDisk disk("numbers", 3);
        base::SeededRandom random(3);
        std::uint64_t sequence = 0;
        domain::RowHash previous{};
        for (std::uint32_t boot = 1; boot <= 6; ++boot) {
            auto vault = Vault::open(rescuedOn(disk), random);
            QVERIFY(vault);
            for (std::uint32_t n = 0; n < boot; ++n) {
                const auto recorded = (*vault)->record(admission(1 + n));
                QVERIFY(recorded);
                QCOMPARE(recorded->row.key.sequence.value, ++sequence);
                QCOMPARE(recorded->row.key.epoch.value, boot);
                QVERIFY(recorded->row.key.device == domain::DeviceId{"device-1"});
                QVERIFY(recorded->row.previous == previous);
                previous = protocol::hashOf(protocol::encode(recorded->row));
            }
            QVERIFY((*vault)->journal().verify());
        }
    }

    void rescuedRowsGoOnInTheNumbersAndTheChain()
    {
        Evening evening(1);
        for (std::size_t i = 0; i < evening.rows.size(); ++i) {
            QCOMPARE(evening.rows[i].key.sequence.value, i + 1);
            if (i > 0)
                QVERIFY(evening.rows[i].previous == protocol::hashOf(protocol::encode(evening.rows[i - 1])));
        }
    }

    void atTheNextStartTheyAreInTheJournalAndTheRescueJournalIsEmpty()
    {
        Evening evening(1);
        evening.start();
        QCOMPARE(evening.vault->state(), StorageState::Good);
        QVERIFY(evening.vault->rescuedRows().empty());
        QCOMPARE(evening.difference(), QByteArray());
        evening.start();
        QCOMPARE(evening.difference(), QByteArray());
        evening.admit(99);
        QCOMPARE(evening.rows.back().key.sequence.value, std::uint64_t{kStored + kRescued + 1});
        QCOMPARE(evening.difference(), QByteArray());
    }

    void aRescueJournalThatIsReadInAgainCountsNothingTwice_data()
    {
        QTest::addColumn<int>("more");
        QTest::newRow("at once") << 0;
        QTest::newRow("when the journal has gone on") << 4;
    }
    void aRescueJournalThatIsReadInAgainCountsNothingTwice()
    {
        QFETCH(int, more);
        Evening evening(1);
        const auto full = *evening.disk.contents("rescue.log");
        evening.start();
        for (int n = 0; n < more; ++n)
            evening.admit(static_cast<std::uint32_t>(50 + n));
        evening.vault.reset();
        // As if the power had gone after the rows were in the journal, and before they were cleared away.
        *evening.disk.contents("rescue.log") = full;
        const auto doubts = [&] { return evening.vault->journal().counts()->inDoubt; };
        evening.start();
        QCOMPARE(evening.difference(), QByteArray());
        QVERIFY(evening.vault->rescuedRows().empty());
        const std::uint64_t first = doubts();
        // The last row before each start: nobody wrote down that it was shown.
        QCOMPARE(first, std::uint64_t{more > 0 ? 2U : 1U});
        *evening.disk.contents("rescue.log") = full;
        evening.start();
        QCOMPARE(evening.difference(), QByteArray());
        QCOMPARE(doubts(), first);
    }

    void whatWasTakenBackStaysTakenBackWhenTheRescueJournalIsReadInAgain()
    {
        Evening evening(1);
        const auto full = *evening.disk.contents("rescue.log");
        evening.start();
        const domain::RowKey undone = evening.rows.back().key;
        QVERIFY(evening.vault->record({.event = {"fest"},
                                       .at = evening.rows.back().at,
                                       .what = domain::UndoRecord{.row = undone, .by = {"sup"}}}));
        const std::uint64_t admitted = evening.vault->journal().counts()->admitted;
        QCOMPARE(admitted, std::uint64_t{kStored + kRescued - 1});
        evening.vault.reset();
        *evening.disk.contents("rescue.log") = full;
        evening.start();
        QVERIFY(evening.vault->journal().verify());
        QCOMPARE(evening.vault->journal().counts()->admitted, admitted);
    }

    void aPowerCutAnywhereWhileTheyAreReadInLosesAndDoublesNothing()
    {
        bool cut = true;
        int cuts = 0;
        for (std::uint64_t call = 1; cut; ++call) {
            Evening evening(call);
            evening.disk.cutAfter(call);
            {
                auto opened = Vault::open(rescuedOn(evening.disk), evening.random);
                cut = evening.disk.isDark();
                cuts += cut;
            }
            evening.disk.reboot();
            evening.start();
            QVERIFY2(evening.difference().isEmpty(),
                     qPrintable(QString("call %1: %2").arg(call).arg(QString(evening.difference()))));
            QVERIFY(evening.vault->rescuedRows().empty());
        }
        QVERIFY2(cuts > 50, qPrintable(QString::number(cuts)));
    }

    void theyAreReadInWhileTheGateRunsToo()
    {
        Evening evening(1);
        evening.start();
        evening.disk.setReadOnly([](const std::string &path) { return path != "rescue.log"; });
        for (std::uint32_t n = 70; n < 75; ++n)
            evening.admit(n);
        QCOMPARE(evening.vault->state(), StorageState::Rescue);
        evening.disk.setReadOnly({});
        (void)evening.vault->mend();
        QCOMPARE(evening.vault->state(), StorageState::Good);
        QVERIFY(evening.vault->rescuedRows().empty());
        QCOMPARE(evening.difference(), QByteArray());
        evening.admit(80);
        evening.start();
        QCOMPARE(evening.difference(), QByteArray());
    }

    void withDamageInItsMiddleNothingIsReadInAndNothingIsWritten()
    {
        Evening evening(1);
        auto &bytes = *evening.disk.contents("rescue.log");
        bytes[1'024 + 16 + 20] ^= std::byte{1};
        const auto before = bytes;
        const auto opened = Vault::open(rescuedOn(evening.disk), evening.random);
        QVERIFY(!opened);
        QCOMPARE(static_cast<int>(opened.error().code), static_cast<int>(base::ErrorCode::Corrupt));
        QVERIFY2(opened.error().message.find("rescue") != std::string::npos, opened.error().message.c_str());
        QVERIFY(*evening.disk.contents("rescue.log") == before);
    }
};

QTEST_GUILESS_MAIN(RescuedRowsTest)
#include "rescued_rows_test.moc"
