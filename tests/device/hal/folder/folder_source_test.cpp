#include "device/hal/folder/folder_source.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <poll.h>
#include <unistd.h>

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
QStringList taken(PictureSource &source)
{
    const auto paths = source.take();
    if (!paths)
        return {"failed: " + QString::fromStdString(paths.error().message)};
    QStringList names;
    for (const std::string &path : *paths)
        names << QFileInfo(QString::fromStdString(path)).fileName();
    return names;
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

    void manyPicturesComeInPortions()
    {
        constexpr int kMany = 1'203;
        for (int i = 0; i < kMany; ++i)
            QVERIFY(write(in(QString("%1.png").arg(i, 4, 10, QChar('0')))));
        const auto source = open();
        QStringList all;
        for (int portion = 1; portion <= 3; ++portion) {
            const QStringList names = taken(*source);
            QCOMPARE(names.size(), std::min<qsizetype>(500, kMany - all.size()));
            QCOMPARE(source->waitMs() >= 0, portion < 3);
            all += names;
        }
        QVERIFY(taken(*source).isEmpty());
        QCOMPARE(all.size(), kMany);
        QVERIFY(std::is_sorted(all.begin(), all.end()));
    }

    void whatIsGoneIsForgottenAtTheNextStart()
    {
        for (const char *name : {"kept.png", "gone.png"})
            QVERIFY(write(in(name)));
        {
            const auto source = open();
            taken(*source);
            for (const char *name : {"kept.png", "gone.png"})
                source->done(in(name).toStdString());
        }
        QVERIFY(QFile::remove(in("gone.png")));
        QVERIFY(taken(*open()).isEmpty());
        QFile memory(m_memory);
        QVERIFY(memory.open(QIODevice::ReadOnly));
        const QByteArray remembered = memory.readAll();
        QVERIFY(remembered.startsWith("kept.png") && remembered.count('\n') == 1);
    }

    void aFileThatIsGoneAgainIsNone()
    {
        const auto source = open();
        taken(*source);
        QVERIFY(write(in("short.png")));
        QVERIFY(QFile::remove(in("short.png")));
        QVERIFY(taken(*source).isEmpty());
        source->done(in("short.png").toStdString());
        QVERIFY(!QFile::exists(m_memory));
    }

    void whatWasDealtWithIsNotHandedOverAgain()
    {
        {
            const auto source = open();
            QVERIFY(write(in("done.png")) && write(in("open.png")));
            QCOMPARE(taken(*source), (QStringList{"done.png", "open.png"}));
            source->done(in("done.png").toStdString());
            source->done(in("done.png").toStdString());
        }
        QCOMPARE(taken(*open()), QStringList{"open.png"});
        QFile memory(m_memory);
        QVERIFY(memory.open(QIODevice::ReadOnly));
        QCOMPARE(memory.readAll().count('\n'), 1);
    }

    void anotherPictureOfTheSameNameIsAnotherPicture()
    {
        const auto source = open();
        QVERIFY(write(in("ticket.png"), "first"));
        QCOMPARE(taken(*source), QStringList{"ticket.png"});
        source->done(in("ticket.png").toStdString());
        QVERIFY(write(in("ticket.png"), "the second"));
        QCOMPARE(taken(*source), QStringList{"ticket.png"});
        QCOMPARE(taken(*open()), QStringList{"ticket.png"});
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
            const auto source = FolderSource::open(path, m_memory.toStdString());
            QVERIFY(!source);
            QCOMPARE(source.error().code, base::ErrorCode::Unavailable);
            QVERIFY(source.error().message.starts_with(path));
        }
    }

private:
    QString in(const QString &name) const { return m_folder + "/" + name; }
    std::unique_ptr<FolderSource> open() const
    {
        auto source = FolderSource::open(m_folder.toStdString(), m_memory.toStdString());
        return source ? std::move(*source) : nullptr;
    }

    std::unique_ptr<QTemporaryDir> m_base;
    QString m_folder, m_memory;
};

QTEST_APPLESS_MAIN(FolderSourceTest)
#include "folder_source_test.moc"
