#include "server/platform/redis/client.h"
#include "tests/support/redis_process.h"
#include "tests/support/run_task.h"

#include <QtTest/QtTest>

#include <map>

using namespace voelgoed;
using redis::Command;
using redis::Reply;
using test::RedisProcess;

Q_DECLARE_METATYPE(voelgoed::test::RedisProcess::Kind)

namespace {

struct Heard
{
    QStringList lines;
    int lost = 0;

    auto received()
    {
        return [this](const std::string &channel, const std::string &message) {
            lines << QString::fromStdString(channel + " " + message);
        };
    }
    auto whenLost()
    {
        return [this] { ++lost; };
    }
};

} // namespace

class SubscriptionTest : public QObject
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
        m_context = std::make_unique<boost::asio::io_context>();
        m_client = std::make_unique<redis::Client>(m_context->get_executor(), m_redis->patient());
    }

    void cleanup()
    {
        m_client.reset();
        m_context.reset();
    }

    void everyMessageComesInOrder()
    {
        Heard heard;
        m_client->subscribe("t:", heard.received(), heard.whenLost());
        test::runUntil(*m_context, [&] { return heard.lost == 1; });
        QStringList expected;
        const auto publish = [&]() -> async::Task<void> {
            for (int i = 0; i < 5'000; ++i) {
                const std::string channel = "t:" + std::to_string(i % 7), message = std::to_string(i);
                expected << QString::fromStdString(channel + " " + message);
                Command command{"PUBLISH", channel, message};
                base::ensure(bool(co_await m_client->call(std::move(command))), "not published");
            }
        };
        test::runTask(*m_context, publish());
        test::runUntil(*m_context, [&] { return heard.lines.size() == 5'000; });
        QCOMPARE(heard.lines, expected);
        QCOMPARE(heard.lost, 1);
    }

    void onlyWhatBeginsWithThePrefixIsHeard()
    {
        Heard one, other;
        m_client->subscribe("a*[b]:", one.received(), one.whenLost());
        test::runUntil(*m_context, [&] { return one.lost == 1; });
        m_client->subscribe("z", other.received(), other.whenLost()); // while the connection stands
        test::runUntil(*m_context, [&] { return other.lost == 1; });
        for (const char *channel : {"a*[b]:1", "axb:1", "ab:1", "z", "zebra", "y"})
            m_redis->command({"PUBLISH", channel, "m"});
        test::runUntil(*m_context, [&] { return one.lines.size() == 1 && other.lines.size() == 2; });
        QCOMPARE(one.lines, QStringList{"a*[b]:1 m"});
        QCOMPARE(other.lines, (QStringList{"z m", "zebra m"}));
    }

    void messagesAreAnyBytes()
    {
        std::string bytes;
        for (int i = 0; i < 256; ++i)
            bytes += static_cast<char>(i);
        std::string heard;
        int lost = 0;
        m_client->subscribe(
            "b:", [&](const std::string &, std::string message) { heard = std::move(message); }, [&] { ++lost; });
        test::runUntil(*m_context, [&] { return lost == 1; });
        m_redis->command({"PUBLISH", "b:" + bytes, bytes});
        test::runUntil(*m_context, [&] { return !heard.empty(); });
        QCOMPARE(heard, bytes);
    }

    void lostIsSaidWhenRedisGoesAndWhenItIsBack()
    {
        Heard heard;
        m_client->subscribe("t:", heard.received(), heard.whenLost());
        test::runUntil(*m_context, [&] { return heard.lost == 1; });
        for (int times = 0; times < 3; ++times) {
            m_redis->kill();
            test::runUntil(*m_context, [&] { return heard.lost == 2 + 2 * times; });
            m_redis->start();
            test::runUntil(*m_context, [&] { return heard.lost == 3 + 2 * times; });
            m_redis->command({"PUBLISH", "t:x", std::to_string(times)});
            test::runUntil(*m_context, [&] { return heard.lines.size() == times + 1; });
        }
        QCOMPARE(heard.lines, (QStringList{"t:x 0", "t:x 1", "t:x 2"}));
    }

    void lostIsSaidWhenTheConnectionIsCutAlone()
    {
        Heard heard;
        m_client->subscribe("t:", heard.received(), heard.whenLost());
        test::runUntil(*m_context, [&] { return heard.lost == 1; });
        m_redis->command({"CLIENT", "KILL", "TYPE", "pubsub"});
        test::runUntil(*m_context, [&] { return heard.lost == 3; });
        m_redis->command({"PUBLISH", "t:x", "again"});
        test::runUntil(*m_context, [&] { return heard.lines.size() == 1; });
    }

    void oneThatFallsSilentIsLeft()
    {
        m_client = std::make_unique<redis::Client>(m_context->get_executor(),
                                                   redis::Options{.url = m_redis->url(),
                                                                  .commandMax = base::Milliseconds(300),
                                                                  .connectMax = base::Milliseconds(1'000)});
        Heard heard;
        m_client->subscribe("t:", heard.received(), heard.whenLost());
        test::runUntil(*m_context, [&] { return heard.lost >= 1; });
        m_redis->pause();
        const int before = heard.lost;
        test::runUntil(*m_context, [&] { return heard.lost > before; });
        const int silent = heard.lost;
        m_redis->resume();
        test::runUntil(*m_context, [&] { return heard.lost > silent; });
    }

private:
    std::map<RedisProcess::Kind, std::unique_ptr<RedisProcess>> m_servers;
    RedisProcess *m_redis = nullptr;
    std::unique_ptr<boost::asio::io_context> m_context;
    std::unique_ptr<redis::Client> m_client;
};

QTEST_APPLESS_MAIN(SubscriptionTest)
#include "subscription_test.moc"
