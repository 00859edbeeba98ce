// Everything that can die does, again and again, while people walk in at two gates.
#include "server/platform/clock/system_clock.h"
#include "server/slices/scanning/live/mirror.h"
#include "server/slices/scanning/reconcile.h"
#include "shared/base/crypto/system_random.h"
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

    /// What the server's own reconciliation finds to be wrong, in Postgres' counters and in all that Redis holds of the
    /// event: flags, claims, sums, shifts. Empty: nothing.
    static std::string drift(const Backstage &stage, scanning::EventKey event)
    {
        boost::asio::io_context context;
        platform::SystemClock clock;
        base::SystemRandom random;
        pg::Pool pool(context.get_executor(), {.url = stage.server.postgresUrl("vg_app"), .connections = 2});
        redis::Client client(context.get_executor(), {.url = stage.server.redisUrl()});
        work::Database database({.pool = pool, .clock = clock, .random = random, .wakeRelay = {}, .wakeJobs = {}});
        scanning::Rulebooks rulebooks;
        const auto counters = test::runTask(context, scanning::reconcileCounters(database, event, rulebooks));
        if (!counters || !counters->empty())
            return counters ? "counters in Postgres" : counters.error().message;
        scanning::Mirror mirror(
            {.executor = context.get_executor(), .database = database, .redis = client, .random = random});
        const auto copies = test::runTask(context, mirror.reconcile(event));
        return copies ? copies->value_or("") : copies.error().message;
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
        // Two ways in, and one out.
        const std::vector<QString> data{devices.filePath("north"), devices.filePath("south"), devices.filePath("out")};
        constexpr std::size_t kOut = 2;
        const auto started = [&](std::size_t at) {
            QStringList more{"--json", "--drain", "60"};
            if (at == kOut)
                more << "--gate"
                     << "north"
                     << "--checkpoint"
                     << "main"
                     << "--direction"
                     << "exit";
            return std::make_unique<RunningGate>(data[at], more);
        };
        std::vector<std::unique_ptr<RunningGate>> gates;
        for (std::size_t at = 0; at < data.size(); ++at) {
            QVERIFY(!stage.pair(data[at], event).empty());
            gates.push_back(started(at));
            QVERIFY2(gates.back()->isUp(), gates.back()->errors());
        }
        const int seed =
            qEnvironmentVariableIsSet("VOELGOED_SEED") ? qEnvironmentVariableIntValue("VOELGOED_SEED") : 20261127;
        qInfo("VOELGOED_SEED=%d", seed);
        std::mt19937 random(static_cast<std::mt19937::result_type>(seed));
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
                // Some leave again, and some codes are nobody's.
                if (n == 2)
                    QVERIFY(!gates[kOut]->scan(code)["outcome"].toString().isEmpty());
                if (n == 4)
                    QVERIFY(!gates[at]->scan("NO-" + code)["outcome"].toString().isEmpty());
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
                const std::size_t at = random() % gates.size();
                gates[at]->kill(SIGKILL);
                gates[at] = started(at);
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
            "SELECT count(*) FROM (SELECT checkpoint, gate, "
            "sum(count) FILTER (WHERE outcome = 'admit' AND NOT is_exit) AS entries, "
            "sum(count) FILTER (WHERE outcome = 'admit' AND is_exit) AS exits, "
            "count(*) FILTER (WHERE outcome <> 'admit') AS refused FROM scanning.scans WHERE event_id = '" +
            id +
            "' AND NOT is_test GROUP BY 1, 2) AS rows FULL JOIN (SELECT * FROM scanning.occupancy WHERE event_id = '" +
            id +
            "') AS kept USING (checkpoint, gate) WHERE (coalesce(rows.entries, 0), coalesce(rows.exits, 0), "
            "coalesce(rows.refused, 0)) <> (coalesce(kept.entries, 0), coalesce(kept.exits, 0), "
            "coalesce(kept.refused, 0))");
        QCOMPARE(QByteArray::fromStdString(differing), QByteArray("0"));
        QVERIFY(stage.desk->execute("SELECT sum(exits) FROM scanning.occupancy WHERE event_id = '" + id + "'") != "0");
        // Each admission beyond the first of a ticket is known as a double.
        const std::string excess = stage.desk->execute(
            "SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM scanning.scans WHERE event_id = '" + id +
            "' AND outcome = 'admit' AND NOT is_exit GROUP BY ordinal) AS tickets");
        QCOMPARE(stage.desk->execute("SELECT count(*) FROM scanning.doubles WHERE event_id = '" + id + "'"), excess);
        // And all that lies in Redis is what Postgres holds.
        QCOMPARE(drift(stage, {*base::uuidFrom(stage.organization), event}), std::string());
        QCOMPARE(stage.server.stop(), 0);
    }
};

QTEST_GUILESS_MAIN(ServerChaosTest)
#include "server_chaos_test.moc"
