#include "device/core/storage/page_reader.h"

#include "device/core/storage/database.h"
#include "tests/support/crash_disk.h"

#include <QtTest/QtTest>

#include <set>

using namespace voelgoed;
using storage::Database;
using storage::PageReader;
using storage::Record;
using support::CrashDisk;

namespace {

constexpr std::size_t kPage = PageReader::kPageSize;
constexpr int kRows = 120;

/// Long enough now and then to go on in other pages.
std::size_t lengthOf(int number)
{
    return number % 10 == 3 ? 9'000 : static_cast<std::size_t>(number % 7) * 40;
}

std::string bodyOf(int number)
{
    return "body " + std::to_string(number) + std::string(lengthOf(number), static_cast<char>('a' + number % 26));
}

/// A database of rows of every kind of value, moved into its file up to `moved`, the others in its log.
struct Evening
{
    CrashDisk disk{"pages", 1};

    explicit Evening(int moved)
    {
        auto database = Database::open({.path = "gate.db", .vfs = disk.name()});
        bool good =
            database && (*database)->execute("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, s TEXT, b BLOB, "
                                             "z BLOB) STRICT; CREATE TABLE k (name TEXT PRIMARY KEY, n INTEGER) "
                                             "STRICT, WITHOUT ROWID");
        auto rows = (*database)->prepare("INSERT INTO t VALUES (?1, ?2, ?3, ?4, NULL)");
        auto names = (*database)->prepare("INSERT INTO k VALUES (?1, ?2)");
        for (int n = 1; good && n <= kRows; ++n) {
            const std::string body = bodyOf(n), name = "name " + std::to_string(n);
            good =
                rows->bind(1, std::int64_t{n}).bind(2, numberOf(n)).bind(3, body).bind(4, base::bytesOf(body)).run() &&
                names->bind(1, name).bind(2, std::int64_t{n}).run();
            if (n == moved)
                good = good && (*database)->checkpoint();
        }
        base::ensure(good, "a database is filled");
    }

    /// One of each size in which numbers are stored, and of both signs.
    static std::int64_t numberOf(int n)
    {
        constexpr std::int64_t kNumbers[] = {
            0,         1,          2,         -1,        127,       -128,         32'767,    -32'768,
            8'388'607, -8'388'608, INT32_MAX, INT32_MIN, 1LL << 46, -(1LL << 46), INT64_MAX, INT64_MIN};
        return kNumbers[static_cast<std::size_t>(n) % std::size(kNumbers)];
    }

    base::Result<PageReader> reader() const
    {
        return PageReader::open({.database = "gate.db", .log = "gate.db-wal", .vfs = disk.name()});
    }
};

/// Numbers of the rows that came out exactly as they were written, and of those whose body is another.
struct Found
{
    std::set<int> rows, names, spoiled;
};

Found foundBy(PageReader &reader)
{
    Found found;
    reader.eachRecord([&](const Record &record) {
        if (record.rowId && record.values.size() == 5 && record.isNull(0) && record.isNull(4)) {
            const int n = static_cast<int>(*record.rowId);
            const bool exact = n >= 1 && n <= kRows && record.integer(1) == Evening::numberOf(n) &&
                               record.text(2) == bodyOf(n) && record.bytes(3) &&
                               base::textOf(*record.bytes(3)) == bodyOf(n);
            (exact ? found.rows : found.spoiled).insert(n);
        }
        if (!record.rowId && record.values.size() == 2 && record.text(0) && record.integer(1) &&
            *record.text(0) == "name " + std::to_string(*record.integer(1)))
            found.names.insert(static_cast<int>(*record.integer(1)));
    });
    return found;
}

std::set<int> allRows()
{
    std::set<int> all;
    for (int n = 1; n <= kRows; ++n)
        all.insert(all.end(), n);
    return all;
}

} // namespace

class PageReaderTest : public QObject
{
    Q_OBJECT

private slots:
    void everyRowIsFoundAsItWasWritten_data()
    {
        QTest::addColumn<int>("moved");
        QTest::newRow("all in the file") << kRows;
        QTest::newRow("half in the log") << kRows / 2;
        QTest::newRow("all in the log") << 0;
    }
    void everyRowIsFoundAsItWasWritten()
    {
        QFETCH(int, moved);
        Evening evening(moved);
        auto reader = evening.reader();
        QVERIFY(reader);
        const Found found = foundBy(*reader);
        QVERIFY(found.rows == allRows());
        QVERIFY(found.names == allRows());
        QCOMPARE(reader->unreadable(), std::uint64_t{0});
    }

    void aRowOfAnyLengthIsFoundWhole_data()
    {
        QTest::addColumn<QString>("table");
        QTest::addColumn<int>("from");
        // Where a cell is full, and where a second page is: other places in a table than in an index.
        QTest::newRow("about a page, in a table") << "id INTEGER PRIMARY KEY, b BLOB) STRICT" << 4'030;
        QTest::newRow("about two pages, in a table") << "id INTEGER PRIMARY KEY, b BLOB) STRICT" << 8'140;
        QTest::newRow("a quarter of a page, in an index")
            << "id INTEGER, b BLOB, PRIMARY KEY (id, b)) STRICT, WITHOUT ROWID" << 970;
        QTest::newRow("about a page, in an index")
            << "id INTEGER, b BLOB, PRIMARY KEY (id, b)) STRICT, WITHOUT ROWID" << 4'560;
    }
    void aRowOfAnyLengthIsFoundWhole()
    {
        QFETCH(QString, table);
        QFETCH(int, from);
        constexpr int kLengths = 60;
        CrashDisk disk("pages", 1);
        {
            auto database = Database::open({.path = "gate.db", .vfs = disk.name()});
            QVERIFY(database && (*database)->execute("CREATE TABLE t (" + table.toStdString()));
            auto insert = (*database)->prepare("INSERT INTO t VALUES (?1, ?2)");
            QVERIFY(insert);
            for (int length = from; length < from + kLengths; ++length) {
                const base::Bytes bytes(static_cast<std::size_t>(length), static_cast<std::byte>(length));
                QVERIFY(insert->bind(1, std::int64_t{length}).bind(2, base::ByteView(bytes)).run());
            }
            QVERIFY((*database)->checkpoint());
        }
        auto reader = PageReader::open({.database = "gate.db", .log = "", .vfs = disk.name()});
        QVERIFY(reader);
        std::set<std::int64_t> whole;
        reader->eachRecord([&](const Record &record) {
            const auto length = record.rowId ? record.rowId : record.integer(0);
            const auto bytes = record.bytes(1);
            if (length && bytes && bytes->size() == static_cast<std::size_t>(*length) &&
                std::all_of(bytes->begin(), bytes->end(),
                            [&](std::byte byte) { return byte == static_cast<std::byte>(*length); }))
                whole.insert(*length);
        });
        QCOMPARE(whole.size(), std::size_t{kLengths});
    }

    void withoutItsFirstPageEveryRowIsFound()
    {
        Evening evening(kRows);
        std::fill_n(evening.disk.contents("gate.db")->begin(), kPage, std::byte{});
        auto reader = evening.reader();
        QVERIFY(reader);
        const Found found = foundBy(*reader);
        QVERIFY(found.rows == allRows() && found.names == allRows());
    }

    void aPageThatIsGoneTakesOnlyItsOwnRowsAlong()
    {
        Evening evening(kRows);
        auto &bytes = *evening.disk.contents("gate.db");
        evening.disk.contents("gate.db-wal")->clear();
        const auto whole = bytes;
        std::set<int> lostSomewhere;
        for (std::size_t at = kPage; at < whole.size(); at += kPage) {
            std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), kPage, std::byte{0xE5});
            auto reader = evening.reader();
            QVERIFY(reader);
            const Found found = foundBy(*reader);
            const std::size_t lost = kRows - found.rows.size();
            // A leaf of long rows holds few, one of short rows not more than fit.
            QVERIFY2(lost <= 40, qPrintable(QString("page %1: %2 rows").arg(at / kPage + 1).arg(lost)));
            for (const int n : allRows()) {
                if (!found.rows.contains(n))
                    lostSomewhere.insert(n);
            }
            std::copy_n(whole.begin() + static_cast<std::ptrdiff_t>(at), kPage,
                        bytes.begin() + static_cast<std::ptrdiff_t>(at));
        }
        QVERIFY(lostSomewhere == allRows());
    }

    void noChangedByteGivesARowOfAnotherNumberOrEndsTheReading()
    {
        Evening evening(kRows);
        evening.disk.contents("gate.db-wal")->clear();
        auto &bytes = *evening.disk.contents("gate.db");
        base::SeededRandom random(5);
        for (int i = 0; i < 400; ++i) {
            // Half of them where a page says what is on it.
            const std::size_t page = random.below(bytes.size() / kPage) * kPage;
            const std::size_t at = page + random.below(i % 2 == 0 ? 64 : kPage);
            const auto before = bytes[at];
            bytes[at] = static_cast<std::byte>(random.below(256));
            auto reader = evening.reader();
            QVERIFY(reader);
            const Found found = foundBy(*reader);
            QVERIFY2(found.rows.size() >= kRows - 40, qPrintable(QString("byte %1").arg(at)));
            bytes[at] = before;
        }
    }

    void aFileThatIsCutOffGivesWhatIsLeft()
    {
        Evening evening(kRows);
        evening.disk.contents("gate.db-wal")->clear();
        auto &bytes = *evening.disk.contents("gate.db");
        std::size_t last = kRows;
        for (std::size_t size = bytes.size() - 1'000; size > 5'000; size -= std::min<std::size_t>(size, 7'001)) {
            bytes.resize(size);
            auto reader = evening.reader();
            QVERIFY(reader);
            const Found found = foundBy(*reader);
            QVERIFY(found.rows.size() <= last);
            last = found.rows.size();
        }
        QVERIFY(last < kRows / 4);
    }

    void filesThatAreNotThereHoldNothing()
    {
        CrashDisk disk("pages", 1);
        auto reader = PageReader::open({.database = "none", .log = "none-wal", .vfs = disk.name()});
        QVERIFY(reader);
        QVERIFY(foundBy(*reader).rows.empty());
        auto nameless = PageReader::open({.database = "", .log = "", .vfs = disk.name()});
        QVERIFY(nameless);
        QVERIFY(foundBy(*nameless).rows.empty());
        QVERIFY(!disk.contents("none"));
    }

    void aPageThatTheDiskGivesAtASecondTryIsRead()
    {
        Evening evening(kRows);
        for (std::uint64_t call = 1; call < 60; call += 3) {
            auto reader = evening.reader();
            QVERIFY(reader);
            evening.disk.failAt(call, CrashDisk::Failing::Once);
            const Found found = foundBy(*reader);
            QVERIFY(found.rows == allRows());
            QVERIFY(evening.disk.hasFailed());
            QCOMPARE(reader->unreadable(), std::uint64_t{0});
        }
    }

    void pagesThatTheDiskDoesNotGiveAreCounted()
    {
        Evening evening(kRows);
        auto reader = evening.reader();
        QVERIFY(reader);
        const std::uint64_t pages = evening.disk.contents("gate.db")->size() / kPage;
        evening.disk.failAt(1, CrashDisk::Failing::FromThenOn);
        QVERIFY(foundBy(*reader).rows.empty());
        QVERIFY(reader->unreadable() >= pages);
        evening.disk.failAt(0, CrashDisk::Failing::Once);
        QVERIFY(foundBy(*reader).rows == allRows());
        QCOMPARE(reader->unreadable(), std::uint64_t{0});
    }
};

QTEST_GUILESS_MAIN(PageReaderTest)
#include "page_reader_test.moc"
