#include "server/platform/redis/client.h"
#include "server/platform/redis/slot.h"
#include "tests/support/redis_process.h"
#include "tests/support/run_task.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using base::ErrorCode;
using redis::Command;
using redis::Reply;
using test::RedisProcess;

namespace {

Reply textReply(std::string text)
{
    return {std::move(text)};
}

const redis::Script kTwoKeys{"test.two", "return {redis.call('GET', KEYS[1]), redis.call('GET', KEYS[2])}"};

} // namespace

/// A cluster of three that changes while it is used.
class ClusterTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { m_redis = std::make_unique<RedisProcess>(RedisProcess::Kind::ClusterOfThree); }

    void init()
    {
        m_redis->flush();
        m_context = std::make_unique<boost::asio::io_context>();
        m_client = std::make_unique<redis::Client>(m_context->get_executor(), m_redis->patient());
    }

    void cleanup()
    {
        m_client.reset();
        m_context.reset();
    }

    void aKeyIsAskedOfItsNodeAtOnce()
    {
        for (int i = 0; i < 100; ++i)
            QVERIFY(call({"SET", "key" + std::to_string(i), "x"}));
        QCOMPARE(m_client->figures().redirects, 0U);
        for (std::size_t node = 0; node < 3; ++node)
            QVERIFY(*m_redis->command({"DBSIZE"}, node).integer() > 0);
    }

    void keysOnTheWayAreFollowedAndThenKnown()
    {
        const std::string moved = "{" + tagOfNode(0) + "}:moved", stays = "{" + tagOfNode(0) + "}:stays";
        const auto slot = redis::slotOf(moved);
        QVERIFY(call({"SET", moved, "1"}));
        QVERIFY(call({"SET", stays, "2"}));
        m_redis->beginMove(slot, 1);
        m_redis->moveKey(moved, 1);

        QCOMPARE(*call({"GET", moved}), textReply("1")); // ASK
        QCOMPARE(*call({"GET", stays}), textReply("2"));
        const auto both = callAll({{"GET", moved}, {"GET", stays}, {"INCR", moved}, {"INCR", stays}});
        QVERIFY(both);
        const std::vector<Reply> expected{textReply("1"), textReply("2"), Reply{std::int64_t{2}},
                                          Reply{std::int64_t{3}}};
        QCOMPARE(*both, expected);
        const std::string fresh = "{" + tagOfNode(0) + "}:new";
        QVERIFY(call({"SET", fresh, "3"}));
        QCOMPARE(*m_redis->command({"CLUSTER", "COUNTKEYSINSLOT", std::to_string(slot)}, 1).integer(), 2);
        const auto asked = m_client->figures().redirects;
        QCOMPARE(asked, 4U);

        m_redis->endMove(slot, 1);
        QCOMPARE(*call({"GET", stays}), textReply("3")); // MOVED
        QCOMPARE(m_client->figures().redirects, asked + 1);
        QCOMPARE(*call({"GET", moved}), textReply("2"));
        QCOMPARE(*call({"GET", fresh}), textReply("3"));
        QCOMPARE(m_client->figures().redirects, asked + 1);
        moveBack(slot, 0);
    }

    void aScriptWithKeysOnBothSidesIsTriedAgain()
    {
        const std::string one = "{" + tagOfNode(0) + "}:1", other = "{" + tagOfNode(0) + "}:2";
        const auto slot = redis::slotOf(one);
        QVERIFY(callAll({{"SET", one, "1"}, {"SET", other, "2"}}));
        m_redis->beginMove(slot, 2);
        m_redis->moveKey(one, 2);
        QCOMPARE(run(kTwoKeys, {one, other}, {}).error().code, ErrorCode::Unavailable);

        base::Result<Reply> reply = base::invalid("not yet");
        async::start(m_context->get_executor(), "a caller", [&]() -> async::Task<void> {
            std::vector<std::string> keys{one, other};
            reply = co_await m_client->run(kTwoKeys, std::move(keys), {});
        });
        const auto before = m_client->figures().commands;
        test::runUntil(*m_context, [&] { return m_client->figures().commands > before; });
        m_redis->endMove(slot, 2);
        test::runUntil(*m_context, [&] { return bool(reply); });
        const std::vector<Reply> expected{textReply("1"), textReply("2")};
        QCOMPARE(*reply->list(), expected);
        moveBack(slot, 0);
    }

    void aMoveUnderLoadLosesNoAnswer()
    {
        const std::string tag = "{" + tagOfNode(0) + "}:";
        const auto slot = redis::slotOf(tag);
        const std::string counter = tag + "counter";
        bool stop = false;
        std::size_t running = 0, added = 0;
        const auto ask = [&](std::size_t number) -> async::Task<void> {
            ++running;
            const std::string own = tag + std::to_string(number);
            int i = 0;
            while (!stop) {
                ++i;
                Command set{"SET", own, std::to_string(i)}, get{"GET", own}, add{"INCR", counter};
                const auto wrote = co_await m_client->call(std::move(set));
                const auto read = co_await m_client->call(std::move(get));
                base::ensure(wrote && read && *read->integer() == i, "another's answer, or none");
                const auto counted = co_await m_client->call(std::move(add));
                base::ensure(bool(counted), "not counted");
                ++added;
            }
            --running;
        };
        for (std::size_t i = 0; i < 50; ++i)
            async::start(m_context->get_executor(), "a caller", ask(i));
        for (const std::size_t to : {1, 2, 0, 2, 0}) {
            const auto goal = added + 500;
            m_redis->beginMove(slot, to);
            test::runUntil(*m_context, [&] { return added >= goal; });
            for (int i = 0; i < 25; ++i)
                m_redis->moveKey(tag + std::to_string(i), to);
            test::runUntil(*m_context, [&] { return added >= goal + 500; });
            m_redis->endMove(slot, to);
            test::runUntil(*m_context, [&] { return added >= goal + 1'000; });
        }
        stop = true;
        test::runUntil(*m_context, [&] { return running == 0; });
        QCOMPARE(*call({"GET", counter})->integer(), static_cast<std::int64_t>(added));
        QVERIFY(m_client->figures().redirects > 0);
        QCOMPARE(m_client->figures().failures, 0U);
    }

    void whoConnectsToAnyNodeReachesAll()
    {
        for (std::size_t node = 0; node < 3; ++node) {
            redis::Client other(m_context->get_executor(), m_redis->patient(node));
            for (std::size_t of = 0; of < 3; ++of) {
                Command set{"SET", "{" + tagOfNode(of) + "}:x", "1"};
                QVERIFY(test::runTask(*m_context, other.call(std::move(set))));
            }
            QCOMPARE(other.figures().redirects, 0U);
        }
    }

    void aNodeThatIsGoneTakesItsOwnKeysAlone()
    {
        for (std::size_t node = 0; node < 3; ++node)
            QVERIFY(call({"SET", "{" + tagOfNode(node) + "}:x", "1"}));
        m_redis->kill(2);
        test::runUntil(*m_context, [&] { return !call({"GET", "{" + tagOfNode(2) + "}:x"}); });
        QCOMPARE(call({"GET", "{" + tagOfNode(2) + "}:x"}).error().code, ErrorCode::Unavailable);
        QVERIFY(!m_client->isAway());
        QVERIFY(call({"PING"}));
        m_redis->start(2);
        test::runUntil(*m_context, [&] { return bool(call({"SET", "{" + tagOfNode(2) + "}:x", "2"})); });
        for (std::size_t node = 0; node < 3; ++node)
            test::runUntil(*m_context, [&] { return bool(call({"GET", "{" + tagOfNode(node) + "}:x"})); });
    }

    void theSeedMayGoAndTheOthersAreStillKnown()
    {
        for (std::size_t node = 0; node < 3; ++node)
            QVERIFY(call({"SET", "{" + tagOfNode(node) + "}:x", "1"}));
        m_redis->kill(0);
        test::runUntil(*m_context, [&] { return !call({"GET", "{" + tagOfNode(0) + "}:x"}); });
        QVERIFY(call({"PING"}));
        QVERIFY(call({"PUBLISH", "x", "y"}));
        m_redis->start(0);
        test::runUntil(*m_context, [&] { return bool(call({"GET", "{" + tagOfNode(0) + "}:x"})); });
    }

    void aClusterHasOneDatabase()
    {
        redis::Options options = m_redis->patient();
        options.url += "/3";
        redis::Client other(m_context->get_executor(), std::move(options));
        Command ping{"PING"};
        QCOMPARE(test::runTask(*m_context, other.call(std::move(ping))).error().code, ErrorCode::Unavailable);
    }

private:
    /// A tag whose slot was given to this node in the beginning.
    static std::string tagOfNode(std::size_t node)
    {
        for (int i = 0;; ++i) {
            const std::string tag = "tag" + std::to_string(i);
            if (redis::slotOf(tag) / (redis::kSlots / 3) == node)
                return tag;
        }
    }
    void moveBack(std::uint16_t slot, std::size_t to)
    {
        m_redis->beginMove(slot, to);
        m_redis->endMove(slot, to);
    }
    base::Result<Reply> call(Command command) { return test::runTask(*m_context, m_client->call(std::move(command))); }
    base::Result<std::vector<Reply>> callAll(std::vector<Command> commands)
    {
        return test::runTask(*m_context, m_client->callAll(std::move(commands)));
    }
    base::Result<Reply> run(const redis::Script &script, std::vector<std::string> keys,
                            std::vector<std::string> arguments)
    {
        return test::runTask(*m_context, m_client->run(script, std::move(keys), std::move(arguments)));
    }

    std::unique_ptr<RedisProcess> m_redis;
    std::unique_ptr<boost::asio::io_context> m_context;
    std::unique_ptr<redis::Client> m_client;
};

QTEST_APPLESS_MAIN(ClusterTest)
#include "cluster_test.moc"
