#include "tests/integration/practice_bundle.h"
#include "tests/integration/running_gate.h"
#include "tests/support/code_pictures.h"

#include <QDir>
#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <zint.h>

using namespace voelgoed::integration;

namespace {

constexpr std::uint32_t kTickets = 40;

} // namespace

/// Folders that `voelgoed-gate run --watch` looks at.
class WatchedFoldersTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY(m_folder.isValid());
        QVERIFY(!writeFile(path("event.bundle"), m_event.bundle({.sequence = 10})).isEmpty());
    }

    void init()
    {
        const QString number = QString::number(++m_number);
        m_data = path("data-" + number);
        m_one = path("one-" + number);
        m_two = path("two-" + number);
        QVERIFY(QDir().mkpath(m_one) && QDir().mkpath(m_two));
        QCOMPARE(gate({"load", "--data", m_data, "--yes", path("event.bundle")}).status, 0);
    }

    void severalFoldersAreReadOnceHoweverOftenAGateStarts()
    {
        QVERIFY(moveIn(m_one, "ticket.png", picture(1)));
        QVERIFY(moveIn(m_two, "ticket.png", picture(2)));
        QVERIFY(moveIn(m_two, "another.png", picture(3)));
        for (int start = 1; start <= 3; ++start) {
            RunningGate running(m_data, {"--json", "--watch", m_one, "--watch", m_two});
            QVERIFY(running.isUp());
            QSet<qint64> ordinals;
            for (int n = 0; n < (start == 1 ? 3 : 0); ++n)
                ordinals << running.verdict()["ordinal"].toInteger();
            QCOMPARE(ordinals.size(), start == 1 ? 3 : 0);
            // What comes next is this start's own ticket: nothing else was read before it.
            QVERIFY(moveIn(m_two, QString("start-%1.png").arg(start), picture(10 + start)));
            QCOMPARE(running.verdict()["ordinal"].toInteger(), 10 + start);
            running.closeInput();
            QCOMPARE(running.end(), 0);
            QCOMPARE(running.rest(), QByteArray());
        }
    }

    void theSameFolderNamedTwiceIsReadOnce()
    {
        QVERIFY(moveIn(m_one, "ticket.png", picture(1)));
        RunningGate running(m_data, {"--json", "--watch", m_one, "--watch", m_one + "/", "--watch", m_two});
        QCOMPARE(running.verdict()["ordinal"].toInteger(), 1);
        QVERIFY(moveIn(m_two, "ticket.png", picture(2)));
        QCOMPARE(running.verdict()["ordinal"].toInteger(), 2);
        running.closeInput();
        QCOMPARE(running.end(), 0);
        QCOMPARE(running.rest(), QByteArray());
    }

    void whatAnOlderVersionReadIsNotReadAgain()
    {
        QVERIFY(moveIn(m_one, "ticket.png", picture(1)));
        struct stat status
        {};
        QVERIFY(::stat(qPrintable(m_one + "/ticket.png"), &status) == 0);
        QVERIFY(!writeFile(m_data + "/watched.txt", "ticket.png\t" + QByteArray::number(qint64(status.st_size)) + "\t" +
                                                        QByteArray::number(qint64(status.st_mtim.tv_sec)) + "." +
                                                        QByteArray::number(qint64(status.st_mtim.tv_nsec)) + "\n")
                     .isEmpty());
        RunningGate running(m_data, {"--json", "--watch", m_one});
        QVERIFY(running.isUp());
        QVERIFY(moveIn(m_one, "zz.png", picture(2)));
        QCOMPARE(running.verdict()["ordinal"].toInteger(), 2);
    }

    void whatWasReadIsRememberedWhenTheGateIsKilled()
    {
        QVERIFY(moveIn(m_one, "ticket.png", picture(1)));
        {
            RunningGate running(m_data, {"--json", "--watch", m_one});
            QCOMPARE(running.verdict()["ordinal"].toInteger(), 1);
            QVERIFY(becomes([&] { return memories().contains("ticket.png"); }));
            running.kill(SIGKILL);
        }
        RunningGate again(m_data, {"--json", "--watch", m_one});
        QVERIFY(again.isUp());
        QVERIFY(moveIn(m_one, "zz.png", picture(2)));
        QCOMPARE(again.verdict()["ordinal"].toInteger(), 2);
    }

    void everyPictureOfTheSameNameIsReadOnce_data()
    {
        QTest::addColumn<bool>("overwritten");
        QTest::newRow("moved onto the one before") << false;
        QTest::newRow("written over the one before") << true;
    }
    void everyPictureOfTheSameNameIsReadOnce()
    {
        QFETCH(bool, overwritten);
        RunningGate running(m_data, {"--json", "--watch", m_one});
        QVERIFY(running.isUp());
        constexpr int kMany = 12;
        for (std::uint32_t n = 1; n <= kMany; ++n) {
            if (overwritten)
                QVERIFY(!writeFile(m_one + "/frame.png", picture(n)).isEmpty());
            else
                QVERIFY(moveIn(m_one, "frame.png", picture(n)));
            QTest::qSleep(60); // more of them than can be read in that time
        }
        for (int n = 1; n <= kMany; ++n) {
            const QJsonObject verdict = running.verdict();
            QCOMPARE(verdict["ordinal"].toInteger(), n);
            QCOMPARE(verdict["outcome"].toString(), "admit");
        }
        running.closeInput();
        QCOMPARE(running.end(), 0);
        QCOMPARE(running.rest(), QByteArray());
    }

    void moreThanThereIsRoomForIsReadInItsTime()
    {
        constexpr int kMany = 70;
        for (std::uint32_t n = 0; n < kMany; ++n)
            QVERIFY(moveIn(m_one, QString("%1.png").arg(n, 3, 10, QChar('0')), picture(n % kTickets + 1)));
        RunningGate running(m_data, {"--json", "--watch", m_one});
        for (int n = 0; n < kMany; ++n)
            QCOMPARE(running.verdict()["ordinal"].toInteger(), n % kTickets + 1);
    }

    void whatIsNoPictureHoldsNothingUp()
    {
        RunningGate running(m_data, {"--json", "--watch", m_one});
        QVERIFY(running.isUp());
        const QByteArray in = m_one.toUtf8() + "/";
        QVERIFY(::symlink("/etc/passwd", (in + "passwd.png").constData()) == 0);
        QVERIFY(::symlink("loop.png", (in + "loop.png").constData()) == 0);
        QVERIFY(::symlink("nowhere.png", (in + "dangling.png").constData()) == 0);
        QVERIFY(::symlink("/dev/zero", (in + "zero.png").constData()) == 0);
        QVERIFY(::symlink("/", (in + "root.png").constData()) == 0);
        QVERIFY(::mkfifo((in + "pipe.png").constData(), 0600) == 0);
        QVERIFY(::mkfifo((in + "moved").constData(), 0600) == 0);
        QVERIFY(::rename((in + "moved").constData(), (in + "moved.png").constData()) == 0);
        QVERIFY(QDir().mkpath(m_one + "/folder.png"));
        const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
        qstrncpy(address.sun_path, (in + "socket.png").constData(), sizeof address.sun_path);
        QVERIFY(::bind(socket, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0);
        QVERIFY2(running.complains("passwd.png: "), running.errors());
        QVERIFY(moveIn(m_one, "good.png", picture(5)));
        QCOMPARE(running.verdict()["ordinal"].toInteger(), 5);
        QVERIFY(!running.errors().contains("root:"));

        // The same lie there at a start.
        RunningGate again(m_data = another(), {"--json", "--watch", m_one});
        QCOMPARE(again.verdict()["ordinal"].toInteger(), 5);
        QVERIFY(moveIn(m_one, "last.png", picture(6)));
        QCOMPARE(again.verdict()["ordinal"].toInteger(), 6);
        ::close(socket);
    }

    void aPartOfASetOfCodesIsNoTicket()
    {
        const auto part = [&](int number) {
            const auto png =
                voelgoed::support::asPng(voelgoed::support::drawCode({.symbology = BARCODE_QRCODE,
                                                                      .contents = m_event.signedCode(1).toStdString(),
                                                                      .part = number,
                                                                      .parts = 2}));
            return QByteArray(reinterpret_cast<const char *>(png.data()), static_cast<qsizetype>(png.size()));
        };
        const Ran decoded = gate({"decode", writeFile(path("part.png"), part(1))});
        QCOMPARE(decoded.status, 0);
        QVERIFY2(decoded.out.contains("\"partial\":true"), decoded.out);
        RunningGate running(m_data, {"--json", "--watch", m_one});
        QVERIFY(running.isUp());
        QVERIFY(moveIn(m_one, "first.png", part(1)) && moveIn(m_one, "second.png", part(2)));
        QVERIFY2(running.complains("second.png: a part of a set of codes"), running.errors());
        QVERIFY2(running.errors().contains("first.png: a part of a set of codes"), running.errors());
        QVERIFY(moveIn(m_one, "whole.png", picture(2)));
        QCOMPARE(running.verdict()["ordinal"].toInteger(), 2);
    }

    void aFileThatMayNotBeReadIsNamedAndTriedAgainAtTheNextStart()
    {
        QVERIFY(moveIn(m_one, "secret.png", picture(1)));
        QVERIFY(QFile::setPermissions(m_one + "/secret.png", QFile::WriteOwner));
        {
            RunningGate running(m_data, {"--json", "--watch", m_one}, RunningGate::Files::AsModesSay);
            QVERIFY2(running.complains("secret.png: "), running.errors());
        }
        QVERIFY(QFile::setPermissions(m_one + "/secret.png", QFile::ReadOwner | QFile::WriteOwner));
        RunningGate again(m_data, {"--json", "--watch", m_one});
        QCOMPARE(again.verdict()["ordinal"].toInteger(), 1);
    }

private:
    QString path(const QString &name) const { return m_folder.filePath(name); }
    /// Small, as many are read.
    QByteArray picture(std::uint32_t n) const
    {
        const auto png = voelgoed::support::asPng(
            voelgoed::support::drawCode(BARCODE_QRCODE, m_event.signedCode(n).toStdString(), 4));
        return {reinterpret_cast<const char *>(png.data()), static_cast<qsizetype>(png.size())};
    }
    /// Drops a file into a folder as a whole.
    bool moveIn(const QString &folder, const QString &name, const QByteArray &contents) const
    {
        const QString beside = path("beside");
        return !writeFile(beside, contents).isEmpty() &&
               std::rename(qPrintable(beside), qPrintable(folder + "/" + name)) == 0;
    }
    QByteArray memories() const
    {
        QByteArray all;
        for (const QString &name : QDir(m_data).entryList({"watched-*.txt"})) {
            QFile file(m_data + "/" + name);
            all += file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
        }
        return all;
    }
    /// A device's folder that has nothing behind it.
    QString another() const
    {
        const QString data = m_data + "-another";
        return gate({"load", "--data", data, "--yes", path("event.bundle")}).status == 0 ? data : QString();
    }

    QTemporaryDir m_folder;
    PracticeBundle m_event{kTickets};
    QString m_data, m_one, m_two;
    int m_number = 0;
};

QTEST_GUILESS_MAIN(WatchedFoldersTest)
#include "watched_folders_test.moc"
