#include "device/hal/folder/folder_source.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include <memory>

using namespace voelgoed;
using namespace voelgoed::hal;

namespace {

bool write(const QString &path, const QByteArray &contents = "picture")
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(contents) == contents.size();
}

/// Names of what is handed over; "failed: …" where that fails.
QStringList taken(PictureSource &source, std::size_t most = 10'000)
{
    const auto seen = source.take(most);
    if (!seen)
        return {"failed: " + QString::fromStdString(seen.error().message)};
    QStringList names;
    for (const SeenPicture &picture : *seen)
        names << QFileInfo(QString::fromStdString(picture.path)).fileName();
    return names;
}

/// The same, and all of it has been dealt with.
QStringList dealtWith(PictureSource &source)
{
    QStringList names;
    for (auto seen = source.take(1); seen && !seen->empty(); seen = source.take(1)) {
        names << QFileInfo(QString::fromStdString(seen->front().path)).fileName();
        if (!source.done(seen->front().version))
            names << "not remembered";
    }
    return names;
}

QByteArray bytesOf(const SeenPicture &picture)
{
    if (!picture.contents)
        return "failed: " + QByteArray::fromStdString(picture.contents.error().message);
    const base::Bytes bytes = picture.contents->bytesAt(0, 1'000);
    return {reinterpret_cast<const char *>(bytes.data()), static_cast<qsizetype>(bytes.size())};
}

} // namespace

/// Pictures that are dropped into a folder.
class FolderSourceTest : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_base = std::make_unique<QTemporaryDir>();
        m_folder = m_base->filePath("watched");
        m_memory = m_base->filePath("memory");
        QVERIFY(QDir().mkpath(m_folder));
    }

    void whatLiesThereComesFirstInOrderOfName()
    {
        for (const char *name : {"c.png", "a.PNG", "b.jpeg"})
            QVERIFY(write(in(name)));
        const auto source = open();
        QCOMPARE(taken(*source), (QStringList{"a.PNG", "b.jpeg", "c.png"}));
        QVERIFY(taken(*source).isEmpty());
        QVERIFY(write(in("0.png")));
        QCOMPARE(taken(*source), QStringList{"0.png"});
    }

    void onlyPicturesAreHandedOver_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<bool>("handed");
        for (const char *name :
             {"a.png", "a.PNG", "a.jpg", "a.jpeg", "a.JpEg", "a.webp", "a.pdf", "a b.png", "é.png", "..png.png.png"})
            QTest::addRow("%s", name) << QString::fromUtf8(name) << !QByteArray(name).startsWith('.');
        for (const char *name : {".a.png", ".png", "a.png.part", "a.png.crdownload", "a.png~", "a.tmp", "a", "png",
                                 "a.txt", "a.svg", "a.gif", "a.pngx"})
            QTest::addRow("%s", name) << QString::fromUtf8(name) << false;
    }
    void onlyPicturesAreHandedOver()
    {
        QFETCH(QString, name);
        QFETCH(bool, handed);
        const QStringList expected = handed ? QStringList{name} : QStringList();
        const auto source = open();
        QVERIFY(taken(*source).isEmpty());
        QVERIFY(write(in(name)));
        QCOMPARE(taken(*source), expected);
        QCOMPARE(taken(*open()), expected); // the same for what lies there already
    }

    void aFileCountsOnceItsWriterClosesIt()
    {
        const auto source = open();
        taken(*source);
        QFile file(in("slow.png"));
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Unbuffered));
        for (int i = 0; i < 3; ++i) {
            QVERIFY(file.write("piece") == 5);
            QVERIFY(taken(*source).isEmpty());
        }
        file.close();
        QCOMPARE(taken(*source), QStringList{"slow.png"});
        QVERIFY(taken(*source).isEmpty());
    }

    void aFileThatIsMovedInCounts()
    {
        const auto source = open();
        taken(*source);
        QVERIFY(write(m_base->filePath("beside.png")));
        QVERIFY(QFile::rename(m_base->filePath("beside.png"), in("in.png")));
        QCOMPARE(taken(*source), QStringList{"in.png"});
        QVERIFY(write(in("upload.part")));
        QVERIFY(taken(*source).isEmpty());
        QVERIFY(QFile::rename(in("upload.part"), in("upload.png")));
        QCOMPARE(taken(*source), QStringList{"upload.png"});
    }

    void aLinkToAFileThatIsWholeCounts()
    {
        const auto source = open();
        taken(*source);
        const QString whole = m_base->filePath("whole.png");
        QVERIFY(write(whole));
        QVERIFY(::link(whole.toUtf8().constData(), in("hard.png").toUtf8().constData()) == 0);
        QVERIFY(QFile::link(whole, in("soft.png")));
        QCOMPARE(taken(*source), (QStringList{"hard.png", "soft.png"}));
    }

    void aFolderNamedLikeAPictureIsNone()
    {
        const auto source = open();
        QVERIFY(QDir().mkpath(in("album.png")));
        QVERIFY(QDir().rename(in("album.png"), in("other.png")));
        QVERIFY(taken(*source).isEmpty());
        QVERIFY(taken(*open()).isEmpty());
    }

    void nothingIsHandedOverThatThereIsNoRoomFor()
    {
        constexpr int kMany = 1'203;
        for (int i = 0; i < kMany; ++i)
            QVERIFY(write(in(QString("%1.png").arg(i, 4, 10, QChar('0')))));
        const auto source = open();
        QStringList all;
        for (int portion = 1; portion <= 3; ++portion) {
            QVERIFY(taken(*source, 0).isEmpty());
            const QStringList names = taken(*source, 500);
            QCOMPARE(names.size(), std::min<qsizetype>(500, kMany - all.size()));
            QCOMPARE(source->waitMs() >= 0, portion < 3);
            all += names;
        }
        QVERIFY(taken(*source).isEmpty());
        QCOMPARE(all.size(), kMany);
        QVERIFY(std::is_sorted(all.begin(), all.end()));
    }

    void anotherPictureOfTheSameNameIsAnotherPicture()
    {
        const auto source = open();
        QVERIFY(write(in("ticket.png"), "first"));
        QCOMPARE(dealtWith(*source), QStringList{"ticket.png"});
        QVERIFY(write(in("ticket.png"), "the second"));
        QCOMPARE(taken(*source), QStringList{"ticket.png"});
        QCOMPARE(taken(*open()), QStringList{"ticket.png"});
    }

    void whatWasSeenStaysWhatItWas_data()
    {
        QTest::addColumn<QString>("how");
        for (const char *how : {"moved onto it", "written over it", "removed"})
            QTest::newRow(how) << QString(how);
    }
    void whatWasSeenStaysWhatItWas()
    {
        QFETCH(QString, how);
        const auto source = open();
        QVERIFY(write(in("frame.png"), "first"));
        auto first = source->take(5);
        QVERIFY(first && first->size() == 1);
        if (how == "removed") {
            QVERIFY(QFile::remove(in("frame.png")));
        } else if (how == "written over it") {
            QVERIFY(write(in("frame.png"), "other"));
        } else {
            QVERIFY(write(m_base->filePath("beside.png"), "other"));
            QVERIFY(std::rename(qPrintable(m_base->filePath("beside.png")), qPrintable(in("frame.png"))) == 0);
        }
        auto second = source->take(5);
        QVERIFY(second);
        QCOMPARE(bytesOf(first->front()), "first");
        QCOMPARE(second->size(), how == "removed" ? std::size_t{0} : std::size_t{1});
        // Done is what was read, not what lies there now.
        QVERIFY(source->done(first->front().version));
        if (!second->empty()) {
            QCOMPARE(bytesOf(second->front()), "other");
            QCOMPARE(taken(*open()), QStringList{"frame.png"});
            QVERIFY(source->done(second->front().version));
        }
        QVERIFY(taken(*open()).isEmpty());
    }

    void otherContentsOfTheSameSizeAndTimeAreAnotherPicture()
    {
        const auto source = open();
        struct stat status
        {};
        QVERIFY(write(in("frame.png"), "first"));
        QVERIFY(::stat(qPrintable(in("frame.png")), &status) == 0);
        QCOMPARE(dealtWith(*source), QStringList{"frame.png"});
        QVERIFY(write(m_base->filePath("beside.png"), "other"));
        const timespec times[] = {status.st_atim, status.st_mtim};
        QVERIFY(::utimensat(AT_FDCWD, qPrintable(m_base->filePath("beside.png")), times, 0) == 0);
        QVERIFY(std::rename(qPrintable(m_base->filePath("beside.png")), qPrintable(in("frame.png"))) == 0);
        QCOMPARE(dealtWith(*source), QStringList{"frame.png"});
        QVERIFY(std::rename(qPrintable(in("frame.png")), qPrintable(in("frame.png.part"))) == 0);
        QVERIFY(std::rename(qPrintable(in("frame.png.part")), qPrintable(in("frame.png"))) == 0);
        QVERIFY2(dealtWith(*source).isEmpty(), "the same picture once more");
    }

    void manyFilesAtOnceAreAllThere()
    {
        const auto source = open();
        taken(*source);
        constexpr int kFiles = 2'500;
        for (int i = 0; i < kFiles; ++i)
            QVERIFY(write(in(QString("%1.png").arg(i))));
        QSet<QString> names;
        for (QStringList some = taken(*source); !some.isEmpty(); some = taken(*source)) {
            for (const QString &name : some) {
                QVERIFY2(!names.contains(name), "twice");
                names << name;
            }
        }
        QCOMPARE(names.size(), qsizetype(kFiles));
    }

    void theDescriptorTellsThatThereIsSomething()
    {
        const auto source = open();
        taken(*source);
        pollfd waiting{.fd = source->descriptor(), .events = POLLIN, .revents = 0};
        QCOMPARE(::poll(&waiting, 1, 0), 0);
        QVERIFY(write(in("a.png")));
        QCOMPARE(::poll(&waiting, 1, 5'000), 1);
        QCOMPARE(taken(*source), QStringList{"a.png"});
        QCOMPARE(::poll(&waiting, 1, 0), 0);
    }

    void theFolderMayGoAndComeBack_data()
    {
        QTest::addColumn<bool>("moved");
        QTest::newRow("removed") << false;
        QTest::newRow("moved away") << true;
    }
    void theFolderMayGoAndComeBack()
    {
        QFETCH(bool, moved);
        const auto source = open();
        QVERIFY(taken(*source).isEmpty());
        QCOMPARE(source->waitMs(), -1);
        QVERIFY(moved ? QDir().rename(m_folder, m_folder + "-away") : QDir(m_folder).removeRecursively());
        const QStringList gone = taken(*source);
        QVERIFY2(gone.size() == 1 && gone[0].startsWith("failed: " + m_folder), qPrintable(gone.join(",")));
        QVERIFY2(source->waitMs() > 0 && source->waitMs() <= 1'000, "it is looked for again");
        QVERIFY(taken(*source).value(0).startsWith("failed: "));

        QVERIFY(QDir().mkpath(m_folder));
        QVERIFY(write(in("before.png")));
        QCOMPARE(taken(*source), QStringList{"before.png"});
        QCOMPARE(source->waitMs(), -1);
        QVERIFY(write(in("after.png")));
        QCOMPARE(taken(*source), QStringList{"after.png"});
        if (moved) {
            QVERIFY(write(m_folder + "-away/elsewhere.png"));
            QVERIFY(taken(*source).isEmpty());
        }
    }

    void whatIsNoFolderIsRefused()
    {
        for (const char *path : {"/none", "/etc/passwd"}) {
            const auto source = FolderSource::open(path, {m_memory.toStdString(), {}});
            QVERIFY(!source);
            QCOMPARE(source.error().code, base::ErrorCode::Unavailable);
            QVERIFY(source.error().message.starts_with(path));
        }
    }

private:
    QString in(const QString &name) const { return m_folder + "/" + name; }
    std::unique_ptr<FolderSource> open() const
    {
        auto source = FolderSource::open(m_folder.toStdString(), {m_memory.toStdString(), {}});
        return source ? std::move(*source) : nullptr;
    }

    std::unique_ptr<QTemporaryDir> m_base;
    QString m_folder, m_memory;
};

QTEST_APPLESS_MAIN(FolderSourceTest)
#include "folder_source_test.moc"
