#include "tests/integration/practice_bundle.h"
#include "tests/integration/running_gate.h"

#include "shared/base/bytes.h"

#include <QDir>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QtTest/QtTest>

using namespace voelgoed::integration;
namespace base = voelgoed::base;

namespace {

constexpr std::uint32_t kTickets = 20;
constexpr std::uint32_t kMany = 30'000;
constexpr int kKills = 12;

QString keyOf(const PracticeBundle &event)
{
    return "ed25519:" + QString::fromStdString(base::toHex(event.keys().bundle.publicKey()));
}

} // namespace

/// The verb `load`: whose bundles, which bundles, and what is left when it is interrupted.
class LoadVerbTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY(m_folder.isValid());
        writeFile(path("event.bundle"), m_event.bundle({.sequence = 10}));
        m_event.ticket(1).blocked = true;
        writeFile(path("older.bundle"), m_event.bundle({.sequence = 9}));
        writeFile(path("same.bundle"), m_event.bundle({.sequence = 10}));
        const QByteArray newer = m_event.bundle({.sequence = 11});
        writeFile(path("newer.bundle"), newer);
        writeFile(path("made_before.bundle"), m_event.bundle({.sequence = 10, .later = std::chrono::hours(-1)}));
        writeFile(path("newer_made_before.bundle"), m_event.bundle({.sequence = 12, .later = std::chrono::hours(-1)}));
        writeFile(path("another_event.bundle"), m_event.bundle({.sequence = 20, .event = "another"}));
        writeFile(path("stranger.bundle"), m_stranger.bundle({.sequence = 20}));
        writeFile(path("text.bundle"), "an event, signed, honestly\n");
        writeFile(path("empty.bundle"), {});
        writeFile(path("head.bundle"), newer.left(10));
        writeFile(path("half.bundle"), newer.left(newer.size() / 2));
        writeFile(path("short.bundle"), newer.chopped(1));
        QVERIFY(QDir().mkpath(path("folder.bundle")));
    }

    void init() { m_data = path(QString("data-%1").arg(++m_number)); }

    void aFirstLoadNamesTheSignerAndWantsAWord()
    {
        const Ran asked = load({}, "event.bundle");
        QCOMPARE(asked.status, 3);
        const QByteArray fingerprint = QByteArray::fromStdString(base::fingerprint(m_event.keys().bundle.publicKey()));
        QVERIFY2(asked.err.contains("Signed by " + fingerprint), asked.err);
        QVERIFY2(asked.err.contains("--yes"), asked.err);
        QCOMPARE(asked.out, QByteArray());
        QVERIFY(status()["event"].isNull());
        QCOMPARE(load({}, "event.bundle").status, 3); // asking is not agreeing

        const Ran agreed = load({"--yes"}, "event.bundle");
        QCOMPARE(agreed.status, 0);
        QVERIFY2(agreed.err.contains(fingerprint), agreed.err);
        QCOMPARE(agreed.out, QByteArray("Loaded Practice evening: 40 tickets, list 10.\n"));
        QCOMPARE(status()["signer"].toString().toUtf8(), fingerprint);
    }

    void trustMayBeGivenAsAKeyOrAFile_data()
    {
        QTest::addColumn<QString>("trust");
        const QString key = keyOf(m_event);
        QTest::newRow("key") << key;
        QTest::newRow("digits alone") << key.mid(8);
        QTest::newRow("a file with the key") << writeFile(path("key.txt"), key.toUtf8() + "\n");
        QTest::newRow("the practice key")
            << writeFile(path("practice.key"), QByteArray::fromStdString(m_event.keys().text()));
    }
    void trustMayBeGivenAsAKeyOrAFile()
    {
        QFETCH(QString, trust);
        const Ran loaded = load({"--trust", trust}, "event.bundle");
        QVERIFY2(loaded.status == 0, loaded.err);
        QCOMPARE(load({}, "newer.bundle").status, 0); // trusted from now on
    }

    void whoIsNotTrustedIsRefused_data()
    {
        QTest::addColumn<bool>("first");
        QTest::addColumn<QStringList>("more");
        QTest::addColumn<QString>("bundle");
        QTest::newRow("first load, another key") << true << QStringList{"--trust", keyOf(m_stranger)} << "event.bundle";
        QTest::newRow("first load, another key and yes")
            << true << QStringList{"--yes", "--trust", keyOf(m_stranger)} << "event.bundle";
        QTest::newRow("later, of somebody else") << false << QStringList{} << "stranger.bundle";
        QTest::newRow("later, yes is not enough") << false << QStringList{"--yes"} << "stranger.bundle";
        QTest::newRow("later, another key for ours")
            << false << QStringList{"--trust", keyOf(m_stranger)} << "newer.bundle";
    }
    void whoIsNotTrustedIsRefused()
    {
        QFETCH(bool, first);
        QFETCH(QStringList, more);
        QFETCH(QString, bundle);
        if (!first)
            QCOMPARE(load({"--yes"}, "event.bundle").status, 0);
        const Ran refused = load(more, bundle);
        QCOMPARE(refused.status, 3);
        QVERIFY2(refused.err.contains("whom this folder does not trust"), refused.err);
        if (first)
            QVERIFY(status()["event"].isNull());
        else
            QCOMPARE(sequence(), 10);
    }

    void whatIsNoBundleForThisFolderIsRefused_data()
    {
        QTest::addColumn<QString>("bundle");
        QTest::addColumn<QByteArray>("said");
        QTest::newRow("older") << "older.bundle" << QByteArray("older than the list on this device");
        QTest::newRow("of the same number, made before") << "made_before.bundle" << QByteArray("was made before");
        QTest::newRow("newer by its number, made before")
            << "newer_made_before.bundle" << QByteArray("was made before");
        QTest::newRow("another event's") << "another_event.bundle" << QByteArray("another");
        QTest::newRow("a text") << "text.bundle" << QByteArray("text.bundle");
        QTest::newRow("empty") << "empty.bundle" << QByteArray("empty.bundle");
        QTest::newRow("cut in its head") << "head.bundle" << QByteArray("head.bundle");
        QTest::newRow("cut in the middle") << "half.bundle" << QByteArray("half.bundle");
        QTest::newRow("a byte short") << "short.bundle" << QByteArray("short.bundle");
        QTest::newRow("not there") << "none.bundle" << QByteArray("none.bundle");
        QTest::newRow("a folder") << "folder.bundle" << QByteArray("folder.bundle");
    }
    void whatIsNoBundleForThisFolderIsRefused()
    {
        QFETCH(QString, bundle);
        QFETCH(QByteArray, said);
        QCOMPARE(load({"--yes"}, "event.bundle").status, 0);
        const QJsonObject before = status();
        const Ran refused = load({"--yes", "--trust", keyOf(m_event)}, bundle);
        QCOMPARE(refused.status, 2);
        QVERIFY2(refused.err.contains(said), refused.err);
        QCOMPARE(refused.out, QByteArray());
        QCOMPARE(status(), before);
        QCOMPARE(scan(1)["reason"].toString(), "ok");
    }

    void aCutBundleIsNoFirstLoadEither()
    {
        QCOMPARE(load({"--yes"}, "short.bundle").status, 2);
        QVERIFY(status()["event"].isNull());
        QCOMPARE(load({"--yes"}, "event.bundle").status, 0);
        QCOMPARE(sequence(), 10);
    }

    void theSameListAgainChangesNothing()
    {
        QCOMPARE(load({"--yes"}, "event.bundle").status, 0);
        const QJsonObject before = status();
        const Ran again = load({}, "event.bundle");
        QCOMPARE(again.status, 0);
        QVERIFY2(again.out.contains("loaded already"), again.out);
        QCOMPARE(status(), before);
    }

    void aDamagedCopyOfTheListInForceIsToldToBeOne()
    {
        QCOMPARE(load({"--yes"}, "event.bundle").status, 0);
        QFile file(path("event.bundle"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QByteArray bytes = file.readAll();
        bytes[bytes.size() - 20] = static_cast<char>(bytes[bytes.size() - 20] ^ 1);
        writeFile(path("damaged.bundle"), bytes);
        const Ran refused = load({}, "damaged.bundle");
        QCOMPARE(refused.status, 2);
        QVERIFY2(refused.err.contains("differs from what was signed"), refused.err);
    }

    void aFolderOfOtherThingsIsLeftAlone()
    {
        QVERIFY(QDir().mkpath(m_data));
        writeFile(m_data + "/holiday.jpg", "x");
        const Ran refused = load({"--yes"}, "event.bundle");
        QCOMPARE(refused.status, 2);
        QVERIFY2(refused.err.contains("other files"), refused.err);
        QCOMPARE(QDir(m_data).entryList(QDir::Files), QStringList{"holiday.jpg"});
    }

    void aListOfTheSameNumberThatSaysSomethingElseIsTaken()
    {
        QCOMPARE(load({"--yes"}, "event.bundle").status, 0);
        const QJsonValue checksum = status()["checksum"];
        QCOMPARE(load({}, "same.bundle").status, 0);
        QVERIFY(status()["checksum"] != checksum);
        QCOMPARE(scan(1)["reason"].toString(), "blocked");
    }

    void aNewerListKeepsTheJournal()
    {
        QCOMPARE(load({"--yes"}, "event.bundle").status, 0);
        QCOMPARE(scan(2)["reason"].toString(), "ok");
        QCOMPARE(load({}, "newer.bundle").status, 0);
        QCOMPARE(sequence(), 11);
        QCOMPARE(scan(2)["reason"].toString(), "already_used");
        QCOMPARE(scan(1)["reason"].toString(), "blocked");
        QCOMPARE(status()["journal_rows"].toInteger(), 3);
    }

    void aFolderIsMadeForItsOwnerAlone()
    {
        QCOMPARE(load({"--yes"}, "event.bundle").status, 0);
        const auto others = QFile::ReadGroup | QFile::WriteGroup | QFile::ExeGroup | QFile::ReadOther |
                            QFile::WriteOther | QFile::ExeOther;
        QVERIFY(!(QFile::permissions(m_data) & others));
        QVERIFY(!(QFile::permissions(m_data + "/device.json") & others));
    }

    void aKilledLoadLeavesTheOldListOrTheNewOneAndGoesOn()
    {
        PracticeBundle big(kMany / 2);
        writeFile(path("old.bundle"), big.bundle({.sequence = 1}));
        for (std::uint32_t n = 1; n <= kMany; ++n)
            big.ticket(n).blocked = true;
        writeFile(path("new.bundle"), big.bundle({.sequence = 2}));
        const auto isBlocked = [&](std::uint32_t n) {
            const Ran why = gate({"why", "--json", "--data", m_data, "--", QString::fromUtf8(big.foreignCode(n))});
            return jsonOf(why.out)["now"].toObject()["reason"] == "blocked";
        };

        QElapsedTimer took;
        took.start();
        QCOMPARE(load({"--yes"}, "old.bundle").status, 0);
        const int whole = static_cast<int>(took.elapsed());
        QCOMPARE(sequence(), 1);

        int killed = 0, wentOn = 0;
        for (int round = 0; sequence() == 1; ++round) {
            QVERIFY2(round < kKills * 4, "it never comes to an end");
            QProcess process;
            process.start(program("voelgoed-gate"), {"load", "--data", m_data, path("new.bundle")});
            QVERIFY(process.waitForStarted());
            // At another moment of the load each time; at last it is let be.
            const int moment = round < kKills ? whole * (round % 6 + 1) / 10 : 60'000;
            if (!process.waitForFinished(moment)) {
                process.kill();
                process.waitForFinished();
                ++killed;
            }
            wentOn += process.readAllStandardError().contains("Going on after");
            const QJsonObject status = this->status();
            QCOMPARE(status["tickets"].toInteger(), kMany);
            QCOMPARE(status["storage"].toString(), "good");
            const bool isNew = sequence() == 2;
            for (const std::uint32_t n : {1U, kMany / 4, kMany / 2})
                QCOMPARE(isBlocked(n), isNew);
        }
        QCOMPARE(sequence(), 2);
        QVERIFY2(killed > 0, "no load was interrupted");
        QVERIFY2(wentOn > 0, "no load went on where the one before it stopped");
    }

private:
    QString path(const QString &name) const { return m_folder.filePath(name); }
    Ran load(const QStringList &more, const QString &bundle) const
    {
        return gate(QStringList{"load", "--data", m_data} + more + QStringList{path(bundle)});
    }
    QJsonObject status() const { return jsonOf(gate({"status", "--json", "--data", m_data}).out); }
    qint64 sequence() const { return status()["cursor"].toObject()["sequence"].toInteger(); }
    QJsonObject scan(std::uint32_t n) const
    {
        return jsonOf(gate({"run", "--json", "--data", m_data}, m_event.signedCode(n) + "\n").out);
    }

    QTemporaryDir m_folder;
    PracticeBundle m_event{kTickets}, m_stranger{3, 2};
    QString m_data;
    int m_number = 0;
};

QTEST_GUILESS_MAIN(LoadVerbTest)
#include "load_verb_test.moc"
