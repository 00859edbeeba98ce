#include "device/hal/folder/folder_source.h"
#include "device/hal/folder/picture_memory.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <sys/stat.h>

#include <cstdio>

using namespace voelgoed;
using namespace voelgoed::hal;

namespace {

bool write(const QString &path, const QByteArray &contents = "picture")
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(contents) == contents.size();
}

QByteArray contentsOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("none");
}

/// Names of all that is handed over, which has been dealt with then.
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

PictureStamp stamp(const std::string &name)
{
    return {name, 100, 1'700'000'000, 5};
}

} // namespace

/// What is remembered of watched folders.
class PictureMemoryTest : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_base = std::make_unique<QTemporaryDir>();
        for (const char *folder : {"one", "two"})
            QVERIFY(QDir().mkpath(in(folder)));
    }

    void aFolderKeepsItsMemoryBesideOthers()
    {
        for (const char *picture : {"one/a.png", "two/a.png", "two/b.png"})
            QVERIFY(write(in(picture), picture));
        for (int start = 1; start <= 4; ++start) {
            const auto one = open("one"), two = open("two");
            QCOMPARE(dealtWith(*one), start == 1 ? QStringList{"a.png"} : QStringList());
            QCOMPARE(dealtWith(*two), start == 1 ? (QStringList{"a.png", "b.png"}) : QStringList());
        }
    }

    void whatAnOlderVersionRememberedIsTakenOver()
    {
        QByteArray old;
        for (const char *name : {"one/a.png", "two/b.png", "two/t\tab.png", "two/back\\slash.png"}) {
            QVERIFY(write(in(name), name));
            struct stat status
            {};
            QVERIFY(::stat(qPrintable(in(name)), &status) == 0);
            old += QByteArray(name + 4) + "\t" + QByteArray::number(qint64(status.st_size)) + "\t" +
                   QByteArray::number(qint64(status.st_mtim.tv_sec)) + "." +
                   QByteArray::number(qint64(status.st_mtim.tv_nsec)) + "\n";
        }
        QVERIFY(write(in("watched.txt"), old + "gone.png\t1\t2.3\n" + "torn.png\t1"));
        QVERIFY(write(in("two/new.png")));
        for (int start = 1; start <= 2; ++start) {
            QVERIFY(dealtWith(*open("one")).isEmpty());
            QCOMPARE(dealtWith(*open("two")), start == 1 ? QStringList{"new.png"} : QStringList());
        }
        // From the first start on, it is the folder's own that counts.
        QVERIFY(QFile::remove(in("watched.txt")));
        QVERIFY(dealtWith(*open("one")).isEmpty());
        QVERIFY(dealtWith(*open("two")).isEmpty());
        QVERIFY(!contentsOf(in("memory-two")).contains("a.png"));
    }

    void whatIsGoneIsForgottenAtTheNextStart()
    {
        for (const char *name : {"one/kept.png", "one/gone.png"})
            QVERIFY(write(in(name)));
        QCOMPARE(dealtWith(*open("one")).size(), 2);
        QVERIFY(QFile::remove(in("one/gone.png")));
        QVERIFY(dealtWith(*open("one")).isEmpty());
        QCOMPARE(contentsOf(in("memory-one")).count('\n'), 2);
        QVERIFY(!contentsOf(in("memory-one")).contains("gone"));
    }

    void aNameIsRememberedWhateverItHolds_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::newRow("line end") << QByteArray("two\nlines.png");
        QTest::newRow("tab") << QByteArray("a\tb.png");
        QTest::newRow("a line's end and another's beginning") << QByteArray("a.png\t7\t1.2\nb.png");
        QTest::newRow("escape sequence") << QByteArray("\x1b[2J.png");
        QTest::newRow("backslashes") << QByteArray("\\0a\\.png");
        QTest::newRow("direction override") << QByteArray("a\u202Egnp.png");
        QTest::newRow("not UTF-8") << QByteArray("\xff\xfe.png");
        QTest::newRow("a file's first line") << QByteArray("voelgoed watched 2\t.png");
    }
    void aNameIsRememberedWhateverItHolds()
    {
        QFETCH(QByteArray, name);
        QVERIFY(write(in("one/b.png"), "another"));
        QFile file(in("one/new"));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("picture") == 7);
        file.close();
        QVERIFY(std::rename(qPrintable(in("one/new")), (in("one/").toUtf8() + name).constData()) == 0);
        QCOMPARE(dealtWith(*open("one")).size(), 2);
        QVERIFY(dealtWith(*open("one")).isEmpty());
        QVERIFY(dealtWith(*open("one")).isEmpty());
    }

    void aLineThatAPowerCutToreIsNoLineAndHarmsNoOther()
    {
        const QString file = in("memory");
        PictureMemory first(files(), "/pictures");
        for (const char *name : {"a.png", "b.png", "c.png"})
            QVERIFY(first.add(stamp(name), "0123456789abcdef"));
        const QByteArray whole = contentsOf(file);
        for (qsizetype length = 0; length <= whole.size(); ++length) {
            QVERIFY(write(file, whole.left(length)));
            PictureMemory cut(files(), "/pictures");
            for (const char *name : {"a.png", "b.png", "c.png"}) {
                const qsizetype end = whole.indexOf('\n', whole.indexOf(name)) + 1;
                QCOMPARE(cut.holds(stamp(name)), length >= end);
            }
            QVERIFY(cut.add(stamp("d.png"), "dd"));
            const PictureMemory again(files(), "/pictures");
            QVERIFY(again.holds(stamp("d.png"), "dd"));
            QCOMPARE(again.size(), cut.size());
        }
    }

    void pagesOfADocumentAreRememberedUntilItIsDone()
    {
        {
            PictureMemory memory(files(), "/pictures");
            QCOMPARE(memory.pagesOf(stamp("a.pdf"), "d1"), 0);
            for (const int pages : {1, 2, 17})
                QVERIFY(memory.addPages(stamp("a.pdf"), "d1", pages));
        }
        PictureMemory again(files(), "/pictures");
        QCOMPARE(again.pagesOf(stamp("a.pdf"), "d1"), 17);
        QCOMPARE(again.pagesOf(stamp("a.pdf"), "d2"), 0);
        QVERIFY(!again.holds(stamp("a.pdf")));
        QVERIFY(again.add(stamp("a.pdf"), "d1"));
        QVERIFY(PictureMemory(files(), "/pictures").holds(stamp("a.pdf"), "d1"));
    }

    void aMemoryThatCannotBeWrittenSaysSoAndCatchesUp()
    {
        PictureMemory memory({in("later/memory").toStdString(), {}}, "/pictures");
        const auto added = memory.add(stamp("a.png"), "d1");
        QVERIFY(!added);
        QCOMPARE(added.error().code, base::ErrorCode::Unavailable);
        QVERIFY(memory.holds(stamp("a.png"), "d1"));
        QVERIFY(QDir().mkpath(in("later")));
        QVERIFY(memory.add(stamp("b.png"), "d2"));
        const PictureMemory again({in("later/memory").toStdString(), {}}, "/pictures");
        QVERIFY(again.holds(stamp("a.png"), "d1"));
        QVERIFY(again.holds(stamp("b.png"), "d2"));
    }

    void stampsThatBeginAlikeAreNotTakenForEachOther()
    {
        PictureMemory memory(files(), "/pictures");
        QVERIFY(memory.add({"a.png", 1, 2, 34}, "d"));
        QVERIFY(memory.holds({"a.png", 1, 2, 34}));
        QVERIFY(!memory.holds({"a.png", 1, 2, 3}));
        QVERIFY(!memory.holds({"a.png", 1, 2, 345}));
        QVERIFY(!memory.holds({"a.pn", 1, 2, 34}));
    }

private:
    QString in(const QString &name) const { return m_base->filePath(name); }
    PictureMemory::Files files() const { return {in("memory").toStdString(), {}}; }
    std::unique_ptr<FolderSource> open(const QString &folder) const
    {
        auto source = FolderSource::open(in(folder).toStdString(),
                                         {in("memory-" + folder).toStdString(), in("watched.txt").toStdString()});
        return source ? std::move(*source) : nullptr;
    }

    std::unique_ptr<QTemporaryDir> m_base;
};

QTEST_APPLESS_MAIN(PictureMemoryTest)
#include "picture_memory_test.moc"
