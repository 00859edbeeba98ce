#include "tests/integration/practice_bundle.h"
#include "tests/integration/running_gate.h"

#include <QDir>
#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

using namespace voelgoed::integration;

namespace {

constexpr std::uint32_t kTickets = 60;

/// A file system of its own in memory, on a folder, for as long as it lives.
class SmallDisk
{
public:
    SmallDisk(const QString &folder, const QByteArray &options) : m_folder(folder.toUtf8())
    {
        m_mounted = ::mount("tmpfs", m_folder.constData(), "tmpfs", 0, options.constData()) == 0;
        m_why = m_mounted ? QByteArray() : QByteArray(std::strerror(errno));
    }
    ~SmallDisk()
    {
        if (m_mounted)
            ::umount2(m_folder.constData(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk &) = delete;
    SmallDisk &operator=(const SmallDisk &) = delete;

    bool isMounted() const { return m_mounted; }
    const QByteArray &why() const { return m_why; }
    bool remount(unsigned long flags) const
    {
        return ::mount(nullptr, m_folder.constData(), nullptr, MS_REMOUNT | flags, nullptr) == 0;
    }

private:
    QByteArray m_folder;
    QByteArray m_why;
    bool m_mounted = false;
};

} // namespace

/// What a real gate does on a disk without room for another file, and on one that turns read-only.
class SmallDiskTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY(m_folder.isValid());
        if (::geteuid() != 0)
            QSKIP("only root may mount a disk");
        QVERIFY(QDir().mkpath(path("try")));
        if (const SmallDisk disk(path("try"), "size=1m"); !disk.isMounted())
            QSKIP("no disk can be mounted here: " + disk.why());
        QVERIFY(!writeFile(path("event.bundle"), m_event.bundle({.sequence = 10})).isEmpty());
    }

    void init()
    {
        m_disk = path(QString("disk-%1").arg(++m_number));
        m_data = m_disk + "/data";
        QVERIFY(QDir().mkpath(m_disk));
    }

    void aDiskWithoutInodesAdmitsNobodyWhoIsNotKept_data()
    {
        QTest::addColumn<int>("left"); ///< files that still find a place
        for (const int left : {0, 1, 2, 3})
            QTest::addRow("%d left", left) << left;
    }
    void aDiskWithoutInodesAdmitsNobodyWhoIsNotKept()
    {
        QFETCH(int, left);
        const SmallDisk disk(m_disk, "size=64m,nr_inodes=60");
        QVERIFY2(disk.isMounted(), disk.why());
        QCOMPARE(gate({"load", "--data", m_data, "--yes", path("event.bundle")}).status, 0);
        int files = 0;
        while (!writeFile(m_disk + QString("/filler-%1").arg(files), "x").isEmpty())
            ++files;
        QVERIFY(files > left);
        for (int n = 0; n < left; ++n)
            QVERIFY(QFile::remove(m_disk + QString("/filler-%1").arg(n)));

        QMap<qint64, qint64> promised; ///< ordinal by sequence
        const Ran full = gate({"run", "--json", "--data", m_data}, codes());
        QVERIFY2(full.status == 0 || full.status == 2, full.err);
        QVERIFY2(full.status == 0 || full.err.startsWith("error: "), full.err);
        for (const QByteArray &line : full.out.split('\n')) {
            const QJsonObject verdict = jsonOf(line);
            if (verdict["outcome"] != "admit")
                continue;
            QVERIFY2(verdict["durable"].toBool(), line);
            promised[verdict["seq"].toInteger()] = verdict["ordinal"].toInteger();
        }
        // With room again, everybody is in once, and who was promised has the row that was shown.
        for (int n = left; n < files; ++n)
            QFile::remove(m_disk + QString("/filler-%1").arg(n));
        const Ran after = gate({"run", "--json", "--data", m_data}, codes());
        QVERIFY2(after.status == 0, after.err);
        everybodyIsInOnce(promised);
    }

    void aDiskThatTurnsReadOnlyIsNoticedBeforeAnybodyIsShownGreen()
    {
        const SmallDisk disk(m_disk, "size=64m");
        QVERIFY2(disk.isMounted(), disk.why());
        QCOMPARE(gate({"load", "--data", m_data, "--yes", path("event.bundle")}).status, 0);
        QCOMPARE(gate({"run", "--json", "--data", m_data}, m_event.foreignCode(1) + "\n").status, 0);
        QVERIFY(disk.remount(MS_RDONLY));
        const Ran readOnly = gate({"run", "--json", "--data", m_data}, codes());
        QVERIFY2(readOnly.status >= 0, "it ends by itself");
        QCOMPARE(readOnly.out.count("\"outcome\":\"admit\""), 0);
        QVERIFY2(readOnly.status == 2 && readOnly.err.startsWith("error: "), readOnly.err);
        QVERIFY2(gate({"status", "--data", m_data}).status >= 0, "it ends by itself");

        QVERIFY(disk.remount(0));
        const Ran after = gate({"run", "--json", "--data", m_data}, codes());
        QVERIFY2(after.status == 0, after.err);
        everybodyIsInOnce({});
    }

    void aFullDiskUnderARunningGateIsNoReasonToStop()
    {
        const SmallDisk disk(m_disk, "size=8m");
        QVERIFY2(disk.isMounted(), disk.why());
        QCOMPARE(gate({"load", "--data", m_data, "--yes", path("event.bundle")}).status, 0);
        RunningGate running(m_data, {"--json"});
        QVERIFY(running.isUp());
        QMap<qint64, qint64> promised;
        const auto scan = [&](std::uint32_t n) {
            const QJsonObject verdict = running.scan(m_event.foreignCode(n));
            if (verdict["outcome"] == "admit" && verdict["durable"].toBool())
                promised[verdict["seq"].toInteger()] = verdict["ordinal"].toInteger();
            return !verdict.isEmpty();
        };
        QVERIFY(scan(1));
        writeFile(m_disk + "/filler", QByteArray(16 << 20, 'x')); // as far as there is room
        for (std::uint32_t n = 2; n <= kTickets / 2; ++n)
            QVERIFY2(scan(n), "an answer to each");
        QVERIFY(QFile::remove(m_disk + "/filler"));
        QVERIFY(scan(kTickets / 2 + 1));
        running.closeInput();
        QCOMPARE(running.end(), 0);
        QCOMPARE(gate({"run", "--json", "--data", m_data}, codes()).status, 0);
        everybodyIsInOnce(promised);
    }

private:
    QString path(const QString &name) const { return m_folder.filePath(name); }
    QByteArray codes() const
    {
        QByteArray all;
        for (std::uint32_t n = 1; n <= kTickets; ++n)
            all += m_event.foreignCode(n) + "\n";
        return all;
    }
    void everybodyIsInOnce(QMap<qint64, qint64> promised) const
    {
        QMap<qint64, int> admitted;
        for (const QByteArray &line : gate({"export", "--data", m_data}).out.trimmed().split('\n')) {
            const QJsonObject row = jsonOf(line);
            if (row["outcome"] != "admit")
                continue;
            ++admitted[row["ordinal"].toInteger()];
            if (promised.contains(row["seq"].toInteger()))
                QCOMPARE(row["ordinal"].toInteger(), promised.take(row["seq"].toInteger()));
        }
        QCOMPARE(promised.size(), 0);
        QCOMPARE(admitted.size(), qsizetype(kTickets));
        for (const int times : admitted)
            QCOMPARE(times, 1);
    }

    QTemporaryDir m_folder;
    PracticeBundle m_event{kTickets};
    QString m_disk, m_data;
    int m_number = 0;
};

QTEST_GUILESS_MAIN(SmallDiskTest)
#include "small_disk_test.moc"
