#include "server/platform/redis/client.h"
#include "tests/support/redis_process.h"
#include "tests/support/run_task.h"

#include <QtTest/QtTest>

#include <atomic>
#include <thread>

using namespace voelgoed;
using base::ErrorCode;
using redis::Command;
using redis::Reply;
using test::RedisProcess;

namespace {

constexpr redis::Script kEcho{"test.echo", "return {KEYS[1], ARGV[1]}"};

/// What 200 callers saw.
struct Seen
{
    std::atomic<std::uint64_t> asked{0}, answered{0}, unavailable{0}, timeout{0}, wrong{0}, running{0};
    std::atomic<bool> stop{false};

    void count(const base::Result<Reply> &reply, const Reply &expected)
    {
        if (reply)
            ++(*reply == expected ? answered : wrong);
        else if (reply.error().code == ErrorCode::Unavailable)
            ++unavailable;
        else if (reply.error().code == ErrorCode::Timeout)
            ++timeout;
        else
            ++wrong;
    }
};

async::Task<void> keepAsking(redis::Client &client, Seen &seen, std::size_t caller)
{
    ++seen.running;
    const std::string key = "{" + std::to_string(caller) + "}:key";
    for (std::uint64_t i = 0; !seen.stop; ++i) {
        const std::string word = std::to_string(caller) + " asks " + std::to_string(i);
        seen.asked += 2;
        Command command{"ECHO", word};
        const auto echo = co_await client.call(std::move(command));
        seen.count(echo, Reply{word});
        std::vector<std::string> keys{key}, arguments{word};
        const auto ran = co_await client.run(kEcho, std::move(keys), std::move(arguments));
        seen.count(ran, Reply{std::vector<Reply>{Reply{key}, Reply{word}}});
        if (!ran)
            co_await async::sleepFor(base::Milliseconds(1)); // Unavailable comes at once
    }
    --seen.running;
}

template <class Condition>
void waitFor(Condition holds)
{
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!holds()) {
        base::ensure(std::chrono::steady_clock::now() < end, "a condition that never held");
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

} // namespace

Q_DECLARE_METATYPE(voelgoed::test::RedisProcess::Kind)

class KilledTest : public QObject
{
    Q_OBJECT

private slots:
    void everyCallAnswersOnceWithItsOwnAnswerOrNone_data()
    {
        QTest::addColumn<RedisProcess::Kind>("kind");
        QTest::addColumn<int>("kills");
        QTest::newRow("alone") << RedisProcess::Kind::Alone << 25;
        QTest::newRow("alone over TCP") << RedisProcess::Kind::AloneOverTcp << 5;
        QTest::newRow("a cluster of one") << RedisProcess::Kind::ClusterOfOne << 3;
        QTest::newRow("a cluster of three") << RedisProcess::Kind::ClusterOfThree << 3;
    }

    void everyCallAnswersOnceWithItsOwnAnswerOrNone()
    {
        QFETCH(RedisProcess::Kind, kind);
        QFETCH(int, kills);
        RedisProcess server(kind); // in this thread: it dies with the one that started it
        boost::asio::io_context context;
        auto client = std::make_unique<redis::Client>(context.get_executor(), redis::Options{.url = server.url()});
        Seen seen;
        for (std::size_t caller = 0; caller < 200; ++caller)
            async::start(context.get_executor(), "a caller", keepAsking(*client, seen, caller));
        std::thread loop([&] { context.run(); });
        for (int i = 0; i < kills; ++i) {
            const std::uint64_t answered = seen.answered;
            waitFor([&] { return seen.answered > answered + 1'000; });
            server.kill(static_cast<std::size_t>(i) % server.nodes());
            const std::uint64_t refused = seen.unavailable;
            waitFor([&] { return seen.unavailable > refused; });
            server.start(static_cast<std::size_t>(i) % server.nodes());
        }
        const std::uint64_t answered = seen.answered;
        waitFor([&] { return seen.answered > answered + 1'000; });
        seen.stop = true;
        waitFor([&] { return seen.running == 0; });
        context.stop();
        loop.join();
        QCOMPARE(seen.wrong.load(), 0U);
        QCOMPARE(seen.asked.load(), seen.answered + seen.unavailable + seen.timeout);
        QVERIFY(client->figures().reconnects >= static_cast<std::uint64_t>(kills));
        QCOMPARE(client->figures().pending, 0U);
    }

    void oneThatDoesNotAnswerCountsAsAwayUntilItDoes()
    {
        RedisProcess server;
        boost::asio::io_context context;
        redis::Client client(
            context.get_executor(),
            {.url = server.url(), .commandMax = base::Milliseconds(200), .connectMax = base::Milliseconds(200)});
        const auto ping = [&]() -> base::Result<Reply> {
            Command command{"PING"};
            return test::runTask(context, client.call(std::move(command)));
        };
        test::runUntil(context, [&] { return bool(ping()); });
        server.pause();
        const auto first = ping();
        QVERIFY(!first && (first.error().code == ErrorCode::Timeout || first.error().code == ErrorCode::Unavailable));
        test::runUntil(context, [&] { return client.isAway(); });
        QCOMPARE(ping().error().code, ErrorCode::Unavailable);
        server.resume();
        test::runUntil(context, [&] { return bool(ping()); });
        QVERIFY(!client.isAway());
    }

    void silenceIsNoticedWhenNobodyAsks()
    {
        RedisProcess server;
        boost::asio::io_context context;
        redis::Client client(context.get_executor(), {.url = server.url(), .commandMax = base::Milliseconds(100)});
        test::runUntil(context, [&] { return !client.isAway(); });
        server.pause();
        test::runUntil(context, [&] { return client.isAway(); });
        server.resume();
        test::runUntil(context, [&] { return !client.isAway(); });
    }

    void withoutARedisEveryCallIsUnavailable()
    {
        boost::asio::io_context context;
        redis::Client client(context.get_executor(), {.url = "unix:/nowhere/redis.sock"});
        for (int i = 0; i < 3; ++i) {
            Command command{"PING"};
            QCOMPARE(test::runTask(context, client.call(std::move(command))).error().code, ErrorCode::Unavailable);
        }
        QVERIFY(client.isAway());
    }

    void aUrlThatIsNoneMakesEveryCallInvalid()
    {
        boost::asio::io_context context;
        redis::Client client(context.get_executor(), {.url = "http://localhost"});
        Command command{"PING"};
        QCOMPARE(test::runTask(context, client.call(std::move(command))).error().code, ErrorCode::Invalid);
    }

    void whatWaitsWhenTheClientGoesIsUnavailable()
    {
        RedisProcess server;
        boost::asio::io_context context;
        auto client = std::make_unique<redis::Client>(context.get_executor(), server.patient());
        Command command{"PING"};
        QVERIFY(test::runTask(context, client->call(std::move(command))));
        server.pause(); // keeps what comes, and answers nothing
        std::optional<base::Result<Reply>> reply;
        async::start(context.get_executor(), "a caller", [&]() -> async::Task<void> {
            Command again{"PING"};
            reply = co_await client->call(std::move(again));
        });
        test::runUntil(context, [&] { return client->figures().pending == 1; });
        client.reset();
        context.restart();
        context.run(); // ends, since nothing keeps it busy any more
        QVERIFY(reply && !*reply);
        QCOMPARE(reply->error().code, ErrorCode::Unavailable);
    }

    void passwordAndDatabaseOfTheUrlAreUsed()
    {
        RedisProcess server(RedisProcess::Kind::AloneOverTcp, RedisProcess::Files::None,
                            {"--requirepass", "p@ss:w/rd"});
        boost::asio::io_context context;
        const std::string place = server.url().substr(std::string("redis://").size());
        const auto set = [&](const std::string &url) {
            redis::Options options = server.patient();
            options.url = url;
            redis::Client client(context.get_executor(), std::move(options));
            Command command{"SET", "x", "of database 3"};
            return test::runTask(context, client.call(std::move(command)));
        };
        QVERIFY(set("redis://:p%40ss%3Aw%2Frd@" + place + "/3"));
        QCOMPARE(*server.command({"DBSIZE"}).integer(), 0);
        QVERIFY(set("redis://default:p%40ss%3Aw%2Frd@" + place));
        QCOMPARE(*server.command({"DBSIZE"}).integer(), 1);
        for (const std::string &wrong : {std::string("redis://"), std::string("redis://:other@")}) {
            const auto refused = set(wrong + place);
            QCOMPARE(refused.error().code, ErrorCode::Unavailable);
            QVERIFY(refused.error().message.find("other") == std::string::npos);
        }
    }

    void aReplicaIsReportedAsAway()
    {
        RedisProcess server(RedisProcess::Kind::AloneOverTcp);
        boost::asio::io_context context;
        redis::Client client(context.get_executor(), server.patient());
        const auto set = [&]() -> base::Result<Reply> {
            Command command{"SET", "x", "1"};
            return test::runTask(context, client.call(std::move(command)));
        };
        QVERIFY(set());
        server.command({"REPLICAOF", "127.0.0.1", "1"});
        QCOMPARE(set().error().code, ErrorCode::Unavailable);
        server.command({"REPLICAOF", "NO", "ONE"});
        test::runUntil(context, [&] { return bool(set()); });
        QVERIFY(client.figures().reconnects >= 1);
    }
};

QTEST_APPLESS_MAIN(KilledTest)
#include "killed_test.moc"
