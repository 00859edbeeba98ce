#include "device/gate/data_folder.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <csignal>
#include <optional>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace voelgoed;
using gate::DataFolder;

namespace {

/// What another process comes to that takes the folder: 0 taken, 1 a gate is running, 2 anything else.
int takenElsewhere(const std::string &path)
{
    const pid_t child = ::fork();
    if (child == 0) {
        const auto taken = DataFolder::take(path, DataFolder::Missing::Create);
        ::_exit(taken ? 0 : taken.error().code == base::ErrorCode::Conflict ? 1 : 2);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool write(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly);
}

} // namespace

/// One program at a time has a device's folder.
class DataFolderTest : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_base.emplace();
        m_path = m_base->filePath("some/gate");
    }

    void aFolderIsMadeForItsOwnerAlone()
    {
        const auto folder = DataFolder::take(path(), DataFolder::Missing::Create);
        QVERIFY(folder);
        QCOMPARE(folder->path(), path());
        const auto owner = QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner;
        const auto everybody = owner | QFile::ReadGroup | QFile::WriteGroup | QFile::ExeGroup | QFile::ReadOther |
                               QFile::WriteOther | QFile::ExeOther;
        QVERIFY((QFile::permissions(m_path) & everybody) == owner);
        QVERIFY(!(QFile::permissions(m_path + "/lock") & (everybody & ~owner)));
    }

    void aFolderThatIsThereKeepsItsPermissions()
    {
        QVERIFY(QDir().mkpath(m_path));
        const auto before = QFile::permissions(m_path);
        QVERIFY(DataFolder::take(path(), DataFolder::Missing::Create));
        QVERIFY(QFile::permissions(m_path) == before);
    }

    void everyFileHasItsNameInTheFolder()
    {
        const auto folder = DataFolder::take(path(), DataFolder::Missing::Create);
        QVERIFY(folder);
        const QSet<std::string> names{folder->file(),
                                      *folder->rescueFile(),
                                      folder->watchMemory("/tickets"),
                                      folder->watchMemory("/tickets/more"),
                                      folder->oldWatchMemory(),
                                      path() + "/lock",
                                      path() + "/gate.sock",
                                      path() + "/device.json"};
        QCOMPARE(names.size(), 8);
        for (const std::string &name : names)
            QVERIFY(name.starts_with(path() + "/"));
    }

    void aWatchedFolderHasOneMemoryHoweverItIsNamed()
    {
        const auto folder = DataFolder::take(path(), DataFolder::Missing::Create);
        QVERIFY(folder);
        const QString watched = m_path + "/pictures";
        QVERIFY(QDir().mkpath(watched));
        QVERIFY(QFile::link(watched, m_path + "/link"));
        const std::string memory = folder->watchMemory(watched.toStdString());
        const QString relative = QDir::current().relativeFilePath(watched);
        for (const QString &name : {watched + "/", watched + "/.", m_path + "/./pictures", m_path + "/link", relative})
            QCOMPARE(folder->watchMemory(name.toStdString()), memory);
        QVERIFY(folder->watchMemory(m_path.toStdString()) != memory);
    }

    void whatIsNotThereIsNotMadeUnasked()
    {
        const auto missing = DataFolder::take(path(), DataFolder::Missing::Refuse);
        QVERIFY(!missing);
        QCOMPARE(missing.error().code, base::ErrorCode::NotFound);
        QVERIFY(missing.error().message.starts_with(path() + ": "));
        QVERIFY(!QFile::exists(m_path));
    }

    void aFolderThatNoDeviceHadIsLeftAlone()
    {
        QVERIFY(QDir().mkpath(m_path));
        QVERIFY(write(m_path + "/letters.txt"));
        const auto plain = DataFolder::take(path(), DataFolder::Missing::Refuse);
        QVERIFY(!plain);
        QCOMPARE(plain.error().code, base::ErrorCode::NotFound);
        QCOMPARE(QDir(m_path).entryList(QDir::Files | QDir::Hidden), QStringList{"letters.txt"});
        QVERIFY(write(m_path + "/device.json"));
        QVERIFY(DataFolder::take(path(), DataFolder::Missing::Refuse));
    }

    void onlyOneProgramHasIt()
    {
        std::optional<DataFolder> moved;
        {
            auto folder = DataFolder::take(path(), DataFolder::Missing::Create);
            QVERIFY(folder);
            QCOMPARE(takenElsewhere(path()), 1);
            const auto again = DataFolder::take(path(), DataFolder::Missing::Create);
            QVERIFY(!again);
            QCOMPARE(again.error().code, base::ErrorCode::Conflict);
            QVERIFY(again.error().message.find(path()) != std::string::npos);
            moved.emplace(std::move(*folder));
        }
        QCOMPARE(takenElsewhere(path()), 1);
        moved.reset();
        QCOMPARE(takenElsewhere(path()), 0);
        QVERIFY2(DataFolder::take(path(), DataFolder::Missing::Create), "a program that ended holds nothing");
    }

    void aProgramThatWasKilledHoldsNothing()
    {
        int ready[2];
        QCOMPARE(::pipe(ready), 0);
        const pid_t child = ::fork();
        if (child == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL); // it must not outlive a test that fails
            const auto taken = DataFolder::take(path(), DataFolder::Missing::Create);
            const char answer = taken ? 'y' : 'n';
            [[maybe_unused]] const auto told = ::write(ready[1], &answer, 1);
            for (;;)
                ::pause();
        }
        char answer = 0;
        QCOMPARE(::read(ready[0], &answer, 1), ssize_t(1));
        QCOMPARE(answer, 'y');
        QCOMPARE(takenElsewhere(path()), 1);
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        ::close(ready[0]);
        ::close(ready[1]);
        QVERIFY(QFile::exists(m_path + "/lock"));
        QCOMPARE(takenElsewhere(path()), 0);
    }

    void whatCannotBeAFolderIsNamed()
    {
        QVERIFY(write(m_base->filePath("file")));
        for (const QString &name : {QString("file"), QString("file/gate")}) {
            const std::string wrong = m_base->filePath(name).toStdString();
            const auto taken = DataFolder::take(wrong, DataFolder::Missing::Create);
            QVERIFY(!taken);
            QCOMPARE(taken.error().code, base::ErrorCode::Unavailable);
            QVERIFY2(taken.error().message.starts_with(wrong), taken.error().message.c_str());
        }
    }

private:
    std::string path() const { return m_path.toStdString(); }

    std::optional<QTemporaryDir> m_base;
    QString m_path;
};

QTEST_APPLESS_MAIN(DataFolderTest)
#include "data_folder_test.moc"
