// What holds a connection to Postgres for long (passwords, imports, documents) holds up no gate.
#include "tests/integration/backstage.h"
#include "tests/integration/hand_device.h"

#include <QtTest/QtTest>

#include <future>

using namespace voelgoed;
using integration::Backstage, integration::becomes, integration::HandDevice;

class SlowActionsTest : public QObject
{
    Q_OBJECT

private slots:
    void peopleWhoSignInHoldUpNoGate()
    {
        constexpr int kPeople = 20; // more than the server has connections of any kind
        Backstage stage;
        QVERIFY(stage.start());
        const base::Uuid event = stage.makeEvent(10);
        HandDevice device(stage.http(), stage.invite(event), stage.token, 7);
        const auto sendOne = [&](std::uint32_t ordinal) {
            return device.send(
                device.with({device.chain({device.scan(base::toText(event), ordinal)})}, base::toText(event)));
        };
        QCOMPARE(sendOne(1).status, 200);
        auto held = std::async(std::launch::async, [&] {
            stage.desk->execute("DO $$ BEGIN LOCK TABLE tenancy.users IN ACCESS EXCLUSIVE MODE; "
                                "WHILE NOT EXISTS (SELECT FROM pg_class WHERE relname = 'go_on') LOOP "
                                "PERFORM pg_sleep(0.05); END LOOP; END $$");
        });
        const auto waiting = [&] {
            return std::stoi(stage.desk->execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                                                 "AND datname = current_database()"));
        };
        QVERIFY(becomes([&] {
            return stage.desk->execute("SELECT count(*) FROM pg_locks WHERE relation = 'tenancy.users'::regclass AND "
                                       "mode = 'AccessExclusiveLock' AND granted") == "1";
        }));
        std::vector<std::future<int>> people;
        for (int n = 0; n < kPeople; ++n) {
            people.push_back(std::async(std::launch::async, [&stage, n] {
                const std::string email = "person" + std::to_string(n) + "@example.org";
                return stage.http().post("/v1/sessions", {{"email", email}, {"password", "Sterk3Wagwoord"}}).status;
            }));
        }
        // So many that whoever still comes in here waits for a connection of theirs.
        QVERIFY(becomes([&] { return waiting() >= 6; }));
        auto answer = std::async(std::launch::async, [&] {
            const int status = sendOne(2).status;
            return device.download(base::toText(event)) ? status : 0;
        });
        const bool isAnswered = answer.wait_for(std::chrono::seconds(20)) == std::future_status::ready;
        stage.desk->execute("CREATE TABLE go_on ()");
        held.get();
        QVERIFY(isAnswered);
        QCOMPARE(answer.get(), 200);
        for (std::future<int> &person : people)
            QCOMPARE(person.get(), 401);
        QCOMPARE(stage.rows(event), 2);
        QCOMPARE(stage.server.stop(), 0);
    }
};

QTEST_GUILESS_MAIN(SlowActionsTest)
#include "slow_actions_test.moc"
