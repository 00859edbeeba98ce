#include "server/slices/api/throttle.h"
#include "tests/server/slices/api/api_bench.h"
#include "tests/support/redis_process.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace std::chrono_literals;
using http::Method;

namespace {

const access::Actor kPlatform = test::superAdmin(work::kPlatform, "their plan");

} // namespace

/// How much keys may do, with Redis there and away.
class QuotasTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::RedisProcess> m_redis;
    std::unique_ptr<test::ApiBench> m_bench;
    int m_number = 0;

    test::ApiBench::Organization organization(int callsPerDay)
    {
        const auto made = m_bench->organization("o" + std::to_string(++m_number));
        const auto set = m_bench->ask(kPlatform, Method::Put, made.path + "/quotas",
                                      {{"calls_per_day", callsPerDay}, {"reason", "their plan"}});
        base::ensure(set.status == 200, set.body.c_str());
        return made;
    }

    int secondsUntilMidnight()
    {
        constexpr std::int64_t kDay = 86'400'000;
        const std::int64_t now = base::millisOf(m_bench->server.clock().now().wall);
        return static_cast<int>((kDay - now % kDay + 999) / 1000);
    }
    /// What is begun beside a call ends some time after it.
    void await(const std::function<bool()> &holds)
    {
        for (int i = 0; i < 1'000 && !holds(); ++i)
            m_bench->server.run(async::sleepFor(10ms));
        QVERIFY(holds());
    }
    std::vector<base::Json> warnings(const test::ApiBench::Organization &of)
    {
        std::vector<base::Json> found;
        for (const base::Json &row : m_bench->server.events(of.id)) {
            if (row.at("event").at("type").as_string() == "api.quota_warning.v1")
                found.push_back(row.at("event").at("data"));
        }
        return found;
    }

private slots:
    void initTestCase_data()
    {
        QTest::addColumn<bool>("redis");
        QTest::newRow("with Redis") << true;
        QTest::newRow("without") << false;
    }
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_redis = std::make_unique<test::RedisProcess>();
    }
    void init()
    {
        QFETCH_GLOBAL(bool, redis);
        test::ServerBench::Options options;
        if (redis)
            options.redis = m_redis->url();
        m_redis->flush();
        m_bench = std::make_unique<test::ApiBench>(*m_postgres, options);
    }
    void cleanup() { m_bench.reset(); }
    void cleanupTestCase()
    {
        m_redis.reset();
        m_postgres.reset();
    }

    void beyondItsQuotaAnOrganizationsKeysWait()
    {
        const auto one = organization(3), two = organization(3);
        const auto first = m_bench->key(one, {"see_team"}), second = m_bench->key(one, {"see_team"});
        const std::string path = one.path + "/members";
        QCOMPARE(m_bench->with(first.secret, path).status, 200);
        QCOMPARE(m_bench->with(second.secret, path).status, 200);
        const auto last = m_bench->with(first.secret, path);
        QCOMPARE(last.status, 200);
        QVERIFY(std::string(last.fields["RateLimit"]).find("\"api.day\";r=0") != std::string::npos);
        for (const std::string &secret : {first.secret, second.secret}) {
            const auto denied = m_bench->with(secret, path);
            QCOMPARE(denied.status, 429);
            QCOMPARE(denied.code(), std::string("quota_exceeded"));
            const int retry = std::stoi(std::string(denied.fields["Retry-After"]));
            QCOMPARE(retry, secondsUntilMidnight());
            QVERIFY(std::string(denied.fields["RateLimit-Policy"]).find("\"api.day\";q=3;w=86400") !=
                    std::string::npos);
        }
        // Neither people nor another organization's keys are counted with them.
        QCOMPARE(m_bench->ask(one.owner, Method::Get, path).status, 200);
        QCOMPARE(m_bench->with(m_bench->key(two, {"see_team"}).secret, two.path + "/members").status, 200);
    }

    void aNewDayBeginsAnew()
    {
        const auto one = organization(1);
        const auto key = m_bench->key(one, {"see_team"});
        const std::string path = one.path + "/members";
        QCOMPARE(m_bench->with(key.secret, path).status, 200);
        QCOMPARE(m_bench->with(key.secret, path).status, 429);
        m_bench->server.clock().pass(std::chrono::seconds(secondsUntilMidnight() + 1));
        QCOMPARE(m_bench->with(key.secret, path).status, 200);
        QCOMPARE(m_bench->with(key.secret, path).status, 429);
    }

    void aFlushOfRedisGivesNothingAway()
    {
        const auto one = organization(3);
        const auto key = m_bench->key(one, {"see_team"});
        const std::string path = one.path + "/members";
        for (int i = 0; i < 2; ++i)
            QCOMPARE(m_bench->with(key.secret, path).status, 200);
        m_redis->flush();
        QCOMPARE(m_bench->with(key.secret, path).status, 200);
        QCOMPARE(m_bench->with(key.secret, path).status, 429);
    }

    void whatWasUsedWhileRedisWasAwayCounts()
    {
        test::RedisProcess redis(test::RedisProcess::Kind::Alone, test::RedisProcess::Files::Append);
        test::ServerBench::Options options;
        options.redis = redis.url();
        m_bench = std::make_unique<test::ApiBench>(*m_postgres, options);
        const auto one = organization(6);
        const auto key = m_bench->key(one, {"see_team"});
        const auto use = [&] { return m_bench->with(key.secret, one.path + "/members").status; };
        for (int i = 0; i < 2; ++i)
            QCOMPARE(use(), 200);
        redis.stop();
        for (int i = 0; i < 2; ++i)
            QCOMPARE(use(), 200);
        redis.start();
        // Connected again when a limit is not this process's alone.
        await([&] {
            const std::vector<std::string> ping{"PING"};
            return bool(m_bench->server.run(m_bench->server.kernel().redis.call(ping)));
        });
        for (int i = 0; i < 2; ++i)
            QCOMPARE(use(), 200);
        QCOMPARE(use(), 429);
    }

    void fourFifthsAndTheWholeAreToldOnceADay()
    {
        const auto one = organization(5);
        const auto key = m_bench->key(one, {"see_team"});
        const std::string path = one.path + "/members";
        const auto use = [&](int times) {
            for (int i = 0; i < times; ++i)
                m_bench->with(key.secret, path);
        };
        use(3);
        QVERIFY(warnings(one).empty());
        use(1);
        await([&] { return warnings(one).size() == 1; });
        QCOMPARE(warnings(one)[0].at("percent").to_number<int>(), 80);
        use(3);
        await([&] { return warnings(one).size() == 2; });
        QCOMPARE(warnings(one)[1], base::Json({{"percent", 100},
                                               {"used", 5},
                                               {"calls_per_day", 5},
                                               {"day", warnings(one)[0].at("day").as_string()}}));
        m_redis->flush();
        use(5);
        QCOMPARE(warnings(one).size(), std::size_t{2});
    }

    void aKeyIsToldWhatIsLeft()
    {
        const auto one = organization(10);
        const auto key = m_bench->key(one, {"see_team"});
        QCOMPARE(m_bench->with(key.secret, one.path + "/members").status, 200);
        const auto shown = m_bench->with(key.secret, "/v1/rate-limit");
        QVERIFY2(shown.status == 200, shown.body.c_str());
        const auto &limits = shown.json.at("data").as_array();
        QCOMPARE(limits.size(), std::size_t{3});
        QCOMPARE(limits[0].at("policy").as_string(), "api.key");
        QCOMPARE(limits[0].at("quota").to_number<int>(), 1'000);
        // Two calls, and what was taken ahead for more of them.
        QVERIFY(limits[0].at("remaining").to_number<int>() >= 90);
        QCOMPARE(limits[2], base::Json({{"policy", "api.day"},
                                        {"quota", 10},
                                        {"window_seconds", 86'400},
                                        {"remaining", 8},
                                        {"reset_seconds", secondsUntilMidnight()}}));
        QCOMPARE(m_bench->ask(one.owner, Method::Get, "/v1/rate-limit").status, 403);
    }

    void aKeyHasNoMoreThanAHundredCallsInHand()
    {
        const auto one = organization(1'000'000);
        const auto key = m_bench->key(one, {"see_team"});
        const access::Actor actor = [&] {
            access::Actor made;
            made.kind = access::ActorKind::ApiKey;
            made.id = *base::uuidFrom(key.id);
            made.organization = one.id;
            return made;
        }();
        auto &kernel = m_bench->server.kernel();
        api::Usage usage(kernel.database);
        api::DayQuotas quotas({kernel.executor, kernel.database, kernel.redis, kernel.clock, kernel.random, usage});
        api::KeyThrottle throttle({kernel.limiter, quotas, usage, kernel.clock, {}});
        const actions::Declaration declaration{.policy = access::Policy::anyone()};
        const http::Request request;
        const boost::json::object none;
        const actions::Throttle::Asking asking{declaration, actor, request, none};
        std::vector<actions::Throttle::Verdict> held;
        for (std::size_t i = 0; i < api::kCallsAtOnce; ++i) {
            held.push_back(m_bench->server.run(throttle.count(asking)));
            QVERIFY(held.back().allowed);
        }
        QVERIFY(!m_bench->server.run(throttle.count(asking)).allowed);
        held.pop_back();
        m_bench->server.clock().pass(60s);
        const auto again = m_bench->server.run(throttle.count(asking));
        // It has room in hand again; of its rate a minute it may have used all.
        QVERIFY(again.allowed || !again.fields.empty());
    }

    void aKeyMayHaveAHundredCallsAtOnce()
    {
        const auto one = organization(1'000'000);
        const auto key = m_bench->key(one, {"see_team"});
        std::vector<test::Ask> asks(130, {access::Actor::nobody(), Method::Get, one.path + "/members"});
        for (test::Ask &ask : asks)
            ask.fields = {{"Authorization", "Bearer " + key.secret}};
        int allowed = 0;
        for (const test::Reply &reply : m_bench->server.callAll(asks)) {
            QVERIFY2(reply.status == 200 || reply.status == 429, reply.body.c_str());
            allowed += reply.status == 200 ? 1 : 0;
        }
        // By Redis's own clock some come back while they are made; the test's clock stands still.
        QFETCH_GLOBAL(bool, redis);
        QVERIFY2(redis ? allowed >= 100 : allowed == 100, std::to_string(allowed).c_str());
    }

    void whatAPolicyRefusesIsNotCounted()
    {
        const auto one = organization(1);
        const auto key = m_bench->key(one, {"manage_devices"});
        for (int i = 0; i < 3; ++i)
            QCOMPARE(m_bench->with(key.secret, one.path + "/members").status, 403);
        QCOMPARE(m_bench->with(key.secret, "/v1/devices").status, 200);
        QCOMPARE(m_bench->with(key.secret, "/v1/devices").status, 429);
    }

    void onlyThePlatformSetsQuotas()
    {
        const auto one = organization(5);
        const base::Json more{{"calls_per_day", 1'000}, {"reason", "more"}};
        QCOMPARE(m_bench->ask(one.owner, Method::Put, one.path + "/quotas", more).status, 403);
        QCOMPARE(m_bench->ask(one.owner, Method::Get, "/v1/quotas").json.at("calls_per_day").to_number<int>(), 5);
        for (const std::int64_t wrong : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1'000'000'001}}) {
            QCOMPARE(
                m_bench->ask(kPlatform, Method::Put, one.path + "/quotas", {{"calls_per_day", wrong}, {"reason", "x"}})
                    .pointer(),
                std::string("/calls_per_day"));
        }
        QCOMPARE(
            m_bench->ask(kPlatform, Method::Put, "/v1/orgs/018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01/quotas", more).status,
            404);
        const auto audit = m_bench->server.audits(one.id).back();
        QCOMPARE(audit.at("action").as_string(), "api.set_quota");
        QCOMPARE(audit.at("after"), base::Json({{"calls_per_day", 5}}));
    }

    void usageIsWrittenByDayAndKept()
    {
        const auto one = organization(5);
        const auto key = m_bench->key(one, {"see_team"});
        const base::Uuid id = *base::uuidFrom(key.id), stranger = test::tenant(7);
        api::Usage usage(m_bench->server.database());
        using Outcome = api::Usage::Outcome;
        const base::Instant today = m_bench->server.clock().now().wall;
        usage.count(one.id, id, today - 24h, Outcome::Allowed);
        usage.count(one.id, id, today, Outcome::Allowed);
        usage.count(one.id, id, today, Outcome::Denied);
        usage.count(one.id, stranger, today, Outcome::Allowed);
        QVERIFY(m_bench->server.run(usage.writeDown()));
        usage.count(one.id, id, today, Outcome::Allowed);
        QVERIFY(m_bench->server.run(usage.writeDown()));
        QVERIFY(usage.pending().empty());
        const auto shown = m_bench->ask(one.owner, Method::Get, "/v1/usage?key=" + key.id);
        QVERIFY2(shown.status == 200, shown.body.c_str());
        const auto &rows = shown.json.at("data").as_array();
        QCOMPARE(rows.size(), std::size_t{2});
        QCOMPARE(rows[0].at("day").as_string(), "2026-12-05");
        QCOMPARE(rows[0].at("calls").to_number<int>(), 3);
        QCOMPARE(rows[0].at("denied").to_number<int>(), 1);
        QCOMPARE(rows[1].at("day").as_string(), "2026-12-04");
        QCOMPARE(m_bench->ask(one.owner, Method::Get, "/v1/api-keys/" + key.id).text("last_used_on"),
                 std::string("2026-12-05"));
        QVERIFY(m_bench->ask(organization(5).owner, Method::Get, "/v1/usage").json.at("data").as_array().empty());
    }

    void usageThatCannotBeWrittenIsKept()
    {
        const auto one = organization(5);
        const auto key = m_bench->key(one, {"see_team"});
        api::Usage usage(m_bench->server.database());
        usage.count(one.id, *base::uuidFrom(key.id), m_bench->server.clock().now().wall, api::Usage::Outcome::Allowed);
        const auto before = usage.pending();
        m_bench->server.execute("REVOKE INSERT ON api.usage_daily FROM vg_app");
        QVERIFY(!m_bench->server.run(usage.writeDown()));
        QVERIFY(usage.pending() == before);
        m_bench->server.execute("GRANT INSERT ON api.usage_daily TO vg_app");
        QVERIFY(m_bench->server.run(usage.writeDown()));
        QCOMPARE(m_bench->server.execute("SELECT calls FROM api.usage_daily WHERE key_id = '" + key.id + "'"),
                 std::string("1"));
    }
};

QTEST_GUILESS_MAIN(QuotasTest)
#include "quotas_test.moc"
