// Everything that can die does, again and again, while people walk in at two gates.
#include "server/slices/scanning/live/warm.h"
#include "tests/integration/backstage.h"
#include "tests/support/run_task.h"

#include <QtTest/QtTest>

#include <random>

using namespace voelgoed;
using integration::Backstage, integration::becomes, integration::jsonOf, integration::RunningGate;

class ServerChaosTest : public QObject
{
    Q_OBJECT

private:
    static QJsonObject status(const QString &data)
    {
        return jsonOf(integration::gate({"status", "--data", data, "--json"}).out);
    }

    /// An event's sums by gate as they lie in Redis; empty where they do not stand.
    static std::string inRedis(const std::string &url, scanning::EventKey event)
    {
        boost::asio::io_context context;
        redis::Client client(context.get_executor(), {.url = url});
        scanning::Warm figures(client);
        const auto point = test::runTask(context, figures.where(event));
        if (!point || point->epoch.empty())
            return {};
        auto gates = test::runTask(context, figures.gates(event, point->epoch));
        if (!gates)
            return {};
        std::sort(gates->begin(), gates->end(), [](const auto &a, const auto &b) { return a.of < b.of; });
        std::string text;
        for (const scanning::GateCount &gate : *gates) {
            text += (text.empty() ? "" : ", ") + gate.of.checkpoint + " " + gate.of.gate + " " +
                    std::to_string(gate.sum.entries) + " " + std::to_string(gate.sum.exits) + " " +
                    std::to_string(gate.sum.refused);
        }
        return text;
    }

private slots:
    // The owner's check 16.
    void whateverDiesNothingIsLostAndAllFiguresAgree()
    {
        const int rounds =
            qEnvironmentVariableIsSet("VOELGOED_ROUNDS") ? qEnvironmentVariableIntValue("VOELGOED_ROUNDS") : 100;
        Backstage stage;
        QVERIFY(stage.start());
        const base::Uuid event = stage.makeEvent(8'000);
        const std::string id = base::toText(event);
        QTemporaryDir devices;
        const std::vector<QString> data{devices.filePath("north"), devices.filePath("south")};
        std::vector<std::unique_ptr<RunningGate>> gates;
        for (const QString &each : data) {
            QVERIFY(!stage.pair(each, event).empty());
            gates.push_back(std::make_unique<RunningGate>(each, QStringList{"--json", "--drain", "60"}));
            QVERIFY2(gates.back()->isUp(), gates.back()->errors());
        }
        std::mt19937 random(20261127);
        int next = 1;
        std::map<std::string, int> disasters;
        for (int round = 0; round < rounds; ++round) {
            for (int n = 0; n < 8; ++n) {
                // Every eighth ticket was copied: it is shown at both.
                const QByteArray code = "CODE-" + QByteArray::number(next++);
                const std::size_t at = random() % 2;
                QVERIFY(!gates[at]->scan(code)["outcome"].toString().isEmpty());
                if (n == 0)
                    QVERIFY(!gates[1 - at]->scan(code)["outcome"].toString().isEmpty());
            }
            QTest::qWait(static_cast<int>(random() % 150));
            switch (random() % 5) {
            case 0:
                stage.server.killOne(random());
                QVERIFY(stage.server.start());
                ++disasters["server"];
                break;
            case 1:
                if (stage.server.killPostgres())
                    ++disasters["postgres"];
                break;
            case 2:
                if (stage.server.killRedis())
                    ++disasters["redis"];
                break;
            case 3:
                if (stage.server.flushRedis())
                    ++disasters["flush"];
                break;
            default: {
                const std::size_t at = random() % 2;
                gates[at]->kill(SIGKILL);
                gates[at] = std::make_unique<RunningGate>(data[at], QStringList{"--json", "--drain", "60"});
                QVERIFY2(gates[at]->isUp(), gates[at]->errors());
                ++disasters["gate"];
            }
            }
            // Sometimes the next blow comes before all is up again.
            if (random() % 2 == 0)
                QVERIFY(becomes([&] { return stage.http().get("/readyz").status == 200; }, 60'000));
        }
        QVERIFY(becomes([&] { return stage.http().get("/readyz").status == 200; }, 60'000));
        int journal = 0;
        for (std::size_t at = 0; at < gates.size(); ++at) {
            QVERIFY2(becomes([&] { return status(data[at])["unacknowledged"].toInt() == 0; }, 60'000),
                     QJsonDocument(status(data[at])).toJson());
            gates[at]->closeInput();
            QCOMPARE(gates[at]->end(), 0);
            const QJsonObject after = status(data[at]);
            QCOMPARE(after["unacknowledged"].toInt(), 0);
            QVERIFY2(after["checksum_agrees"].toBool(), QJsonDocument(after).toJson());
            journal += after["journal_rows"].toInt();
        }
        for (const char *what : {"server", "postgres", "redis", "flush", "gate"}) {
            qInfo("%s: %d times", what, disasters[what]);
            QVERIFY2(disasters[what] > 0, what);
        }
        // Each row that a gate recorded is in Postgres, once.
        QCOMPARE(stage.rows(event), journal);
        // Counters are what the rows say.
        const std::string differing = stage.desk->execute(
            "SELECT count(*) FROM (SELECT checkpoint, gate, sum(count) FILTER (WHERE outcome = 'admit' AND NOT "
            "is_exit) "
            "AS entries, count(*) FILTER (WHERE outcome <> 'admit') AS refused FROM scanning.scans WHERE "
            "event_id = '" +
            id +
            "' AND NOT is_test GROUP BY 1, 2) AS rows FULL JOIN (SELECT * FROM scanning.occupancy "
            "WHERE event_id = '" +
            id +
            "') AS kept USING (checkpoint, gate) WHERE coalesce(rows.entries, 0) <> "
            "coalesce(kept.entries, 0) OR coalesce(rows.refused, 0) <> coalesce(kept.refused, 0)");
        QCOMPARE(QByteArray::fromStdString(differing), QByteArray("0"));
        // Each admission beyond the first of a ticket is known as a double.
        const std::string excess = stage.desk->execute(
            "SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM scanning.scans WHERE event_id = '" + id +
            "' AND outcome = 'admit' GROUP BY ordinal) AS tickets");
        QCOMPARE(stage.desk->execute("SELECT count(*) FROM scanning.doubles WHERE event_id = '" + id + "'"), excess);
        // And what lies in Redis is what Postgres holds, gate by gate, once somebody has asked for it.
        const std::string kept = stage.desk->execute(
            "SELECT coalesce(string_agg(checkpoint || ' ' || gate || ' ' || entries || ' ' || exits || ' ' || refused, "
            "', ' ORDER BY checkpoint, gate), '') FROM scanning.occupancy WHERE event_id = '" +
            id + "'");
        QVERIFY(!kept.empty());
        std::string warm;
        QVERIFY2(
            becomes(
                [&] {
                    const auto answer = stage.http().get("/v1/events/" + id + "/occupancy", stage.token);
                    warm = inRedis(stage.server.redisUrl(), {*base::uuidFrom(stage.organization), *base::uuidFrom(id)});
                    return answer.status == 200 && warm == kept;
                },
                60'000),
            (warm + " in Redis, and in Postgres " + kept).c_str());
        QCOMPARE(stage.server.stop(), 0);
    }
};

QTEST_GUILESS_MAIN(ServerChaosTest)
#include "server_chaos_test.moc"
