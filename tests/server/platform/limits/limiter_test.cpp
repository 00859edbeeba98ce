#include "server/platform/limits/limiter.h"

#include "server/platform/limits/arithmetic.h"
#include "server/platform/limits/login.h"
#include "server/platform/limits/script.h"
#include "tests/support/hand_clock.h"
#include "tests/support/redis_process.h"
#include "tests/support/run_task.h"

#include <QtTest/QtTest>

#include <map>

using namespace voelgoed;
using namespace std::chrono_literals;
using limits::Ask;
using limits::Policy;
using test::RedisProcess;

Q_DECLARE_METATYPE(voelgoed::test::RedisProcess::Kind)

namespace {

const base::Uuid kOrganization = *base::uuidFrom("018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01");

// Nothing comes back within the test.
constexpr Policy kThree{.name = "three", .burst = 3, .rate = 1, .period = 1h};
constexpr Policy kFive{.name = "five", .shape = Policy::Shape::Window, .rate = 5, .period = 1h};
constexpr Policy kLarge{.name = "large", .burst = 200, .rate = 1, .period = base::Milliseconds(24h) / 250};
constexpr Policy kWrites{.name = "writes", .burst = 3, .rate = 1, .period = 1h, .away = Policy::Away::Refuse};

} // namespace

class LimiterTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase_data()
    {
        QTest::addColumn<RedisProcess::Kind>("kind");
        QTest::newRow("alone") << RedisProcess::Kind::Alone;
        QTest::newRow("a cluster of one") << RedisProcess::Kind::ClusterOfOne;
    }

    void init()
    {
        QFETCH_GLOBAL(RedisProcess::Kind, kind);
        if (!m_servers[kind])
            m_servers[kind] = std::make_unique<RedisProcess>(kind);
        m_redis = m_servers[kind].get();
        m_redis->flush();
        m_context = std::make_unique<boost::asio::io_context>();
        m_client = std::make_unique<redis::Client>(m_context->get_executor(), m_redis->patient());
        m_limited.clear();
        makeLimiter({});
    }

    void cleanup()
    {
        redis::KeyRegistry registry;
        for (const redis::Key &key : limits::keys())
            registry.add(key);
        m_limiter.reset();
        m_client.reset();
        m_context.reset();
        for (const std::string &complaint : m_redis->complaints(registry))
            QFAIL(complaint.c_str());
    }

    void aBurstIsAllowedAndThenDenied()
    {
        for (int left = 2; left >= 0; --left) {
            const auto decision = take({{&kThree, "a"}});
            QVERIFY(decision.allowed() && !decision.local);
            QCOMPARE(decision.outcome.remaining, left);
        }
        const auto denied = take({{&kThree, "a"}});
        QVERIFY(!denied.allowed());
        QCOMPARE(denied.policy, &kThree);
        QVERIFY(denied.outcome.retryAfter > 0ms && denied.outcome.retryAfter <= 1h);
        QVERIFY(denied.outcome.resetAfter > 2h && denied.outcome.resetAfter <= 3h);
        QVERIFY(take({{&kThree, "b"}}).allowed());
        QCOMPARE(m_limited, QStringList{"three"});
    }

    void organizationsDoNotShareALimit()
    {
        const auto own = redis::Tag::organization(kOrganization);
        for (int i = 0; i < 3; ++i)
            QVERIFY(take({{&kThree, "a"}}, own).allowed());
        QVERIFY(!take({{&kThree, "a"}}, own).allowed());
        QVERIFY(take({{&kThree, "a"}}, redis::Tag::organization({})).allowed());
        QVERIFY(take({{&kThree, "a"}}).allowed());
    }

    void severalAreTakenTogetherOrNotAtAll()
    {
        for (int i = 0; i < 3; ++i)
            QVERIFY(take({{&kThree, "a"}, {&kFive, "a"}}).allowed());
        for (int i = 0; i < 10; ++i) {
            const auto denied = take({{&kFive, "a"}, {&kThree, "a"}});
            QVERIFY(!denied.allowed());
            QCOMPARE(denied.policy, &kThree);
            QVERIFY(denied.each[0].allowed && !denied.each[1].allowed);
            QCOMPARE(denied.each[0].remaining, 2);
        }
        QCOMPARE(take({{&kFive, "a"}}).outcome.remaining, 1);
        QCOMPARE(take({{&kFive, "a", 0}}).outcome.remaining, 1); // only looks
    }

    void signingInIsLimitedByAddressNetworkAndBoth()
    {
        const auto login = [&](int ip, int email) {
            return take(
                limits::loginAsks("203.0.113." + std::to_string(ip), "u" + std::to_string(email) + "@example.org"));
        };
        for (int i = 0; i < 10; ++i)
            QVERIFY(login(1, 1).allowed());
        QCOMPARE(login(1, 1).policy, &limits::kLoginBoth);
        QVERIFY(login(2, 1).allowed()); // the 11th for the address
        for (int i = 0; i < 9; ++i)
            QVERIFY(login(3, 1).allowed());
        QCOMPARE(login(4, 1).policy, &limits::kLoginAddress);
        for (int i = 0; i < 50; ++i)
            QVERIFY(login(1, 100 + i).allowed());
        const auto sixtyFirst = login(1, 200);
        QCOMPARE(sixtyFirst.policy, &limits::kLoginIp);
        QVERIFY(sixtyFirst.outcome.retryAfter > 0ms && sixtyFirst.outcome.retryAfter <= 60s);
        QVERIFY(login(5, 200).allowed());
    }

    void scriptAndArithmeticSayTheSame()
    {
        base::SeededRandom random(11);
        const std::vector<Policy> policies{
            {.name = "a", .burst = 1, .rate = 1'000, .period = 1s},
            {.name = "b", .burst = 7, .rate = 3'333, .period = 1s},
            {.name = "c", .burst = 50, .rate = 7, .period = 3ms},
            {.name = "d", .shape = Policy::Shape::Window, .rate = 1, .period = 1ms},
            {.name = "e", .shape = Policy::Shape::Window, .rate = 6, .period = 5ms},
            {.name = "f", .shape = Policy::Shape::Window, .rate = 40, .period = 30ms},
        };
        std::map<std::size_t, limits::Memory> memories;
        std::map<bool, int> seen;
        for (int round = 0; round < 3'000; ++round) {
            std::vector<std::size_t> chosen;
            std::vector<std::int64_t> costs;
            std::vector<std::string> keys, arguments;
            for (std::size_t i = 0; i < policies.size(); ++i) {
                if (random.below(3) != 0)
                    continue;
                const limits::Rule rule = limits::ruleOf(policies[i]);
                chosen.push_back(i);
                costs.push_back(static_cast<std::int64_t>(random.below(4)));
                const bool smooth = rule.shape == Policy::Shape::Smooth;
                keys.push_back(std::string(smooth ? "vg:{sys}:rl:x:" : "vg:{sys}:rlw:x:") + policies[i].name);
                for (const std::string &word : {std::string(smooth ? "s" : "w"), std::to_string(rule.step),
                                                std::to_string(rule.most), std::to_string(costs.back())})
                    arguments.push_back(word);
            }
            const auto reply = test::runTask(*m_context, m_client->run(limits::kTakeScript, keys, arguments));
            QVERIFY(reply && reply->list());
            const auto number = [&](std::size_t at) { return *(*reply->list())[at].integer(); };
            const limits::Micros now = number(0);
            bool all = true;
            std::vector<limits::Look> before;
            for (std::size_t i = 0; i < chosen.size(); ++i) {
                const limits::Rule rule = limits::ruleOf(policies[chosen[i]]);
                before.push_back(limits::look(rule, memories[chosen[i]], now, costs[i]));
                all = all && before.back().retry == 0;
            }
            for (std::size_t i = 0; i < chosen.size(); ++i) {
                const limits::Rule rule = limits::ruleOf(policies[chosen[i]]);
                if (all)
                    limits::take(rule, memories[chosen[i]], now, costs[i]);
                const limits::Look after = limits::look(rule, memories[chosen[i]], now, 0);
                QCOMPARE(number(1 + 4 * i), before[i].retry == 0 ? 1 : 0);
                QCOMPARE(number(2 + 4 * i), after.remaining);
                QCOMPARE(number(3 + 4 * i), before[i].retry);
                QCOMPARE(number(4 + 4 * i), after.reset);
                ++seen[before[i].retry == 0];
            }
        }
        QVERIFY(seen[true] > 100 && seen[false] > 100);
    }

    void callersAtTheSameTimeGetNoMoreThanThereIs()
    {
        int allowed = 0, answered = 0;
        const auto ask = [&]() -> async::Task<void> {
            std::vector<Ask> asks{{&kThree, "a"}, {&kFive, "a"}};
            const auto decision = co_await m_limiter->take(redis::Tag::system(), std::move(asks));
            allowed += decision.allowed();
            ++answered;
        };
        for (int i = 0; i < 500; ++i)
            async::start(m_context->get_executor(), "a caller", ask());
        test::runUntil(*m_context, [&] { return answered == 500; });
        QCOMPARE(allowed, 3);
    }

    void whatIsTakenAheadIsTakenFromTheSameLimit()
    {
        // Two servers beside each other, and one who asks them both without end.
        limits::Limiter other(*m_client, m_clock);
        int allowed = 0;
        for (int i = 0; i < 400; ++i) {
            allowed += take({{&kLarge, "a"}}).allowed() ? 1 : 0;
            allowed += test::runTask(*m_context, other.take(redis::Tag::system(), {{&kLarge, "a"}})).allowed() ? 1 : 0;
        }
        // Not one more than there are; what either had left when it was over is less than it takes at once.
        QVERIFY2(allowed <= 200 && allowed > 200 - 2 * 8, std::to_string(allowed).c_str());
        QVERIFY(!take({{&kLarge, "a"}}).allowed());
    }

    void whatWasTakenAheadAndNotUsedLapses()
    {
        for (int i = 0; i < 4; ++i) // 1, 2 and 4, of which one is used
            QVERIFY(take({{&kLarge, "a"}}).allowed());
        QCOMPARE(take({{&kLarge, "a", 0}}).outcome.remaining, 200 - 7);
        m_clock.pass(1'500ms);
        QVERIFY(take({{&kLarge, "a"}}).allowed());
        // As many as were used of the last: one.
        QCOMPARE(take({{&kLarge, "a", 0}}).outcome.remaining, 200 - 8);
    }

    void redisIsNotAskedEachTimeBySomebodyWhoAsksOften()
    {
        const auto asked = [&] {
            const std::vector<std::string> info{"INFO", "commandstats"};
            const auto reply = test::runTask(*m_context, m_client->call(info));
            base::ensure(bool(reply), "no statistics");
            const std::string text = reply->text().valueOr("");
            const auto at = text.find("cmdstat_evalsha:calls=");
            return at == text.npos ? 0 : std::stoi(text.substr(at + 22));
        };
        QVERIFY(take({{&kLarge, "warm"}}).allowed());
        const int before = asked();
        for (int i = 0; i < 100; ++i)
            QVERIFY(take({{&kLarge, "a"}}).allowed());
        QVERIFY2(asked() - before < 30, std::to_string(asked() - before).c_str());
    }

    void whileRedisIsAwayEachProcessHasItsShare()
    {
        makeLimiter({.processes = 2});
        const Policy six{.name = "six", .burst = 6, .rate = 6, .period = 60s};
        m_redis->kill();
        for (int left = 2; left >= 0; --left) {
            const auto decision = take({{&six, "a"}});
            QVERIFY(decision.allowed() && decision.local);
            QCOMPARE(decision.outcome.remaining, left);
        }
        auto denied = take({{&six, "a"}});
        QCOMPARE(denied.outcome, (limits::Outcome{.allowed = false, .retryAfter = 20s, .resetAfter = 60s}));
        m_clock.pass(20s);
        QVERIFY(take({{&six, "a"}}).allowed());
        denied = take({{&six, "a"}, {&kFive, "a"}});
        QVERIFY(!denied.allowed());
        QCOMPARE(denied.each[1].remaining, 2);
        QVERIFY(take({{&six, "b"}}).allowed());

        m_redis->start();
        test::runUntil(*m_context, [&] { return !take({{&six, "c", 0}}).local; });
        QCOMPARE(take({{&six, "a"}}).outcome.remaining, 5); // Redis has forgotten, and this process too
    }

    void whatNobodyKnownAsksForIsRefusedWhileRedisIsAway()
    {
        QVERIFY(take({{&kWrites, "a"}}).allowed());
        m_redis->kill();
        const auto denied = take({{&kWrites, "a"}, {&kFive, "a"}});
        QVERIFY(!denied.allowed() && denied.local);
        QCOMPARE(denied.policy, &kWrites);
        QVERIFY(denied.outcome.retryAfter > 0ms);
        QCOMPARE(take({{&kFive, "a", 0}}).outcome.remaining, 5);
        m_redis->start();
    }

    void tooManySubjectsShareOneBucketUntilSomeAreForgotten()
    {
        makeLimiter({.bucketsMax = 10});
        const Policy two{.name = "two", .burst = 2, .rate = 2, .period = 60s};
        m_redis->kill();
        for (int i = 0; i < 10; ++i)
            QVERIFY(take({{&two, "known" + std::to_string(i)}}).allowed());
        QVERIFY(take({{&two, "late1"}}).allowed());
        QVERIFY(take({{&two, "late2"}}).allowed());
        QVERIFY(!take({{&two, "late3"}}).allowed());
        QVERIFY(take({{&two, "known1"}}).allowed());
        m_clock.pass(61s);
        for (int i = 3; i < 10; ++i)
            QVERIFY(take({{&two, "late" + std::to_string(i)}}).allowed());
        m_redis->start();
    }

private:
    void makeLimiter(limits::Options options)
    {
        options.limited = [this](const Policy &policy) { m_limited << policy.name; };
        m_limiter = std::make_unique<limits::Limiter>(*m_client, m_clock, std::move(options));
    }
    limits::Decision take(std::vector<Ask> asks, redis::Tag scope = redis::Tag::system())
    {
        return test::runTask(*m_context, m_limiter->take(std::move(scope), std::move(asks)));
    }

    std::map<RedisProcess::Kind, std::unique_ptr<RedisProcess>> m_servers;
    RedisProcess *m_redis = nullptr;
    support::HandClock m_clock;
    std::unique_ptr<boost::asio::io_context> m_context;
    std::unique_ptr<redis::Client> m_client;
    std::unique_ptr<limits::Limiter> m_limiter;
    QStringList m_limited;
};

QTEST_APPLESS_MAIN(LimiterTest)
#include "limiter_test.moc"
