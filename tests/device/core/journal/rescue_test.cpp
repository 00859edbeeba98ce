#include "device/core/journal/rescue.h"

#include "tests/support/crash_disk.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using base::Bytes;
using journal::Rescue;
using support::CrashDisk;

namespace {

constexpr const char *kPath = "rescue.log";
constexpr std::size_t kHeaderSize = 1'024;
constexpr std::size_t kPrefixSize = 16;
constexpr int kRows = 5;

Bytes rowOf(int number, std::size_t size = 20)
{
    Bytes row(size, static_cast<std::byte>(number));
    row[0] = std::byte{0xAA};
    return row;
}

std::vector<Bytes> rowsUpTo(int count)
{
    std::vector<Bytes> rows;
    for (int n = 1; n <= count; ++n)
        rows.push_back(rowOf(n));
    return rows;
}

/// A disk with a rescue journal of kRows rows, which came after an earlier generation of longer ones if so wished.
struct Filled
{
    CrashDisk disk{"rescue", 1};

    explicit Filled(int earlier = 0)
    {
        auto rescue = Rescue::open(kPath, disk.name());
        bool good = static_cast<bool>(rescue);
        for (int n = 1; good && n <= earlier; ++n)
            good = static_cast<bool>(rescue->append(rowOf(100 + n, 33)));
        good = good && rescue->clear();
        for (int n = 1; good && n <= kRows; ++n)
            good = static_cast<bool>(rescue->append(rowOf(n)));
        base::ensure(good, "a rescue journal is filled");
    }

    std::vector<std::byte> &bytes() { return *disk.contents(kPath); }
    static std::size_t beginOf(int row) { return kHeaderSize + static_cast<std::size_t>(row - 1) * (kPrefixSize + 20); }
};

} // namespace

class RescueTest : public QObject
{
    Q_OBJECT

private slots:
    void whatWasWrittenIsReadBackInOrder()
    {
        Filled filled;
        const auto again = Rescue::open(kPath, filled.disk.name());
        QVERIFY(again);
        QVERIFY(again->rows() == rowsUpTo(kRows));
        QCOMPARE(filled.bytes().size(), std::size_t{Rescue::kSize});
    }

    void theLongestRowIsTaken()
    {
        CrashDisk disk("rescue", 1);
        auto rescue = Rescue::open(kPath, disk.name());
        QVERIFY(rescue && rescue->append(rowOf(1, 64 << 10)) && rescue->append(rowOf(2, 1)));
        const auto again = Rescue::open(kPath, disk.name());
        QVERIFY(again && again->rows() == (std::vector<Bytes>{rowOf(1, 64 << 10), rowOf(2, 1)}));
    }

    void clearingForgetsTheRowsForGood()
    {
        Filled filled(7);
        auto rescue = Rescue::open(kPath, filled.disk.name());
        QVERIFY(rescue && rescue->clear());
        QVERIFY(rescue->rows().empty());
        const auto again = Rescue::open(kPath, filled.disk.name());
        QVERIFY(again && again->rows().empty());
        const auto salvaged = Rescue::salvage(kPath, filled.disk.name());
        QVERIFY(salvaged && salvaged->empty());
    }

    void aWriteTornAtAnyByteLeavesTheRowsBeforeIt_data()
    {
        QTest::addColumn<int>("earlier");
        QTest::newRow("on fresh zeros") << 0;
        QTest::newRow("over rows of an earlier generation") << 7;
    }
    void aWriteTornAtAnyByteLeavesTheRowsBeforeIt()
    {
        QFETCH(int, earlier);
        Filled filled(earlier);
        const std::vector<std::byte> whole = filled.bytes();
        std::vector<std::byte> before;
        {
            // What the last write found there.
            Filled shorter(earlier);
            before = shorter.bytes();
        }
        const std::size_t begin = Filled::beginOf(kRows + 1);
        const Bytes last = rowOf(kRows + 1);
        std::vector<std::byte> after;
        {
            auto rescue = Rescue::open(kPath, filled.disk.name());
            QVERIFY(rescue && rescue->append(last));
            after = filled.bytes();
        }
        for (std::size_t torn = begin; torn <= begin + kPrefixSize + last.size(); ++torn) {
            const auto cut = static_cast<std::ptrdiff_t>(torn);
            std::copy(after.begin() + static_cast<std::ptrdiff_t>(begin), after.begin() + cut,
                      filled.bytes().begin() + static_cast<std::ptrdiff_t>(begin));
            std::copy(before.begin() + cut, before.begin() + cut + 256, filled.bytes().begin() + cut);
            auto rescue = Rescue::open(kPath, filled.disk.name());
            const QString where = QString("torn at %1").arg(torn - begin);
            QVERIFY2(rescue, qPrintable(where));
            // Whole at the end, and before it only if what is missing happens to be there already.
            const bool isWhole = std::equal(after.begin(), after.end(), filled.bytes().begin());
            QVERIFY2(rescue->rows() == rowsUpTo(isWhole ? kRows + 1 : kRows), qPrintable(where));
            // The next row takes the torn one's place.
            QVERIFY2(rescue->append(rowOf(9)), qPrintable(where));
            auto expected = rowsUpTo(isWhole ? kRows + 1 : kRows);
            expected.push_back(rowOf(9));
            const auto again = Rescue::open(kPath, filled.disk.name());
            QVERIFY2(again && again->rows() == expected, qPrintable(where));
            filled.bytes() = after;
        }
    }

    void aByteChangedAnywhereIsNamedOrChangesNothing()
    {
        Filled filled;
        const std::size_t end = Filled::beginOf(kRows + 1);
        int corrupt = 0;
        for (std::size_t at = 0; at < end; ++at) {
            const QString where = QString("byte %1").arg(at);
            filled.bytes()[at] ^= static_cast<std::byte>(1U << (at % 8));
            const auto before = filled.bytes();
            const auto opened = Rescue::open(kPath, filled.disk.name());
            const auto salvaged = Rescue::salvage(kPath, filled.disk.name());
            QVERIFY2(salvaged, qPrintable(where));
            std::vector<Bytes> expected = rowsUpTo(kRows);
            if (at >= kHeaderSize)
                expected.erase(expected.begin() + static_cast<std::ptrdiff_t>((at - kHeaderSize) / (kPrefixSize + 20)));
            // Whatever was hit, every other row can be got out of it.
            QVERIFY2(*salvaged == expected, qPrintable(where));
            if (at < kHeaderSize || at >= Filled::beginOf(kRows)) {
                // A header has two copies; damage of the last row is what a write that was cut off looks like.
                QVERIFY2(opened && opened->rows() == expected, qPrintable(where));
            } else {
                ++corrupt;
                QVERIFY2(!opened && opened.error().code == base::ErrorCode::Corrupt, qPrintable(where));
                QVERIFY2(opened.error().message.find(kPath) != std::string::npos, opened.error().message.c_str());
                QVERIFY2(filled.bytes() == before, "nothing is written to what is damaged");
            }
            filled.bytes()[at] ^= static_cast<std::byte>(1U << (at % 8));
        }
        QCOMPARE(corrupt, static_cast<int>((kRows - 1) * (kPrefixSize + 20)));
    }

    void withBothCopiesOfItsHeaderGoneItIsCorruptAndItsRowsCanBeGot()
    {
        Filled filled(3);
        for (const std::size_t at : {std::size_t{11}, kHeaderSize / 2 + 11})
            filled.bytes()[at] ^= std::byte{0x40};
        const auto opened = Rescue::open(kPath, filled.disk.name());
        QVERIFY(!opened);
        QCOMPARE(static_cast<int>(opened.error().code), static_cast<int>(base::ErrorCode::Corrupt));
        const auto salvaged = Rescue::salvage(kPath, filled.disk.name());
        QVERIFY(salvaged);
        for (const Bytes &row : rowsUpTo(kRows))
            QVERIFY(std::count(salvaged->begin(), salvaged->end(), row) == 1);
    }

    void aHeaderThatIsMendedCountsAgain()
    {
        Filled filled;
        filled.bytes()[12] ^= std::byte{1};
        {
            auto rescue = Rescue::open(kPath, filled.disk.name());
            QVERIFY(rescue && rescue->append(rowOf(6)));
        }
        filled.bytes()[kHeaderSize / 2 + 12] ^= std::byte{1};
        const auto again = Rescue::open(kPath, filled.disk.name());
        QVERIFY(again && again->rows() == rowsUpTo(6));
    }

    void afterAClearingThatFailedNothingIsTakenUntilOneWorks()
    {
        bool failed = true;
        for (std::uint64_t nth = 1; failed; ++nth) {
            Filled filled;
            {
                auto rescue = Rescue::open(kPath, filled.disk.name());
                QVERIFY(rescue);
                filled.disk.failAt(nth, CrashDisk::Failing::FromThenOn);
                const bool cleared = static_cast<bool>(rescue->clear());
                failed = filled.disk.hasFailed();
                filled.disk.failAt(0, CrashDisk::Failing::Once);
                QCOMPARE(cleared, !failed);
                QCOMPARE(static_cast<bool>(rescue->append(rowOf(9))), cleared);
                QVERIFY(rescue->clear() && rescue->append(rowOf(10)));
            }
            const auto again = Rescue::open(kPath, filled.disk.name());
            QVERIFY2(again && again->rows() == std::vector<Bytes>{rowOf(10)}, qPrintable(QString::number(nth)));
        }
    }

    void rowsThatAreNewerThanTheHeadAreNotWrittenOver()
    {
        // One row of the second generation, behind the head of the first and no row.
        std::vector<std::byte> record;
        {
            Filled newer(1);
            const auto begin = newer.bytes().begin() + static_cast<std::ptrdiff_t>(Filled::beginOf(1));
            record.assign(begin, begin + kPrefixSize + 20);
        }
        Filled older;
        auto &bytes = older.bytes();
        std::fill(bytes.begin() + kHeaderSize, bytes.end(), std::byte{});
        std::copy(record.begin(), record.end(), bytes.begin() + kHeaderSize);
        const auto opened = Rescue::open(kPath, older.disk.name());
        QVERIFY(!opened);
        QCOMPARE(static_cast<int>(opened.error().code), static_cast<int>(base::ErrorCode::Corrupt));
        const auto salvaged = Rescue::salvage(kPath, older.disk.name());
        QVERIFY(salvaged && *salvaged == rowsUpTo(1));
    }

    void aFileThatIsCutOffInItsRowsIsCorrupt()
    {
        Filled filled;
        filled.bytes().resize(Filled::beginOf(3) + 5);
        const auto opened = Rescue::open(kPath, filled.disk.name());
        QVERIFY(!opened);
        QCOMPARE(static_cast<int>(opened.error().code), static_cast<int>(base::ErrorCode::Corrupt));
        const auto salvaged = Rescue::salvage(kPath, filled.disk.name());
        QVERIFY(salvaged && *salvaged == rowsUpTo(2));
    }

    void aPowerCutAnywhereLosesNoRowThatWasTaken_data()
    {
        QTest::addColumn<quint64>("seed");
        for (quint64 seed = 1; seed <= 3; ++seed)
            QTest::addRow("disk %llu", static_cast<unsigned long long>(seed)) << seed;
    }
    void aPowerCutAnywhereLosesNoRowThatWasTaken()
    {
        QFETCH(quint64, seed);
        bool cut = true;
        for (std::uint64_t call = 1; cut; call += call < 70 ? 7 : 1) {
            CrashDisk disk("rescue", seed * 1'000 + call);
            disk.cutAfter(call);
            std::vector<Bytes> taken, tried;
            bool clearing = false, cleared = false;
            {
                auto rescue = Rescue::open(kPath, disk.name());
                for (int n = 1; rescue && n <= kRows; ++n) {
                    tried.push_back(rowOf(n));
                    if (rescue->append(tried.back()))
                        taken.push_back(tried.back());
                }
                clearing = rescue && taken.size() == kRows;
                cleared = clearing && rescue->clear();
                if (cleared) {
                    tried.push_back(rowOf(6));
                    if (rescue->append(tried.back()))
                        taken.push_back(tried.back());
                }
            }
            cut = disk.isDark();
            disk.reboot();
            const auto again = Rescue::open(kPath, disk.name());
            const QString where =
                QString("cut at call %1: %2 of %3 rows").arg(call).arg(taken.size()).arg(tried.size());
            QVERIFY2(again, qPrintable(where));
            const auto &rows = again->rows();
            if (cleared) {
                const std::vector<Bytes> behind(taken.begin() + kRows, taken.end());
                QVERIFY2(rows == behind || rows == std::vector<Bytes>{rowOf(6)}, qPrintable(where));
            } else if (clearing) {
                QVERIFY2(rows.empty() || rows == taken, qPrintable(where));
            } else {
                QVERIFY2(rows.size() >= taken.size(), qPrintable(where));
                QVERIFY2(rows.size() <= tried.size(), qPrintable(where));
                QVERIFY2(std::equal(rows.begin(), rows.end(), tried.begin()), qPrintable(where));
            }
        }
    }

    void afterAFailedWriteNothingIsTakenBeforeItIsCleared()
    {
        Filled filled;
        auto rescue = Rescue::open(kPath, filled.disk.name());
        QVERIFY(rescue);
        filled.disk.failAt(2, CrashDisk::Failing::Once); // the sync
        const auto failed = rescue->append(rowOf(6));
        QVERIFY(!failed);
        QCOMPARE(static_cast<int>(failed.error().code), static_cast<int>(base::ErrorCode::Unavailable));
        QVERIFY(!rescue->append(rowOf(7)));
        QVERIFY(rescue->rows() == rowsUpTo(kRows));
        QVERIFY(rescue->clear());
        QVERIFY(rescue->append(rowOf(8)));
        const auto again = Rescue::open(kPath, filled.disk.name());
        QVERIFY(again && again->rows() == std::vector<Bytes>{rowOf(8)});
    }

    void itIsFilledToItsEndAndThenSaysSo()
    {
        CrashDisk disk("rescue", 1);
        auto rescue = Rescue::open(kPath, disk.name());
        QVERIFY(rescue);
        constexpr std::size_t kSize = 60'000;
        const std::size_t fits = (Rescue::kSize - kHeaderSize) / (kPrefixSize + kSize);
        for (std::size_t n = 0; n < fits; ++n)
            QVERIFY(rescue->append(rowOf(static_cast<int>(n % 200), kSize)));
        const auto full = rescue->append(rowOf(1, kSize));
        QVERIFY(!full);
        QCOMPARE(static_cast<int>(full.error().code), static_cast<int>(base::ErrorCode::Unavailable));
        QVERIFY(full.error().message.find("full") != std::string::npos);
        QVERIFY(!full.error().hint.empty());
        QCOMPARE(disk.contents(kPath)->size(), std::size_t{Rescue::kSize});
        const auto again = Rescue::open(kPath, disk.name());
        QVERIFY(again);
        QCOMPARE(again->rows().size(), fits);
    }

    void aFullDiskTakesRowsAllTheSame()
    {
        CrashDisk disk("rescue", 1);
        auto rescue = Rescue::open(kPath, disk.name());
        QVERIFY(rescue);
        disk.setCapacity(disk.used());
        for (const Bytes &row : rowsUpTo(kRows))
            QVERIFY(rescue->append(row));
    }

    void withoutAPathNothingIsTaken()
    {
        auto rescue = Rescue::open("", "");
        QVERIFY(rescue && rescue->rows().empty());
        QVERIFY(!rescue->append(rowOf(1)));
        QVERIFY(rescue->clear());
        const auto salvaged = Rescue::salvage("", "");
        QVERIFY(salvaged && salvaged->empty());
    }
};

QTEST_GUILESS_MAIN(RescueTest)
#include "rescue_test.moc"
