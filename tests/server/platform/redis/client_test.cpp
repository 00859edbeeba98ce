#include "server/platform/redis/client.h"

#include "server/platform/redis/sha1.h"
#include "tests/support/redis_process.h"
#include "tests/support/run_task.h"

#include <QtTest/QtTest>

#include <map>

using namespace voelgoed;
using base::ErrorCode;
using redis::Command;
using redis::Reply;
using test::RedisProcess;

Q_DECLARE_METATYPE(voelgoed::test::RedisProcess::Kind)

namespace {

constexpr redis::Script kJoin{"test.join", "return {KEYS[1], ARGV[1], redis.call('INCR', KEYS[1])}"};

Reply textReply(std::string text)
{
    return {std::move(text)};
}

} // namespace

/// What everybody may rely on, whatever kind of Redis it is.
class ClientTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase_data()
    {
        QTest::addColumn<RedisProcess::Kind>("kind");
        QTest::newRow("alone") << RedisProcess::Kind::Alone;
        QTest::newRow("alone over TCP") << RedisProcess::Kind::AloneOverTcp;
        QTest::newRow("a cluster of one") << RedisProcess::Kind::ClusterOfOne;
        QTest::newRow("a cluster of three") << RedisProcess::Kind::ClusterOfThree;
    }

    void init()
    {
        QFETCH_GLOBAL(RedisProcess::Kind, kind);
        if (!m_servers[kind])
            m_servers[kind] = std::make_unique<RedisProcess>(kind);
        m_redis = m_servers[kind].get();
        m_redis->flush();
        m_context = std::make_unique<boost::asio::io_context>();
        m_client = connect(m_redis->patient());
    }

    void cleanup()
    {
        m_client.reset();
        m_context.reset();
    }

    void aValueComesBack()
    {
        QCOMPARE(*call({"SET", "{a}:key", "value"}), textReply("OK"));
        QCOMPARE(*call({"GET", "{a}:key"}), textReply("value"));
        QVERIFY(!m_client->isAway());
    }

    void itKnowsWhetherItTalksToACluster()
    {
        QFETCH_GLOBAL(RedisProcess::Kind, kind);
        QVERIFY(call({"PING"}));
        QCOMPARE(m_client->isCluster(),
                 kind == RedisProcess::Kind::ClusterOfOne || kind == RedisProcess::Kind::ClusterOfThree);
    }

    void aMissingKeyIsNil() { QVERIFY(call({"GET", "{a}:nothing"})->isNil()); }

    void keysAndValuesAreAnyBytes()
    {
        std::string bytes;
        for (int i = 0; i < 256; ++i)
            bytes += static_cast<char>(i);
        QVERIFY(call({"SET", bytes, bytes}));
        QCOMPARE(*call({"GET", bytes}), textReply(bytes));
        QVERIFY(call({"SET", "", "of the empty key"}));
        QCOMPARE(*call({"GET", ""}), textReply("of the empty key"));
    }

    void keysOfEverySlotAreReached()
    {
        for (int i = 0; i < 200; ++i) {
            const std::string key = "key" + std::to_string(i);
            QVERIFY(call({"SET", key, std::to_string(i)}));
            QCOMPARE(*call({"GET", key})->integer(), i);
        }
    }

    void tenMegabytesComeBackWhole()
    {
        std::string large(std::size_t{10} << 20, '.');
        for (std::size_t at = 0; at < large.size(); at += 4099)
            large[at] = static_cast<char>(at);
        QVERIFY(call({"SET", "{a}:large", large}));
        QCOMPARE(*call({"GET", "{a}:large"}), textReply(large));
        QCOMPARE(*call({"STRLEN", "{a}:large"})->integer(), 10 << 20);
    }

    void listsInListsComeBackAsTheyAre()
    {
        const redis::Script nested{"test.nested", "return {1, {'two', {3, false}}, {}}"};
        const auto reply = run(nested, {"{a}:key"}, {});
        QVERIFY(reply);
        using List = std::vector<Reply>;
        const Reply inner{List{Reply{std::int64_t{3}}, Reply{}}};
        const Reply expected{List{Reply{std::int64_t{1}}, Reply{List{textReply("two"), inner}}, Reply{List{}}}};
        QCOMPARE(*reply, expected);
    }

    void commandsOfOneCallAreAnsweredInOrder()
    {
        const auto replies = callAll({{"SET", "{a}:1", "x"}, {"INCR", "{a}:2"}, {"GET", "{a}:1"}, {"GET", "{a}:3"}});
        QVERIFY(replies);
        const std::vector<Reply> expected{textReply("OK"), Reply{std::int64_t{1}}, textReply("x"), Reply{}};
        QCOMPARE(*replies, expected);
    }

    void callsAtTheSameTimeGetTheirOwnAnswers()
    {
        std::size_t right = 0;
        const auto ask = [&](int number) -> async::Task<void> {
            const std::string word = "word " + std::to_string(number);
            Command command{"ECHO", word};
            const auto reply = co_await m_client->call(std::move(command));
            right += reply && *reply == textReply(word);
        };
        for (int i = 0; i < 5'000; ++i)
            async::start(m_context->get_executor(), "a caller", ask(i));
        test::runUntil(*m_context, [&] { return right == 5'000; });
        QCOMPARE(m_client->figures().pending, 0U);
    }

    void redissOwnWordsComeWithAnInvalidCommand()
    {
        QVERIFY(call({"SET", "{a}:text", "x"}));
        const auto wrongType = call({"LPUSH", "{a}:text", "y"});
        QCOMPARE(wrongType.error().code, ErrorCode::Invalid);
        QVERIFY(wrongType.error().message.find("WRONGTYPE") != std::string::npos);
        QCOMPARE(call({"NOSUCHCOMMAND", "{a}:x"}).error().code, ErrorCode::Invalid);
    }

    void anErrorFailsTheWholeCallAndTheRestHasHappened()
    {
        const auto replies = callAll({{"SET", "{a}:1", "x"}, {"LPUSH", "{a}:1", "y"}, {"SET", "{a}:2", "z"}});
        QCOMPARE(replies.error().code, ErrorCode::Invalid);
        QCOMPARE(*call({"GET", "{a}:2"}), textReply("z"));
    }

    void keysOfDifferentSlotsAreRefusedEverywhere()
    {
        QCOMPARE(callAll({{"GET", "{a}:1"}, {"GET", "{b}:1"}}).error().code, ErrorCode::Invalid);
        QCOMPARE(run(kJoin, {"{a}:1", "{b}:1"}, {"x"}).error().code, ErrorCode::Invalid);
        QVERIFY(callAll({{"GET", "{a}:1"}, {"PING"}, {"GET", "{a}:2"}}));
    }

    void commandsThatWouldSpoilTheConnectionAreRefused()
    {
        for (const Command &command : {Command{"MULTI"}, Command{"blpop", "{a}:x", "0"}, Command{"Subscribe", "x"},
                                       Command{"SELECT", "1"}, Command{"CLIENT", "reply", "OFF"},
                                       Command{"XREAD", "BLOCK", "0", "STREAMS", "{a}:x", "$"}, Command{}, Command{""}})
            QCOMPARE(call(command).error().code, ErrorCode::Invalid);
        QVERIFY(call({"PING"}));
    }

    void aScriptIsSentOnceAndKnownFromThenOn()
    {
        const std::vector<Reply> first{textReply("{a}:n"), textReply("x"), Reply{std::int64_t{1}}};
        QCOMPARE(*run(kJoin, {"{a}:n"}, {"x"})->list(), first);
        QCOMPARE(*(*run(kJoin, {"{a}:n"}, {"x"})->list())[2].integer(), 2);
        QCOMPARE(m_client->figures().loads, 1U);
    }

    void aScriptThatRedisForgotIsSentAgain()
    {
        for (int i = 1; i <= 3; ++i) {
            QCOMPARE(*(*run(kJoin, {"{a}:n"}, {"x"})->list())[2].integer(), i);
            QCOMPARE(*(*run(kJoin, {"{a}:n2"}, {"x"})->list())[2].integer(), i);
            for (std::size_t node = 0; node < m_redis->nodes(); ++node)
                m_redis->command({"SCRIPT", "FLUSH"}, node);
        }
        QCOMPARE(m_client->figures().loads, 3U);
    }

    void aScriptsOwnErrorIsInvalid()
    {
        const redis::Script fails{"test.fails", "return redis.error_reply('ERR not like this')"};
        const auto reply = run(fails, {"{a}:n"}, {});
        QCOMPARE(reply.error().code, ErrorCode::Invalid);
        QVERIFY(reply.error().message.find("not like this") != std::string::npos);
    }

    void aScriptsNameIsWhatRedisCallsIt()
    {
        const Reply loaded = m_redis->command({"SCRIPT", "LOAD", kJoin.text});
        QCOMPARE(loaded, textReply(redis::sha1Hex(kJoin.text)));
    }

    void aSlowCommandTimesOutAndItsAnswerIsDropped()
    {
        m_client = connect({.url = m_redis->url(), .commandMax = base::Milliseconds(100)});
        test::runUntil(*m_context, [&] { return bool(call({"SET", "{a}:x", "still here"})); });
        const redis::Script slow{"test.slow", "local n = 0; for i = 1, 3e7 do n = n + i end; return n"};
        const auto late = run(slow, {"{a}:x"}, {});
        QVERIFY(!late);
        QVERIFY(late.error().code == ErrorCode::Timeout || late.error().code == ErrorCode::Unavailable);
        test::runUntil(*m_context, [&] {
            const auto reply = call({"GET", "{a}:x"});
            const auto code = reply ? ErrorCode::Timeout : reply.error().code;
            base::ensure(code == ErrorCode::Timeout || code == ErrorCode::Unavailable, "another failure");
            base::ensure(!reply || *reply == textReply("still here"), "another's answer");
            return bool(reply);
        });
    }

    void tooManyThatWaitAreSentAway()
    {
        redis::Options options = m_redis->patient();
        options.pendingMax = 10;
        m_client = connect(std::move(options));
        QVERIFY(call({"PING"}));
        int answered = 0, unavailable = 0;
        const auto ask = [&]() -> async::Task<void> {
            Command command{"PING"};
            const auto reply = co_await m_client->call(std::move(command));
            answered += bool(reply);
            unavailable += !reply && reply.error().code == ErrorCode::Unavailable;
        };
        for (int i = 0; i < 25; ++i)
            async::start(m_context->get_executor(), "a caller", ask());
        test::runUntil(*m_context, [&] { return answered + unavailable == 25; });
        QCOMPARE(answered, 10);
    }

    void whoObservesHearsOfEachCallOnce()
    {
        QStringList heard;
        redis::Options options = m_redis->patient();
        options.observe = [&](const redis::Done &done) {
            heard << QString::fromStdString(std::string(done.operation)) + (done.failure ? "!" : "");
        };
        m_client = connect(std::move(options));
        QVERIFY(call({"set", "{a}:x", "1"}));
        QVERIFY(!call({"LPUSH", "{a}:x", "1"}));
        QVERIFY(run(kJoin, {"{a}:x"}, {"1"}));
        QCOMPARE(heard, (QStringList{"SET", "LPUSH!", "test.join"}));
        QCOMPARE(m_client->figures().failures, 1U);
    }

private:
    std::unique_ptr<redis::Client> connect(redis::Options options)
    {
        return std::make_unique<redis::Client>(m_context->get_executor(), std::move(options));
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

    std::map<RedisProcess::Kind, std::unique_ptr<RedisProcess>> m_servers;
    RedisProcess *m_redis = nullptr;
    std::unique_ptr<boost::asio::io_context> m_context;
    std::unique_ptr<redis::Client> m_client;
};

QTEST_APPLESS_MAIN(ClientTest)
#include "client_test.moc"
