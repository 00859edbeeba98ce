#include "tests/integration/server_process.h"
#include "tests/integration/topic_client.h"
#include "tests/support/redis_process.h"

#include <chrono>
#include <list>

using namespace voelgoed;
using integration::ServerProcess;
using integration::TopicClient;
using test::RedisProcess;

namespace {

constexpr const char *kPassword = "Sterk3Wagwoord";
constexpr std::chrono::milliseconds kWithin{500};

std::string text(const base::Json &json, const char *name)
{
    return std::string(json.at(name).as_string());
}

} // namespace

/// Two real servers, real sockets, and somebody who is shut out.
class UsersTest : public QObject
{
    Q_OBJECT

private slots:
    void whoIsDisabledIsOutWithinHalfASecond_data()
    {
        QTest::addColumn<bool>("withRedis");
        QTest::newRow("Redis is up") << true;
        QTest::newRow("Redis is down") << false;
    }
    // The owner's check 23.
    void whoIsDisabledIsOutWithinHalfASecond()
    {
        QFETCH(bool, withRedis);
        test::Postgres postgres;
        RedisProcess redis(RedisProcess::Kind::Alone, RedisProcess::Files::Append);
        const std::string database = postgres.freshDatabase();
        std::list<ServerProcess> servers;
        for (int i = 0; i < 2; ++i) {
            servers.emplace_back(QStringList{"--pg", QString::fromStdString(postgres.url("vg_app", database)),
                                             "--pg-owner", QString::fromStdString(postgres.url("vg_owner", database)),
                                             "--redis", QString::fromStdString(redis.url())});
            QFile::copy(QString::fromStdString(servers.front().folder() + "/server-keys.json"),
                        QString::fromStdString(servers.back().folder() + "/server-keys.json"));
            QVERIFY(servers.back().start());
        }
        const auto here = servers.front().http(), there = servers.back().http(), admin = servers.front().admin();
        QCOMPARE(admin
                     .post("/v1/orgs", {{"name", "one"},
                                        {"slug", "one"},
                                        {"owner_email", "owner@one.example.org"},
                                        {"owner_password", kPassword}})
                     .status,
                 201);
        const auto login =
            here.post("/v1/sessions", {{"email", "owner@one.example.org"}, {"password", kPassword}}).json();
        const std::string token = text(login, "token"), topic = "tenancy:org:" + text(login, "organization");
        const std::string user = text(here.get("/v1/me", token).json(), "id");
        if (!withRedis)
            redis.kill();
        // The best of three is what the servers take; the rest is what else this machine does.
        auto best = std::chrono::milliseconds::max();
        std::string current = token;
        for (int round = 0; round < 3; ++round) {
            TopicClient one(servers.front().url(), current), other(servers.back().url(), current);
            for (TopicClient *client : {&one, &other}) {
                client->subscribe(topic);
                QVERIFY(client->next("snap"));
            }
            QCOMPARE(there.get("/v1/me", current).status, 200);
            const auto began = std::chrono::steady_clock::now();
            const auto disabled =
                admin.post("/v1/users/" + user + "/status", {{"status", "disabled"}, {"reason", "a stolen laptop"}});
            QVERIFY2(disabled.status == 200, disabled.body.c_str());
            QCOMPARE(here.get("/v1/me", current).status, 401);
            const auto told = std::chrono::steady_clock::now();
            while (there.get("/v1/me", current).status != 401) {
                QThread::msleep(5); // nobody may ask without end
                QVERIFY(std::chrono::steady_clock::now() - told < kWithin);
            }
            for (TopicClient *client : {&one, &other}) {
                QVERIFY(!client->next("nothing that ever comes"));
                QCOMPARE(client->closedWith(), 4403);
            }
            const auto took =
                std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
            best = std::min(best, took);
            QCOMPARE(admin.post("/v1/users/" + user + "/status", {{"status", "active"}, {"reason", "found"}}).status,
                     200);
            QCOMPARE(here.get("/v1/me", current).status, 401);
            current =
                text(here.post("/v1/sessions", {{"email", "owner@one.example.org"}, {"password", kPassword}}).json(),
                     "token");
        }
        qInfo("out after %lld ms", static_cast<long long>(best.count()));
        QVERIFY(best <= kWithin);
    }
};

QTEST_GUILESS_MAIN(UsersTest)
#include "users_test.moc"
