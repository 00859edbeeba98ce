#include "tests/integration/running_gate.h"

#include <QDir>
#include <QDirIterator>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QtTest/QtTest>

using namespace voelgoed::integration;

namespace {

QByteArray contentsOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// Every file below a folder, by its path there.
QMap<QString, QByteArray> filesIn(const QString &folder)
{
    QMap<QString, QByteArray> files;
    for (QDirIterator at(folder, QDir::Files, QDirIterator::Subdirectories); at.hasNext();) {
        const QString path = at.next();
        files[QDir(folder).relativeFilePath(path)] = contentsOf(path);
    }
    return files;
}

/// The lines of a table behind its head.
QByteArrayList rowsOf(const QString &path)
{
    QByteArrayList rows = contentsOf(path).chopped(1).split('\n');
    rows.removeFirst();
    return rows;
}

} // namespace

/// The verb `practice`.
class PracticeVerbTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY(m_folder.isValid());
        QVERIFY(make("event", {"--seed", "5"}));
    }

    void theSameSeedGivesTheSameFiles()
    {
        QVERIFY(make("again", {"--seed", "5"}));
        const auto files = filesIn(path("event"));
        QCOMPARE(files.keys(),
                 (QStringList{"guests.csv", "practice.bundle", "practice.key", "practice.pub", "tickets.csv",
                              "tickets.pdf", "tickets/ticket-000001.png", "tickets/ticket-000002.png",
                              "tickets/ticket-000003.png", "tickets/ticket-000004.png"}));
        for (const QString &name : files.keys()) {
            QVERIFY2(!files[name].isEmpty(), qPrintable(name));
            QVERIFY2(contentsOf(path("again/" + name)) == files[name], qPrintable(name));
        }
    }

    void anotherSeedGivesOthers()
    {
        QVERIFY(make("other", {"--seed", "6"}));
        QVERIFY(make("free", {}));
        QVERIFY(make("freer", {}));
        for (const char *name : {"guests.csv", "practice.bundle", "practice.key", "tickets.csv", "tickets.pdf",
                                 "tickets/ticket-000001.png"}) {
            QSet<QByteArray> all;
            for (const char *event : {"event", "other", "free", "freer"})
                all << contentsOf(path(QString("%1/%2").arg(event, name)));
            QVERIFY2(all.size() == 4, name);
        }
    }

    void theDoorsOpenWhenOneSays()
    {
        QVERIFY(make("early", {"--seed", "5", "--at", "2026-01-01T08:00:00Z"}));
        QCOMPARE(contentsOf(path("early/guests.csv")), contentsOf(path("event/guests.csv")));
        QVERIFY(contentsOf(path("early/practice.bundle")) != contentsOf(path("event/practice.bundle")));
    }

    void thereAreAsManyAsWereAskedFor()
    {
        QCOMPARE(rowsOf(path("event/tickets.csv")).size(), 4);
        const QByteArrayList guests = rowsOf(path("event/guests.csv"));
        QCOMPARE(guests.size(), 50);
        QSet<QByteArray> codes;
        for (const QByteArray &guest : guests) {
            QCOMPARE(guest.split(',').size(), 9);
            codes << guest.split(',').at(7);
        }
        QCOMPARE(codes.size(), 50);
        for (const QStringList &counts :
             {QStringList{"--tickets", "0", "--foreign", "3"}, QStringList{"--tickets", "3", "--foreign", "0"},
              QStringList{"--tickets", "5", "--draw", "0"}}) {
            const QString name = counts.join("");
            QVERIFY(make(name, counts));
            QCOMPARE(load(name).status, 0);
        }
        QVERIFY(!QFileInfo::exists(path("--tickets5--draw0/tickets.pdf")));
    }

    void theKeyIsTheOnlySignerAndPrivate()
    {
        const QFile::Permissions others = QFile::ReadGroup | QFile::ReadOther | QFile::WriteGroup | QFile::WriteOther;
        QVERIFY(!(QFile::permissions(path("event/practice.key")) & others));
        QVERIFY(make("stranger", {"--seed", "7"}));
        const auto trusting = [&](const char *key) {
            return gate({"load", "--data", path(QString("data-") + key), "--trust",
                         path(QString(key) + "/practice.key"), path("event/practice.bundle")})
                .status;
        };
        QCOMPARE(trusting("stranger"), 3);
        QCOMPARE(trusting("event"), 0);
    }

    void whatWasDrawnIsWhatWasListed()
    {
        QStringList pictures;
        for (int n = 1; n <= 4; ++n)
            pictures << path(QString("event/tickets/ticket-%1.png").arg(n, 6, 10, QChar('0')));
        const Ran ran = gate(QStringList{"decode"} + pictures + QStringList{path("event/tickets.pdf")});
        QCOMPARE(ran.status, 0);
        const QByteArrayList lines = ran.out.chopped(1).split('\n');
        QCOMPARE(lines.size(), 5);
        const QByteArrayList rows = rowsOf(path("event/tickets.csv"));
        const QJsonArray pages = jsonOf(lines[4])["codes"].toArray();
        QCOMPARE(pages.size(), 4);
        for (int n = 0; n < 4; ++n) {
            const QString code = QString::fromUtf8(rows[n].split('"').at(1));
            QCOMPARE(code.size(), 122);
            const QJsonArray codes = jsonOf(lines[n])["codes"].toArray();
            QCOMPARE(codes.size(), 1);
            QCOMPARE(codes[0]["text"].toString(), code);
            QCOMPARE(pages[n]["text"].toString(), code);
            QCOMPARE(pages[n]["page"].toInt(), n + 1);
        }
    }

    void everyCodeThatWasListedAdmits()
    {
        QCOMPARE(load("event").status, 0);
        QByteArray input;
        qsizetype codes = 0;
        for (const QByteArray &row : rowsOf(path("event/tickets.csv"))) {
            input += row.split('"').at(1) + "\n"; // signed
            ++codes;
        }
        for (const QByteArray &row : rowsOf(path("event/guests.csv"))) {
            input += row.split(',').at(7) + "\n";
            ++codes;
        }
        const Ran ran = gate({"run", "--json", "--data", path("data-of-event")}, input);
        QCOMPARE(ran.status, 0);
        QCOMPARE(ran.out.count("\"outcome\":\"admit\",\"reason\":\"ok\""), codes);
        for (const QByteArray &row : rowsOf(path("event/tickets.csv"))) {
            const Ran why =
                gate({"why", "--json", "--data", path("data-of-event"), QString::fromUtf8(row.split(',').last())});
            QCOMPARE(jsonOf(why.out)["form"].toString(), "a typed fallback code");
            QCOMPARE(jsonOf(why.out)["ordinal"].toInt(), row.split(',').first().toInt());
        }
    }

    void whatCannotBeMadeIsSaid_data()
    {
        QTest::addColumn<QStringList>("more");
        QTest::addColumn<QByteArray>("said");
        QTest::newRow("too many") << QStringList{"--out", path("many"), "--tickets", "16777216"}
                                  << QByteArray("at most 16777215 tickets");
        QTest::newRow("too many together")
            << QStringList{"--out", path("many"), "--tickets", "4000000000", "--foreign", "4000000000"}
            << QByteArray("at most 16777215 tickets");
        QTest::newRow("no folder") << QStringList{"--out", "/proc/none/event"} << QByteArray("/proc/none/event");
        QTest::newRow("a file in the way") << QStringList{"--out", "/etc/passwd"} << QByteArray("/etc/passwd");
        QTest::newRow("no time") << QStringList{"--out", path("time"), "--at", "2026-02-30T00:00:00Z"}
                                 << QByteArray("2026-02-30");
    }
    void whatCannotBeMadeIsSaid()
    {
        QFETCH(QStringList, more);
        QFETCH(QByteArray, said);
        const Ran ran = gate(QStringList{"practice"} + more);
        QCOMPARE(ran.status, 2);
        QVERIFY2(ran.err.contains(said), ran.err);
    }

private:
    QString path(const QString &name) const { return m_folder.filePath(name); }
    bool make(const QString &name, const QStringList &more) const
    {
        QStringList words{"practice", "--out", path(name)};
        const auto standard = [&](const QString &word, const QString &value) {
            if (!more.contains(word))
                words << word << value;
        };
        standard("--tickets", "4");
        standard("--foreign", "50");
        standard("--at", m_doors);
        return gate(words + more).status == 0;
    }
    Ran load(const QString &name) const
    {
        return gate({"load", "--data", path("data-of-" + name), "--trust", path(name + "/practice.key"),
                     path(name + "/practice.bundle")});
    }

    QTemporaryDir m_folder;
    // The same for all of them, also when a test runs across the turn of an hour.
    QString m_doors = QDateTime::currentDateTimeUtc().addSecs(-3'600).toString("yyyy-MM-ddTHH:00:00Z");
};

QTEST_GUILESS_MAIN(PracticeVerbTest)
#include "practice_verb_test.moc"
