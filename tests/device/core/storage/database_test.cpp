#include "device/core/storage/database.h"

#include "device/core/storage/settings.h"
#include "tests/support/crash_disk.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest/QtTest>

using namespace voelgoed;
using base::ErrorCode;
using storage::Database;
using storage::OpenOptions;
using storage::Transaction;
using support::CrashDisk;

namespace {

/// The first column of the first row, as text.
std::string answerTo(Database &database, const std::string &sql)
{
    auto statement = database.prepare(sql);
    base::ensure(static_cast<bool>(statement), "a statement can be prepared");
    const auto found = statement->step();
    base::ensure(found && *found, "a statement has an answer");
    return std::string(statement->text(0));
}

/// A database of the operating system, in a folder of its own.
struct Real
{
    QTemporaryDir folder;
    std::string path = folder.filePath("gate.db").toStdString();
    std::unique_ptr<Database> database = std::move(*Database::open({.path = path}));

    bool hasFile(const char *ending) const { return QFile::exists(QString::fromStdString(path + ending)); }
};

bool names(const base::Error &error, std::string_view text)
{
    return error.message.find(text) != std::string::npos;
}

} // namespace

class DatabaseTest : public QObject
{
    Q_OBJECT

private slots:
    void theFileIsOpenedAsPromised_data()
    {
        QTest::addColumn<QString>("pragma");
        QTest::addColumn<QString>("value");
        QTest::newRow("write-ahead log") << "journal_mode"
                                         << "wal";
        QTest::newRow("every commit is synced") << "synchronous"
                                                << "2";
        QTest::newRow("for one program") << "locking_mode"
                                         << "exclusive";
        QTest::newRow("page size") << "page_size"
                                   << "4096";
        QTest::newRow("nothing temporary on the disk") << "temp_store"
                                                       << "2";
        QTest::newRow("a stored schema cannot call functions") << "trusted_schema"
                                                               << "0";
    }
    void theFileIsOpenedAsPromised()
    {
        QFETCH(QString, pragma);
        QFETCH(QString, value);
        Real real;
        QCOMPARE(QString::fromStdString(answerTo(*real.database, "PRAGMA " + pragma.toStdString())), value);
        real.database.reset();
        auto again = Database::open({.path = real.path});
        QVERIFY(again);
        QCOMPARE(QString::fromStdString(answerTo(**again, "PRAGMA " + pragma.toStdString())), value);
    }

    void noOtherProgramSharesTheLogsIndex()
    {
        Real real;
        QVERIFY(real.database->execute("CREATE TABLE t (x); INSERT INTO t VALUES (1)"));
        QVERIFY(real.hasFile("-wal"));
        QVERIFY(!real.hasFile("-shm"));
    }

    void aCommitIsSyncedBeforeItReturns()
    {
        int lost = 0;
        for (std::uint64_t seed = 1; seed <= 20; ++seed) {
            CrashDisk disk("sync", seed);
            {
                auto database = Database::open({.path = "gate.db", .vfs = disk.name()});
                QVERIFY(database && (*database)->execute("CREATE TABLE t (x)"));
                QVERIFY((*database)->execute("INSERT INTO t VALUES (1)"));
                disk.cutAfter(1);
                QVERIFY(!(*database)->execute("INSERT INTO t VALUES (2)"));
            }
            disk.reboot();
            auto again = Database::open({.path = "gate.db", .vfs = disk.name()});
            QVERIFY(again);
            lost += answerTo(**again, "SELECT count(*) FROM t WHERE x = 1") != "1";
        }
        QCOMPARE(lost, 0);
    }

    void aSecondOneWhoOpensTheFileIsToldSo_data()
    {
        QTest::addColumn<bool>("writes");
        QTest::newRow("to write") << true;
        QTest::newRow("to read") << false;
    }
    void aSecondOneWhoOpensTheFileIsToldSo()
    {
        QFETCH(bool, writes);
        Real real;
        QVERIFY(real.database->execute("CREATE TABLE t (x)"));
        const auto access = writes ? OpenOptions::Access::ReadWrite : OpenOptions::Access::ReadOnly;
        auto second = Database::open({.path = real.path, .access = access});
        base::Error error;
        if (!second)
            error = second.error();
        else if (const auto statement = (*second)->prepare("SELECT count(*) FROM t"); !statement)
            error = statement.error();
        QCOMPARE(static_cast<int>(error.code), static_cast<int>(ErrorCode::Conflict));
        QCOMPARE(error.hint, std::string("Another program has the file open."));
        QVERIFY2(names(error, "locked"), error.message.c_str());
        QVERIFY2(!writes || names(error, real.path), error.message.c_str());
        // The first one is none the worse, and the file is free when it is done.
        QVERIFY(real.database->execute("INSERT INTO t VALUES (1)"));
        real.database.reset();
        if (second)
            *second = nullptr;
        QVERIFY(Database::open({.path = real.path}));
    }

    void aFailureNamesItsStatement_data()
    {
        QTest::addColumn<QString>("sql");
        QTest::newRow("a table that is not there") << "SELECT x FROM nowhere";
        QTest::newRow("no SQL at all") << "HELLO gate";
        QTest::newRow("a value that is there") << "INSERT INTO t (x) VALUES (1)";
        QTest::newRow("a type that the column does not take") << "INSERT INTO t (x) VALUES ('one')";
    }
    void aFailureNamesItsStatement()
    {
        QFETCH(QString, sql);
        Real real;
        QVERIFY(real.database->execute("CREATE TABLE t (x INTEGER PRIMARY KEY) STRICT; INSERT INTO t VALUES (1)"));
        const auto run = real.database->execute(sql.toStdString());
        QVERIFY(!run);
        QVERIFY2(names(run.error(), sql.toStdString()), run.error().message.c_str());
        auto statement = real.database->prepare(sql.toStdString());
        const auto stepped = statement ? statement->run() : base::Result<void>(statement.error());
        QVERIFY(!stepped);
        QVERIFY2(names(stepped.error(), sql.toStdString()), stepped.error().message.c_str());
        QVERIFY(!real.database->isBroken());
    }

    void ofALongStatementItsBeginningIsNamed()
    {
        Real real;
        const auto run = real.database->execute("SELECT nothing /*" + std::string(5'000, 'x') + "*/ FROM nowhere");
        QVERIFY(!run);
        QVERIFY(names(run.error(), "SELECT nothing"));
        QVERIFY2(run.error().message.size() < 400, qPrintable(QString::number(run.error().message.size())));
    }

    void aStatementOfSeveralLinesIsNamedOnOne()
    {
        Real real;
        const auto run = real.database->execute("\n  SELECT nothing\n    FROM nowhere\n");
        QVERIFY(!run);
        QVERIFY2(names(run.error(), "\"SELECT nothing FROM nowhere \""), run.error().message.c_str());
    }

    void whatIsBoundIsNotNamed()
    {
        Real real;
        QVERIFY(
            real.database->execute("CREATE TABLE t (x TEXT PRIMARY KEY) STRICT; INSERT INTO t VALUES ('Guest 0001')"));
        auto insert = real.database->prepare("INSERT INTO t VALUES (?1)");
        QVERIFY(insert);
        const auto run = insert->bind(1, std::string_view("Guest 0001")).run();
        QVERIFY(!run);
        QCOMPARE(static_cast<int>(run.error().code), static_cast<int>(ErrorCode::Conflict));
        QVERIFY(!names(run.error(), "Guest"));
        // A statement that failed can be bound and run anew.
        QVERIFY(insert->bind(1, std::string_view("Guest 0002")).run());
    }

    void valuesComeBackAsTheyWereBound()
    {
        Real real;
        QVERIFY(real.database->execute("CREATE TABLE t (n INTEGER, s TEXT, b BLOB) STRICT"));
        const std::string text("a\0b\xC3\xA9", 5);
        const base::Bytes bytes{std::byte{0}, std::byte{0xFF}, std::byte{0}};
        auto insert = real.database->prepare("INSERT INTO t VALUES (?1, ?2, ?3)");
        QVERIFY(insert);
        for (const std::int64_t number : {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, INT64_MAX})
            QVERIFY(insert->bind(1, number).bind(2, std::string_view(text)).bind(3, base::ByteView(bytes)).run());
        QVERIFY(insert->bindNull(1).bind(2, std::string_view()).bind(3, base::ByteView()).run());
        auto select = real.database->prepare("SELECT n, s, b FROM t ORDER BY rowid");
        QVERIFY(select);
        for (const std::int64_t number : {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, INT64_MAX}) {
            QVERIFY(*select->step());
            QCOMPARE(select->integer(0), number);
            QCOMPARE(std::string(select->text(1)), text);
            QCOMPARE(base::toHex(select->bytes(2)), std::string("00ff00"));
        }
        QVERIFY(*select->step());
        QVERIFY(select->isNull(0) && !select->isNull(1) && !select->isNull(2));
        QVERIFY(select->text(1).empty() && select->bytes(2).empty());
        QVERIFY(!*select->step());
        // And from the first row again.
        QVERIFY(*select->step());
        QCOMPARE(select->integer(0), INT64_MIN);
    }

    void aTransactionIsKeptWholeOrNotAtAll()
    {
        Real real;
        QVERIFY(real.database->execute("CREATE TABLE t (x)"));
        const auto count = [&] { return answerTo(*real.database, "SELECT count(*) FROM t"); };
        {
            auto transaction = Transaction::begin(*real.database);
            QVERIFY(transaction && real.database->execute("INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)"));
            QVERIFY(!Transaction::begin(*real.database)); // one at a time
        }
        QCOMPARE(count(), std::string("0"));
        {
            auto transaction = Transaction::begin(*real.database);
            QVERIFY(transaction && real.database->execute("INSERT INTO t VALUES (1)"));
            auto moved = std::move(*transaction);
            QVERIFY(moved.commit());
        }
        QCOMPARE(count(), std::string("1"));
    }

    void nothingLongerThan64MegabytesIsHandled()
    {
        Real real;
        QCOMPARE(answerTo(*real.database, "SELECT length(zeroblob(67108864))"), std::string("67108864"));
        auto longer = real.database->prepare("SELECT length(zeroblob(67108865))");
        QVERIFY(!longer || !longer->step());
        QVERIFY(!real.database->isBroken());
    }

    void whoOpensToReadCannotWrite()
    {
        Real real;
        QVERIFY(real.database->execute("CREATE TABLE t (x); INSERT INTO t VALUES (1)"));
        QVERIFY(real.database->checkpoint());
        real.database->foundSound();
        real.database.reset();
        auto reader = Database::open({.path = real.path, .access = OpenOptions::Access::ReadOnly});
        QVERIFY(reader);
        QCOMPARE(answerTo(**reader, "SELECT x FROM t"), std::string("1"));
        QVERIFY(!(*reader)->execute("INSERT INTO t VALUES (2)"));
        QCOMPARE(answerTo(**reader, "SELECT count(*) FROM t"), std::string("1"));
    }

    void whatIsNotThereCannotBeOpenedToRead()
    {
        QTemporaryDir folder;
        const std::string path = folder.filePath("none.db").toStdString();
        const auto reader = Database::open({.path = path, .access = OpenOptions::Access::ReadOnly});
        QVERIFY(!reader);
        QVERIFY2(names(reader.error(), path), reader.error().message.c_str());
        QVERIFY(!QFile::exists(QString::fromStdString(path)));
    }

    void whatIsNoDatabaseIsCorrupt()
    {
        QTemporaryDir folder;
        QFile file(folder.filePath("garbage.db"));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(QByteArray(8'192, 'x')) == 8'192);
        file.close();
        const auto opened = Database::open({.path = file.fileName().toStdString()});
        QVERIFY(!opened);
        QCOMPARE(static_cast<int>(opened.error().code), static_cast<int>(ErrorCode::Corrupt));
    }

    void closingMovesTheLogOnlyIntoAFileThatWasFoundSound_data()
    {
        QTest::addColumn<bool>("sound");
        QTest::newRow("found sound") << true;
        QTest::newRow("not looked at") << false;
    }
    void closingMovesTheLogOnlyIntoAFileThatWasFoundSound()
    {
        QFETCH(bool, sound);
        Real real;
        QVERIFY(real.database->execute("CREATE TABLE t (x); INSERT INTO t VALUES (1)"));
        const qint64 before = QFile(QString::fromStdString(real.path)).size();
        if (sound)
            real.database->foundSound();
        real.database.reset();
        QCOMPARE(real.hasFile("-wal"), !sound);
        QCOMPARE(QFile(QString::fromStdString(real.path)).size() > before, sound);
        auto again = Database::open({.path = real.path});
        QVERIFY(again);
        QCOMPARE(answerTo(**again, "SELECT x FROM t"), std::string("1"));
    }

    void theLogsLengthIsKnownAndMovedAway()
    {
        Real real;
        QCOMPARE(real.database->logPages(), 0);
        QVERIFY(real.database->execute("CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(50000))"));
        const int pages = real.database->logPages();
        QVERIFY2(pages > 12, qPrintable(QString::number(pages)));
        QVERIFY(real.database->checkpoint());
        QCOMPARE(real.database->logPages(), 0);
        QVERIFY(real.database->execute("INSERT INTO t VALUES (1)"));
        QVERIFY(real.database->logPages() > 0 && real.database->logPages() < pages);
    }

    void afterAFailureOfTheDiskAHandleIsBroken_data()
    {
        QTest::addColumn<QString>("how");
        QTest::newRow("an I/O error") << "io";
        QTest::newRow("a full disk") << "full";
    }
    void afterAFailureOfTheDiskAHandleIsBroken()
    {
        QFETCH(QString, how);
        CrashDisk disk("broken", 1);
        auto database = Database::open({.path = "gate.db", .vfs = disk.name()});
        QVERIFY(database && (*database)->execute("CREATE TABLE t (x); INSERT INTO t VALUES (1)"));
        QVERIFY(!(*database)->isBroken());
        if (how == "full")
            disk.setCapacity(disk.used());
        else
            disk.failAt(1, CrashDisk::Failing::Once);
        const auto failed = (*database)->execute("INSERT INTO t VALUES (zeroblob(100000))");
        QVERIFY(!failed);
        QCOMPARE(static_cast<int>(failed.error().code), static_cast<int>(ErrorCode::Unavailable));
        QVERIFY(!failed.error().hint.empty());
        QVERIFY((*database)->isBroken());
    }

    void pagesThatContradictEachOtherAreFound()
    {
        CrashDisk disk("pages", 1);
        {
            auto database = Database::open({.path = "gate.db", .vfs = disk.name()});
            QVERIFY(database && (*database)->execute("CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(30000))"));
            QVERIFY((*database)->checkPages());
            QVERIFY((*database)->checkpoint());
        }
        disk.contents("gate.db-wal")->clear(); // what was moved is still in it
        auto &bytes = *disk.contents("gate.db");
        std::fill_n(bytes.begin() + 4'096, 4'096, std::byte{0x55});
        auto again = Database::open({.path = "gate.db", .vfs = disk.name()});
        const auto checked = again ? (*again)->checkPages() : base::Result<void>(again.error());
        QVERIFY(!checked);
        QCOMPARE(static_cast<int>(checked.error().code), static_cast<int>(ErrorCode::Corrupt));
    }

    void settingsAreKeptByName()
    {
        Real real;
        QVERIFY(storage::makeSettings(*real.database) && storage::makeSettings(*real.database));
        QVERIFY(!*storage::setting(*real.database, "a"));
        QVERIFY(storage::setSetting(*real.database, "a", "1") && storage::setSetting(*real.database, "b", ""));
        QVERIFY(storage::setSetting(*real.database, "a", "18446744073709551615"));
        QCOMPARE(*storage::setting(*real.database, "b"), std::optional(std::string()));
        QCOMPARE(*storage::numberSetting(*real.database, "a"), std::optional(std::uint64_t{UINT64_MAX}));
        QVERIFY(!*storage::numberSetting(*real.database, "c"));
    }

    void aSettingThatIsNoNumberIsCorrupt_data()
    {
        QTest::addColumn<QString>("value");
        for (const char *value : {"", " 1", "1 ", "-1", "0x1", "1.5", "one", "18446744073709551616"})
            QTest::newRow(qPrintable(QString("\"%1\"").arg(value))) << value;
    }
    void aSettingThatIsNoNumberIsCorrupt()
    {
        QFETCH(QString, value);
        Real real;
        QVERIFY(storage::makeSettings(*real.database));
        QVERIFY(storage::setSetting(*real.database, "a", value.toStdString()));
        const auto read = storage::numberSetting(*real.database, "a");
        QVERIFY(!read);
        QCOMPARE(static_cast<int>(read.error().code), static_cast<int>(ErrorCode::Corrupt));
    }
};

QTEST_GUILESS_MAIN(DatabaseTest)
#include "database_test.moc"
