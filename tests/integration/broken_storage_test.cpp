#include "tests/integration/spoiled_folders.h"

#include <QRandomGenerator>
#include <QtTest/QtTest>

#include <sys/types.h>
#include <unistd.h>

using namespace voelgoed::integration;

/// Storage that is damaged while nobody looks: a real gate on real files, spoiled in every way that a disk, a wrong
/// copy or a helping hand can.
class BrokenStorageTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { QCOMPARE(m_folders.make(), QString()); }

    void soundFoldersAreTakenUp_data()
    {
        QTest::addColumn<QString>("master");
        QTest::newRow("ended cleanly") << "clean";
        QTest::newRow("killed") << "killed";
    }
    void soundFoldersAreTakenUp()
    {
        QFETCH(QString, master);
        const Ran ran = scanIn(m_folders.copyOf(master));
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
        const QByteArray whole = contents(m_folders.path("clean/gate.db"));
        for (const qsizetype length :
             {qsizetype(0), qsizetype(1), qsizetype(99), qsizetype(511), qsizetype(kPage), qsizetype(3 * kPage + 100),
              whole.size() / 2, whole.size() - kPage, whole.size() - 1})
            row(QString("cut to %1 bytes").arg(length), "clean", replaced(whole.left(length)));
        row("the first page zeroed", "clean", [](const QString &folder) { zeroPage(folder + "/gate.db", 1); });
        for (const char *table : {"journal", "passage", "ticket_a", "list", "setting"}) {
            const int page = middlePageOf(m_folders.path("clean/gate.db"), table);
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
        const QByteArray log = contents(m_folders.path("killed/gate.db-wal"));
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
            const QString earlier = m_folders.copyOf("killed");
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
        const QString data = m_folders.copyOf(master);
        damage(data);
        const auto before = filesIn(data);
        const Ran ran = scanIn(data);
        QVERIFY2(ran.status > 0, ran.out + ran.err);
        QVERIFY2(!ran.out.contains("\"admit\""), ran.out);
        QVERIFY2(ran.err.contains(named.toUtf8()), ran.err);
        QVERIFY2(ran.err.contains("voelgoed-gate repair --data"), ran.err);
        for (const QStringList &verb :
             {QStringList{"status"}, {"export"}, {"why", m_folders.codes[0]}, {"load", m_folders.bundle()}}) {
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
            const QString data = m_folders.copyOf(master);
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

    void aFolderThatIsNotThereIsNotMade()
    {
        const Ran ran = scanIn(m_folders.path("nowhere"));
        QCOMPARE(ran.status, 2);
        QVERIFY2(ran.err.contains("nowhere"), ran.err);
        QVERIFY(!QDir(m_folders.path("nowhere")).exists());
    }

    void anUnreadableFolderIsNamed()
    {
        const QString data = m_folders.copyOf("clean");
        const auto before = filesIn(data);
        QFile::setPermissions(data + "/gate.db", {});
        QProcess process;
        if (::geteuid() == 0) {
            // The superuser reads everything: let somebody else try, who has the folder but not the file.
            QFile::setPermissions(m_folders.path(""), QFile::Permissions(0x7755));
            for (const QFileInfo &file : QDir(data).entryInfoList(QDir::Files | QDir::Hidden))
                QCOMPARE(::chown(qPrintable(file.filePath()), kNobody, kNobody), 0);
            QCOMPARE(::chown(qPrintable(data), kNobody, kNobody), 0);
            process.setChildProcessModifier([] {
                if (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0)
                    ::_exit(99);
            });
        }
        process.start(program("voelgoed-gate"), {"run", "--data", data, "--gate", "north", "--json"});
        process.write(m_folders.codes[0] + "\n" + m_folders.codes[kScans] + "\n");
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

    /// Three codes that were admitted, then three that nobody has shown yet.
    Ran scanIn(const QString &data)
    {
        QByteArray input;
        for (const int i : {0, 100, kScans - 2, kScans, kScans + 1, kScans + 2})
            input += m_folders.codes[i] + "\n";
        return gate({"run", "--data", data, "--gate", "north", "--json"}, input);
    }

    /// The write-ahead log of another device at the same event.
    QString foreignLog()
    {
        const QString data = m_folders.path(QString("foreign-%1").arg(++m_others));
        if (gate({"load", "--data", data, "--yes", m_folders.bundle()}).status != 0)
            qFatal("another device could not be made");
        QByteArray input;
        for (int i = 300; i < 340; ++i)
            input += m_folders.codes[i] + "\n";
        SpoiledFolders::killedAfter(data, input, 40);
        return data + "/gate.db-wal";
    }

    SpoiledFolders m_folders;
    int m_others = 0;
};

QTEST_GUILESS_MAIN(BrokenStorageTest)
#include "broken_storage_test.moc"
