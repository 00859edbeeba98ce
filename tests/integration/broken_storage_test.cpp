#include "tests/integration/gate_process.h"

#include <QDir>
#include <QDirIterator>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMap>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <sqlite3.h>

#include <sys/types.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <set>

using namespace voelgoed::integration;

namespace {

constexpr int kScans = 200;
constexpr int kPage = 4096;

QJsonObject object(const QByteArray &line)
{
    return QJsonDocument::fromJson(line).object();
}

QByteArray contents(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void put(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate) || file.write(bytes) != bytes.size())
        qFatal("a test file cannot be written");
}

void copyFolder(const QString &from, const QString &to)
{
    QDir().mkpath(to);
    for (const QFileInfo &file : QDir(from).entryInfoList(QDir::Files | QDir::Hidden))
        QFile::copy(file.filePath(), to + "/" + file.fileName());
}

/// Every file below a folder that holds something, but for the ones that a start may write.
QMap<QString, QByteArray> filesIn(const QString &folder)
{
    QMap<QString, QByteArray> files;
    QDirIterator all(folder, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (all.hasNext()) {
        const QString path = all.next();
        const QByteArray bytes = contents(path);
        if (!bytes.isEmpty())
            files[path] = bytes;
    }
    return files;
}

/// The page in the middle of a table, from 1.
int middlePageOf(const QString &database, const char *table)
{
    sqlite3 *handle = nullptr;
    sqlite3_stmt *select = nullptr;
    QList<int> pages;
    if (sqlite3_open(database.toUtf8().constData(), &handle) == SQLITE_OK &&
        sqlite3_prepare_v2(handle, "SELECT pageno FROM dbstat WHERE name = ?1 ORDER BY path", -1, &select, nullptr) ==
            SQLITE_OK) {
        sqlite3_bind_text(select, 1, table, -1, SQLITE_STATIC);
        while (sqlite3_step(select) == SQLITE_ROW)
            pages << sqlite3_column_int(select, 0);
    }
    sqlite3_finalize(select);
    sqlite3_close(handle);
    return pages.isEmpty() ? 0 : pages.at(pages.size() / 2);
}

void zeroPage(const QString &file, qint64 page)
{
    QByteArray bytes = contents(file);
    bytes.replace((page - 1) * kPage, kPage, QByteArray(kPage, '\0'));
    put(file, bytes);
}

using Damage = std::function<void(const QString &folder)>;

} // namespace
Q_DECLARE_METATYPE(Damage)

/// Storage that is damaged while nobody looks: a real gate on real files, spoiled in every way that a disk, a wrong
/// copy or a helping hand can.
class BrokenStorageTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY(m_folder.isValid());
        QCOMPARE(gate({"practice", "--out", path("event"), "--tickets", "40", "--foreign", "600", "--draw", "0",
                       "--seed", "7"})
                     .status,
                 0);
        QFile guests(path("event/guests.csv"));
        QVERIFY(guests.open(QIODevice::ReadOnly));
        guests.readLine();
        while (!guests.atEnd())
            m_codes << guests.readLine().split(',').at(7);
        QCOMPARE(m_codes.size(), 600);

        // One folder after a clean end, everything in gate.db; one that was killed, with a write-ahead log beside it.
        QCOMPARE(gate({"load", "--data", path("clean"), "--yes", bundle()}).status, 0);
        copyFolder(path("clean"), path("killed"));
        QByteArray input;
        for (int i = 0; i < kScans; ++i)
            input += m_codes[i] + "\n";
        const Ran ran = gate({"run", "--data", path("clean"), "--gate", "north", "--json"}, input);
        QCOMPARE(ran.status, 0);
        QCOMPARE(ran.out.count("\"admit\""), kScans);
        QCOMPARE(contents(path("clean/gate.db-wal")).size(), 0);
        QProcess killed;
        killed.start(program("voelgoed-gate"), {"run", "--data", path("killed"), "--gate", "north", "--json"});
        killed.write(input);
        QByteArray out;
        while (out.count('\n') < kScans && killed.waitForReadyRead(10'000))
            out += killed.readAllStandardOutput();
        ::kill(static_cast<pid_t>(killed.processId()), SIGKILL);
        killed.waitForFinished();
        QCOMPARE(out.count("\"admit\""), kScans);
        QVERIFY(contents(path("killed/gate.db-wal")).size() > 100'000);
        m_rows = gate({"export", "--data", copyOf("clean")}).out;
        QCOMPARE(m_rows.count('\n'), kScans);
    }

    void soundFoldersAreTakenUp_data()
    {
        QTest::addColumn<QString>("master");
        QTest::newRow("ended cleanly") << "clean";
        QTest::newRow("killed") << "killed";
    }
    void soundFoldersAreTakenUp()
    {
        QFETCH(QString, master);
        const Ran ran = scanIn(copyOf(master));
        QCOMPARE(ran.status, 0);
        const QByteArrayList lines = ran.out.trimmed().split('\n');
        QCOMPARE(object(lines.at(0))["reason"].toString(), "already_used");
        QCOMPARE(object(lines.at(3))["outcome"].toString(), "admit");
    }

    void damageIsNoticedAndNothingIsTouched_data()
    {
        QTest::addColumn<QString>("master");
        QTest::addColumn<Damage>("damage");
        QTest::addColumn<QString>("named");
        const auto row = [](const QString &name, const char *master, const Damage &damage,
                            const char *named = "gate.db") {
            QTest::newRow(qPrintable(name)) << QString(master) << damage << QString(named);
        };
        const auto replaced = [](const QByteArray &bytes, const char *file = "/gate.db") -> Damage {
            return [=](const QString &folder) { put(folder + file, bytes); };
        };
        const QByteArray whole = contents(path("clean/gate.db"));
        for (const qsizetype length :
             {qsizetype(0), qsizetype(1), qsizetype(99), qsizetype(511), qsizetype(kPage), qsizetype(3 * kPage + 100),
              whole.size() / 2, whole.size() - kPage, whole.size() - 1})
            row(QString("cut to %1 bytes").arg(length), "clean", replaced(whole.left(length)));
        row("the first page zeroed", "clean", [](const QString &folder) { zeroPage(folder + "/gate.db", 1); });
        for (const char *table : {"journal", "passage", "ticket_a", "list", "setting"}) {
            const int page = middlePageOf(path("clean/gate.db"), table);
            row(QString("a page of %1 zeroed").arg(table), "clean",
                [=](const QString &folder) { zeroPage(folder + "/gate.db", page); });
        }
        row("the last page zeroed", "clean",
            [=](const QString &folder) { zeroPage(folder + "/gate.db", whole.size() / kPage); });
        row("a byte of a row changed", "clean", [](const QString &folder) {
            QByteArray bytes = contents(folder + "/gate.db");
            const qsizetype at = bytes.indexOf("Practice evening") < 0 ? -1 : bytes.indexOf("Admitted");
            bytes[at < 0 ? bytes.lastIndexOf("north") : at] ^= 1;
            put(folder + "/gate.db", bytes);
        });
        row("the log deleted", "killed", [](const QString &folder) { QFile::remove(folder + "/gate.db-wal"); });
        const QByteArray log = contents(path("killed/gate.db-wal"));
        for (const qsizetype length : {qsizetype(0), qsizetype(16), qsizetype(32), log.size() / 2, log.size() - 5000})
            row(QString("the log cut to %1 bytes").arg(length), "killed", replaced(log.left(length), "/gate.db-wal"));
        QByteArray garbage(log.size(), '\0');
        QRandomGenerator random(11);
        random.fillRange(reinterpret_cast<quint32 *>(garbage.data()), garbage.size() / 4);
        row("the log is garbage", "killed", replaced(garbage, "/gate.db-wal"));
        row("the log of another file", "killed",
            [this](const QString &folder) { put(folder + "/gate.db-wal", contents(foreignLog())); });
        row("the log of another file beside a sound one", "clean",
            [this](const QString &folder) { put(folder + "/gate.db-wal", contents(foreignLog())); });
        row("the file is gone, the log is there", "killed",
            [](const QString &folder) { QFile::remove(folder + "/gate.db"); });
        row("the file is gone", "clean", [](const QString &folder) { QFile::remove(folder + "/gate.db"); });
        row("the file of an earlier day", "clean", [this](const QString &folder) {
            const QString earlier = copyOf("killed");
            QFile::remove(earlier + "/gate.db-wal");
            put(folder + "/gate.db", contents(earlier + "/gate.db"));
        });
        row("a folder in its place", "clean", [](const QString &folder) {
            QFile::remove(folder + "/gate.db");
            QDir().mkdir(folder + "/gate.db");
        });
        row("a text in its place", "clean", replaced(QByteArray("not a database\n").repeated(1'000)));
        row("the rescue journal is garbage", "clean", replaced(garbage.left(4 << 20), "/rescue.log"), "rescue.log");
    }
    void damageIsNoticedAndNothingIsTouched()
    {
        QFETCH(QString, master);
        QFETCH(Damage, damage);
        QFETCH(QString, named);
        const QString data = copyOf(master);
        damage(data);
        const auto before = filesIn(data);
        const Ran ran = scanIn(data);
        QVERIFY2(ran.status > 0, ran.out + ran.err);
        QVERIFY2(!ran.out.contains("\"admit\""), ran.out);
        QVERIFY2(ran.err.contains(named.toUtf8()), ran.err);
        QVERIFY2(ran.err.contains("voelgoed-gate repair --data"), ran.err);
        for (const QStringList &verb : {QStringList{"status"}, {"export"}, {"why", m_codes[0]}, {"load", bundle()}}) {
            const Ran other = gate(QStringList{verb.first(), "--data", data} + verb.mid(1));
            QVERIFY2(other.status > 0, qPrintable(verb.first() + ": " + other.out + other.err));
        }
        const auto after = filesIn(data);
        for (auto file = before.begin(); file != before.end(); ++file)
            QVERIFY2(after.value(file.key()) == file.value(), qPrintable(file.key() + " was changed"));
    }

    void flippedBytesAdmitNobodyTwice_data()
    {
        QTest::addColumn<QString>("master");
        QTest::addColumn<QString>("file");
        QTest::newRow("in the file") << "clean"
                                     << "/gate.db";
        QTest::newRow("in the log") << "killed"
                                    << "/gate.db-wal";
        QTest::newRow("in the file below a log") << "killed"
                                                 << "/gate.db";
        QTest::newRow("in the mark") << "clean"
                                     << "/gate.db-mark";
    }
    void flippedBytesAdmitNobodyTwice()
    {
        QFETCH(QString, master);
        QFETCH(QString, file);
        QRandomGenerator random(4711);
        int refused = 0;
        for (int round = 0; round < 40; ++round) {
            const QString data = copyOf(master);
            QByteArray bytes = contents(data + file);
            for (int flips = 0; flips <= round % 4; ++flips)
                bytes[random.bounded(bytes.size())] ^= static_cast<char>(1 << random.bounded(8));
            put(data + file, bytes);
            const Ran ran = scanIn(data);
            QVERIFY2(ran.status >= 0, qPrintable(QString("round %1: ").arg(round) + ran.err));
            if (ran.status != 0) {
                ++refused;
                QVERIFY2(ran.err.contains(data.toUtf8()), ran.err);
                QCOMPARE(contents(data + file), bytes);
                continue;
            }
            // What was hit did not matter, or it would have been noticed: the first three were admitted before.
            const QByteArrayList lines = ran.out.trimmed().split('\n');
            for (int i = 0; i < 3; ++i)
                QVERIFY2(object(lines.at(i))["outcome"].toString() != "admit", lines.at(i));
            const QByteArray rows = gate({"export", "--data", data}).out;
            QCOMPARE(rows.count("\"ok\""), kScans + 3);
        }
        if (file == "/gate.db" || file == "/gate.db-wal")
            QVERIFY2(refused > 5, qPrintable(QString::number(refused)));
    }

    void whatWasSavedIsRefusedAndExportedOnce_data()
    {
        QTest::addColumn<QString>("master");
        QTest::addColumn<Damage>("damage");
        QTest::addColumn<int>("saved");
        QTest::addColumn<int>("passages");
        const auto zeroed = [this](const char *table) -> Damage {
            const int page = middlePageOf(path("clean/gate.db"), table);
            return [=](const QString &folder) { zeroPage(folder + "/gate.db", page); };
        };
        QTest::newRow("a page of the journal zeroed") << "clean" << zeroed("journal") << -1 << kScans;
        QTest::newRow("a page of the passages zeroed") << "clean" << zeroed("passage") << kScans << kScans;
        QTest::newRow("a page of the tickets zeroed") << "clean" << zeroed("ticket_a") << kScans << kScans;
        QTest::newRow("the first page zeroed") << "clean" << zeroed("sqlite_schema") << kScans << kScans;
        QTest::newRow("the log without its head") << "killed" << Damage([](const QString &folder) {
            QByteArray log = contents(folder + "/gate.db-wal");
            put(folder + "/gate.db-wal", log.replace(0, 32, QByteArray(32, '\0')));
        }) << kScans << kScans;
        QTest::newRow("the log deleted") << "killed" << Damage([](const QString &folder) {
            QFile::remove(folder + "/gate.db-wal");
        }) << 0 << 0;
        QTest::newRow("a folder in its place") << "clean" << Damage([](const QString &folder) {
            QFile::remove(folder + "/gate.db");
            QDir().mkdir(folder + "/gate.db");
        }) << 0 << 0;
    }
    void whatWasSavedIsRefusedAndExportedOnce()
    {
        QFETCH(QString, master);
        QFETCH(Damage, damage);
        QFETCH(int, saved);
        QFETCH(int, passages);
        const QString data = copyOf(master);
        damage(data);
        const auto before = filesIn(data);

        // First it only says what it would do.
        const Ran asked = gate({"repair", "--data", data, "--json"});
        QCOMPARE(asked.status, 3);
        QVERIFY2(asked.err.contains("--yes"), asked.err);
        const QJsonObject found = object(asked.out);
        QCOMPARE(found["finding"].toString(), "damaged");
        QCOMPARE(found["rows_saved"].toInt() + found["rows_doubtful"].toInt() + found["rows_lost"].toInt(), kScans);
        if (saved >= 0)
            QCOMPARE(found["rows_saved"].toInt(), saved);
        else
            QVERIFY(found["rows_saved"].toInt() > kScans / 2 && found["rows_saved"].toInt() < kScans);
        QCOMPARE(filesIn(data), before);

        const Ran repaired = gate({"repair", "--data", data, "--json", "--yes"});
        QVERIFY2(repaired.status == 0, repaired.err);
        const QString aside = object(repaired.out)["put_aside"].toString();
        for (auto file = before.begin(); file != before.end(); ++file) {
            const QString name = QFileInfo(file.key()).fileName();
            if (name.startsWith("gate.db"))
                QVERIFY2(contents(aside + "/" + name) == file.value(), qPrintable(name));
        }
        QCOMPARE(gate({"repair", "--data", data}).out.left(17), QByteArray("Nothing to repair"));
        const QJsonObject status = object(gate({"status", "--data", data, "--json"}).out);
        QCOMPARE(status["journal_rows"].toInt(), found["rows_saved"].toInt());
        if (status["event"].isNull())
            QVERIFY(status["list"].toString().contains("load the bundle again"));

        QCOMPARE(gate({"load", "--data", data, "--yes", bundle()}).status, 0);
        QByteArray input;
        for (int i = 0; i < kScans; ++i)
            input += m_codes[i] + "\n";
        const QByteArrayList lines =
            gate({"run", "--data", data, "--gate", "north", "--json"}, input).out.trimmed().split('\n');
        QCOMPARE(lines.size(), kScans);
        int refused = 0;
        for (const QByteArray &line : lines) {
            refused += object(line)["reason"].toString() == "already_used";
            QVERIFY(object(line)["seq"].toInteger() > kScans);
            QVERIFY(object(line)["epoch"].toInteger() > 1);
        }
        QCOMPARE(refused, passages);

        // Each row is there once, and the saved ones are what they were.
        std::set<std::pair<qint64, qint64>> keys;
        int kept = 0;
        for (const QByteArray &line : gate({"export", "--data", data}).out.trimmed().split('\n')) {
            const QJsonObject row = object(line);
            QVERIFY(keys.emplace(row["epoch"].toInteger(), row["seq"].toInteger()).second);
            kept += row["seq"].toInteger() <= kScans;
            if (master == "clean" && row["seq"].toInteger() <= kScans)
                QVERIFY2(m_rows.contains(row["previous"].toString().toUtf8()), line);
        }
        QCOMPARE(kept, found["rows_saved"].toInt());
        QCOMPARE(static_cast<int>(keys.size()), kept + kScans);
    }

    void aRepairThatIsKilledIsDoneAgain()
    {
        int untouched = 0;
        for (int round = 0; round < 30; ++round) {
            const QString data = copyOf("clean");
            zeroPage(data + "/gate.db", 1);
            const auto before = filesIn(data);
            QProcess process;
            process.start(program("voelgoed-gate"), {"repair", "--data", data, "--yes"});
            QVERIFY(process.waitForStarted());
            QTest::qSleep(round * 2);
            ::kill(static_cast<pid_t>(process.processId()), SIGKILL);
            process.waitForFinished();
            untouched += contents(data + "/gate.db") == before[data + "/gate.db"];
            const Ran again = gate({"repair", "--data", data, "--yes"});
            QVERIFY2(again.status == 0, again.err);
            const QJsonObject status = object(gate({"status", "--data", data, "--json"}).out);
            QCOMPARE(status["journal_rows"].toInt(), kScans);
            QCOMPARE(status["admitted"].toInt(), kScans);
            int broken = 0;
            for (const QString &folder : QDir(data).entryList({"broken-*"}, QDir::Dirs))
                broken += contents(data + "/" + folder + "/gate.db") == before[data + "/gate.db"];
            QCOMPARE(broken, 1);
        }
        QVERIFY(untouched > 0);
    }

    void aRunningGateIsLeftAlone()
    {
        const QString data = copyOf("clean");
        QProcess running;
        running.start(program("voelgoed-gate"), {"run", "--data", data, "--gate", "north", "--json"});
        running.write(m_codes[kScans] + "\n");
        QVERIFY(running.waitForReadyRead(10'000));
        const Ran repaired = gate({"repair", "--data", data, "--yes"});
        QCOMPARE(repaired.status, 2);
        QVERIFY2(repaired.err.contains("a gate is running in this folder"), repaired.err);
        running.closeWriteChannel();
        QVERIFY(running.waitForFinished());
        QCOMPARE(running.exitCode(), 0);
    }

    void aFolderThatIsNotThereIsNotMade()
    {
        const Ran ran = scanIn(path("nowhere"));
        QCOMPARE(ran.status, 2);
        QVERIFY2(ran.err.contains("nowhere"), ran.err);
        QVERIFY(!QDir(path("nowhere")).exists());
    }

    void anUnreadableFolderIsNamed()
    {
        const QString data = copyOf("clean");
        const auto before = filesIn(data);
        QFile::setPermissions(data + "/gate.db", {});
        QProcess process;
        if (::geteuid() == 0) {
            // The superuser reads everything: let somebody else try, who has the folder but not the file.
            QFile::setPermissions(m_folder.path(), QFile::Permissions(0x7755));
            for (const QFileInfo &file : QDir(data).entryInfoList(QDir::Files | QDir::Hidden))
                QCOMPARE(::chown(qPrintable(file.filePath()), kNobody, kNobody), 0);
            QCOMPARE(::chown(qPrintable(data), kNobody, kNobody), 0);
            process.setChildProcessModifier([] {
                if (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0)
                    ::_exit(99);
            });
        }
        process.start(program("voelgoed-gate"), {"run", "--data", data, "--gate", "north", "--json"});
        process.write(m_codes[0] + "\n" + m_codes[kScans] + "\n");
        process.closeWriteChannel();
        QVERIFY(process.waitForFinished());
        QCOMPARE(process.exitStatus(), QProcess::NormalExit);
        const QByteArray err = process.readAllStandardError();
        QCOMPARE(process.exitCode(), 2);
        QVERIFY2(err.contains("gate.db"), err);
        QVERIFY(!process.readAllStandardOutput().contains("admit"));
        QFile::setPermissions(data + "/gate.db", QFile::ReadOwner | QFile::WriteOwner);
        QCOMPARE(filesIn(data), before);
    }

private:
    static constexpr uid_t kNobody = 65534;

    QString path(const QString &name) const { return m_folder.filePath(name); }
    QString bundle() const { return path("event/practice.bundle"); }

    /// A copy to spoil; the one before is thrown away.
    QString copyOf(const QString &master)
    {
        const QString data = path(QString("copy-%1").arg(++m_copies));
        copyFolder(path(master), data);
        return data;
    }

    /// Three codes that were admitted, then three that nobody has shown yet.
    Ran scanIn(const QString &data)
    {
        QByteArray input;
        for (const int i : {0, 100, kScans - 2, kScans, kScans + 1, kScans + 2})
            input += m_codes[i] + "\n";
        return gate({"run", "--data", data, "--gate", "north", "--json"}, input);
    }

    /// The write-ahead log of another device at the same event.
    QString foreignLog()
    {
        const QString data = path(QString("foreign-%1").arg(++m_copies));
        if (gate({"load", "--data", data, "--yes", bundle()}).status != 0)
            qFatal("another device could not be made");
        QProcess process;
        process.start(program("voelgoed-gate"), {"run", "--data", data, "--gate", "north", "--json"});
        QByteArray out;
        for (int i = 300; i < 340; ++i)
            process.write(m_codes[i] + "\n");
        while (out.count('\n') < 40 && process.waitForReadyRead(10'000))
            out += process.readAllStandardOutput();
        ::kill(static_cast<pid_t>(process.processId()), SIGKILL);
        process.waitForFinished();
        return data + "/gate.db-wal";
    }

    QTemporaryDir m_folder;
    QByteArrayList m_codes;
    QByteArray m_rows;
    int m_copies = 0;
};

QTEST_GUILESS_MAIN(BrokenStorageTest)
#include "broken_storage_test.moc"
