#include "device/core/profile/file_lock.h"
#include "device/core/profile/files.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest/QtTest>

using namespace voelgoed;
using base::ErrorCode;

class FilesTest : public QObject
{
    Q_OBJECT

private slots:
    void whatIsWrittenIsReadAndReplacesWhatWasThere()
    {
        const QTemporaryDir folder;
        const std::string path = folder.filePath("secret").toStdString();
        for (const std::string &contents : {std::string(100'000, 'x'), std::string("a\0b", 3), std::string()}) {
            QVERIFY(profile::writeSecretFile(path, contents));
            const auto read = profile::readFile(path, 100'000);
            QVERIFY(read && *read == contents);
        }
    }

    void aFileThatOthersCouldReadIsTheOwnersAfterwards()
    {
        const QTemporaryDir folder;
        const QString path = folder.filePath("secret");
        QFile open(path);
        QVERIFY(open.open(QIODevice::WriteOnly));
        QVERIFY(open.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ReadOther));
        open.close();
        QVERIFY(profile::writeSecretFile(path.toStdString(), "key"));
        QVERIFY(!QFile::permissions(path).testFlag(QFile::ReadOther));
    }

    void aLimitIsALimit()
    {
        const QTemporaryDir folder;
        const std::string path = folder.filePath("long").toStdString();
        QVERIFY(profile::writeSecretFile(path, std::string(4'097, 'x')));
        QVERIFY(profile::readFile(path, 4'097));
        const auto refused = profile::readFile(path, 4'096);
        QVERIFY(!refused && refused.error().code == ErrorCode::Invalid);
        const auto missing = profile::readFile(path + "er", 1);
        QVERIFY(!missing && missing.error().code == ErrorCode::NotFound);
        const auto folderItself = profile::readFile(folder.path().toStdString(), 1);
        QVERIFY(!folderItself && folderItself.error().code == ErrorCode::Unavailable);
    }

    void aFailedWriteLeavesWhatWasThere()
    {
        const QTemporaryDir folder;
        const std::string path = folder.filePath("secret").toStdString();
        QVERIFY(profile::writeSecretFile(path, "before"));
        QVERIFY(QDir(folder.path()).mkdir("secret.new")); // in the way
        const auto written = profile::writeSecretFile(path, "after");
        QVERIFY(!written && written.error().message.find("secret.new") != std::string::npos);
        QCOMPARE(*profile::readFile(path, 100), std::string("before"));
    }

    void aLockIsOnesOwnUntilItGoes()
    {
        const QTemporaryDir folder;
        const std::string path = folder.filePath("lock").toStdString();
        {
            const auto mine = profile::FileLock::take(path, "another has it");
            QVERIFY(mine);
            const auto other = profile::FileLock::take(path, "another has it");
            QVERIFY(!other && other.error().code == ErrorCode::Conflict && other.error().message == "another has it");
        }
        QVERIFY(profile::FileLock::take(path, "another has it"));
    }
};

QTEST_APPLESS_MAIN(FilesTest)
#include "files_test.moc"
