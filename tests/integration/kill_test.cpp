#include "tests/integration/gate_process.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMap>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <csignal>
#include <set>

using namespace voelgoed::integration;

namespace {

constexpr int kKills = 100;
constexpr int kTickets = 40;

QJsonObject object(const QByteArray &line)
{
    return QJsonDocument::fromJson(line).object();
}

/// A row as both sides name it.
using Key = std::pair<qint64, qint64>; ///< epoch, sequence

Key keyOf(const QJsonObject &row)
{
    return {row["epoch"].toInteger(), row["seq"].toInteger()};
}

} // namespace

QJsonArray exportedFrom(const QString &data)
{
    QJsonArray rows;
    for (const QByteArray &line : gate({"export", "--data", data}).out.split('\n')) {
        if (!line.isEmpty())
            rows.append(object(line));
    }
    return rows;
}

/// Pulls the plug on a real gate at random moments.
class KillTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY(m_folder.isValid());
        const Ran made = gate({"practice", "--out", m_folder.filePath("event"), "--tickets", QString::number(kTickets),
                               "--foreign", "3000", "--draw", "0", "--seed", "7"});
        QCOMPARE(made.status, 0);
        QFile guests(m_folder.filePath("event/guests.csv"));
        QVERIFY(guests.open(QIODevice::ReadOnly));
        guests.readLine();
        while (!guests.atEnd())
            m_codes << guests.readLine().split(',').at(7);
        QCOMPARE(m_codes.size(), 3000);
    }

    void everyScanThatWasShownIsThereExactlyOnce()
    {
        const QString data = m_folder.filePath("data");
        QCOMPARE(gate({"load", "--data", data, "--yes", m_folder.filePath("event/practice.bundle")}).status, 0);
        QRandomGenerator random(4711);
        QMap<QByteArray, int> greens; ///< by code: how often somebody was shown in
        std::set<Key> shown;
        int next = 0, interrupted = 0, doubts = 0;
        qsizetype rowsBefore = 0;
        for (int round = 0; round < kKills; ++round) {
            QProcess process;
            process.start(program("voelgoed-gate"), {"run", "--data", data, "--gate", "north", "--json"});
            QVERIFY(process.waitForStarted());
            QByteArray input;
            const int first = next;
            // The last codes of the round before come again: whoever was not shown an answer tries once more.
            const int from = std::max(0, first - 2);
            for (int i = from; i < std::min<int>(from + 60, static_cast<int>(m_codes.size())); ++i)
                input += m_codes[i] + "\n";
            process.write(input);
            process.waitForBytesWritten();
            if (round % 4 == 3)
                process.closeWriteChannel();
            // At any moment of its start, or in the middle of the codes, however busy the machine is.
            if (round % 2 == 0)
                process.waitForReadyRead();
            QTest::qSleep(static_cast<int>(random.bounded(round % 2 == 0 ? 40 : 85)));
            ::kill(static_cast<pid_t>(process.processId()), SIGKILL);
            process.waitForFinished();
            interrupted += process.exitStatus() == QProcess::CrashExit;
            const QByteArrayList lines = process.readAllStandardOutput().split('\n');
            int answers = 0;
            for (const QByteArray &line : lines) {
                const QJsonObject answer = object(line);
                if (answer.isEmpty())
                    continue;
                QVERIFY(answer["durable"].toBool());
                shown.insert(keyOf(answer));
                if (answer["outcome"] == "admit" && answer["reason"] != "ok_repeat")
                    ++greens[m_codes[from + answers]];
                ++answers;
            }
            next = std::max(first, from + answers);
            // Where the plug left a scan in doubt, its code is shown green once more, without a row.
            const QJsonArray rows = exportedFrom(data);
            const QJsonObject last = rows.isEmpty() ? QJsonObject() : rows.last().toObject();
            if (round % 3 == 0 && rows.size() > rowsBefore && !last["shown"].toBool() && last["outcome"] == "admit") {
                const QByteArray twice = (codeOf(last) + "\n").repeated(2);
                const QByteArrayList again =
                    gate({"run", "--data", data, "--gate", "north", "--json"}, twice).out.split('\n');
                QCOMPARE(object(again.at(0))["reason"].toString(), "ok_repeat");
                QCOMPARE(keyOf(object(again.at(0))), keyOf(last));
                QCOMPARE(object(again.at(1))["reason"].toString(), "already_used");
                QCOMPARE(exportedFrom(data).size(), rows.size() + 1);
                ++doubts;
            }
            rowsBefore = exportedFrom(data).size();
        }
        QVERIFY2(doubts >= 5, qPrintable(QString::number(doubts)));
        QVERIFY2(interrupted > kKills / 2, qPrintable(QString::number(interrupted)));
        QVERIFY2(next > 200, qPrintable(QString::number(next)));

        const Ran exported = gate({"export", "--data", data});
        QCOMPARE(exported.status, 0);
        std::map<Key, int> rows;
        QMap<qint64, int> admitted; ///< by ordinal
        qint64 lastSequence = 0;
        for (const QByteArray &line : exported.out.split('\n')) {
            const QJsonObject row = object(line);
            if (row.isEmpty())
                continue;
            ++rows[keyOf(row)];
            QCOMPARE(row["seq"].toInteger(), ++lastSequence);
            if (row["outcome"] == "admit")
                ++admitted[row["ordinal"].toInteger()];
        }
        for (const Key &key : shown)
            QCOMPARE(rows[key], 1);
        for (const int times : admitted)
            QCOMPARE(times, 1);
        for (const int times : greens)
            QCOMPARE(times, 1);

        const QJsonObject status = object(gate({"status", "--data", data, "--json"}).out);
        QCOMPARE(status["journal_rows"].toInteger(), lastSequence);
        QCOMPARE(status["admitted"].toInteger(), admitted.size());
        QCOMPARE(status["storage"].toString(), "good");
    }

    void aScanInDoubtIsShownOnceMoreAndCountsOnce()
    {
        const QString data = m_folder.filePath("doubt");
        QCOMPARE(gate({"load", "--data", data, "--yes", m_folder.filePath("event/practice.bundle")}).status, 0);
        // A gate whose output is gone: the row is durable, and nobody saw it.
        QProcess process;
        process.start("/bin/sh", {"-c", QString("%1 run --data %2 --json | :").arg(program("voelgoed-gate"), data)});
        QVERIFY(process.waitForStarted());
        process.waitForReadyRead(300);
        process.write(m_codes[0] + "\n");
        process.closeWriteChannel();
        QVERIFY(process.waitForFinished());
        QCOMPARE(object(gate({"status", "--data", data, "--json"}).out)["in_doubt"].toInt(), 1);

        const QByteArray thrice = m_codes[0] + "\n" + m_codes[0] + "\n";
        const QByteArrayList answers = gate({"run", "--data", data, "--json"}, thrice).out.split('\n');
        QCOMPARE(object(answers.at(0))["reason"].toString(), "ok_repeat");
        QCOMPARE(object(answers.at(0))["seq"].toInt(), 1);
        QCOMPARE(object(answers.at(1))["reason"].toString(), "already_used");
        const QByteArrayList rows = gate({"export", "--data", data}).out.trimmed().split('\n');
        QCOMPARE(rows.size(), 2);
        QCOMPARE(object(rows.at(0))["reason"].toString(), "ok");
        QVERIFY(object(rows.at(0))["shown"].toBool());
        QCOMPARE(object(gate({"status", "--data", data, "--json"}).out)["admitted"].toInt(), 1);
    }

private:
    /// Guests have the ordinals behind the signed tickets.
    QByteArray codeOf(const QJsonObject &row) const { return m_codes.at(row["ordinal"].toInt() - kTickets - 1); }

    QTemporaryDir m_folder;
    QByteArrayList m_codes;
};

QTEST_GUILESS_MAIN(KillTest)
#include "kill_test.moc"
