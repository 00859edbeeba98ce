#include "tests/server/platform/topics/world.h"

using namespace voelgoed;
using namespace voelgoed::test;
using base::Json;

namespace {

const std::string kTopic = "scanning:event:event-1";

} // namespace

/// Slow readers, and a Redis that goes, comes back, or forgets.
class OutageTest : public QObject
{
    Q_OBJECT

private slots:
    void whoDoesNotReadReloadsOnceItReads()
    {
        RedisProcess redis;
        World world(redis);
        world.start();
        MemorySocket &slow = world.listener(kTopic);
        MemorySocket &quick = world.listener(kTopic);
        slow.stopReading();
        const std::string padding(600, 'p');
        for (int number = 1; number <= 600; ++number) {
            const std::string event = base::toText({{"data", {{"number", number}}}, {"padding", padding}});
            QVERIFY(runTask(world.context, world.topics().publish(kOne, kTopic, event)));
        }
        world.until([&] { return quick.got("event").size() == 600; });
        QVERIFY(slow.queued() > 200'000 && slow.queued() <= 256 * 1024);
        slow.readOn();
        world.until([&] { return slow.got("snap").size() == 2; });
        const Json snap = slow.got("snap").back();
        QCOMPARE(snap.at("reason").as_string().c_str(), "slow");
        QCOMPARE(snap.at("seq").to_number<int>(), 600);
        world.publishAll(kTopic, 601, 601);
        world.until([&] { return numbersOf(slow).back() == 601; });
        // What came before the reload came whole and in order.
        const std::vector<int> numbers = numbersOf(slow);
        QCOMPARE(numbers, [&] {
            auto some = fromTo(1, static_cast<int>(numbers.size()) - 1);
            some.push_back(601);
            return some;
        }());
    }

    void whoSaysHowFarItIsIsNotSentMuchMore()
    {
        RedisProcess redis;
        World world(redis);
        world.start();
        MemorySocket &socket = world.listener(kTopic);
        world.publishAll(kTopic, 1, 10);
        world.until([&] { return socket.got("event").size() == 10; });
        socket.say(Json{{"op", "ack"}, {"topic", kTopic}, {"seq", 10}});
        socket.say(Json{{"op", "ping"}});
        world.until([&] { return socket.got("pong").size() == 1; });
        world.publishAll(kTopic, 11, 600);
        MemorySocket &witness = world.listener(kTopic);
        world.publishAll(kTopic, 601, 601);
        world.until([&] { return witness.got("event").size() == 1; });
        QCOMPARE(socket.got("event").size(), 510U);
        QCOMPARE(socket.got("snap").size(), 1U);
        socket.say(Json{{"op", "ack"}, {"topic", kTopic}, {"seq", 510}});
        world.until([&] { return socket.got("snap").size() == 2; });
        QCOMPARE(socket.got("snap").back().at("reason").as_string().c_str(), "slow");
        world.publishAll(kTopic, 602, 602);
        world.until([&] { return numbersOf(socket).back() == 602; });
    }

    void aRedisThatWasKilledAndKeptEverythingCostsNothing()
    {
        RedisProcess redis(RedisProcess::Kind::Alone, RedisProcess::Files::Append);
        World world(redis, 2);
        world.start();
        MemorySocket &socket = world.listener(kTopic, person(kOne), 1);
        world.publishAll(kTopic, 1, 3);
        world.until([&] { return socket.got("event").size() == 3; });
        redis.restart();
        // The publisher may be back before the listener's server is.
        for (int number = 4; number <= 8;) {
            if (world.publish(kTopic, number))
                ++number;
            else
                world.context.run_one_for(std::chrono::milliseconds(20));
        }
        world.until([&] { return socket.got("event").size() == 8; });
        QCOMPARE(numbersOf(socket), fromTo(1, 8));
        QCOMPARE(socket.got("snap").size(), 1U);
    }

    void aRedisThatForgotMakesAllReload()
    {
        RedisProcess redis;
        World world(redis);
        world.start();
        MemorySocket &socket = world.listener(kTopic);
        world.publishAll(kTopic, 1, 3);
        world.until([&] { return socket.got("event").size() == 3; });
        redis.flush();
        world.publishAll(kTopic, 4, 4);
        world.until([&] { return socket.got("snap").size() == 2; });
        const Json snap = socket.got("snap").back();
        QCOMPARE(snap.at("reason").as_string().c_str(), "reset");
        QCOMPARE(snap.at("seq").to_number<int>(), 1);
        QVERIFY(snap.at("epoch") != socket.got("event").front().at("epoch"));
        world.publishAll(kTopic, 5, 5);
        world.until([&] { return numbersOf(socket).back() == 5; });
    }

    void aRedisThatWasKilledAndForgotMakesAllReload()
    {
        RedisProcess redis;
        World world(redis, 2);
        world.start();
        MemorySocket &socket = world.listener(kTopic, person(kOne), 1);
        MemorySocket &wild = world.listener("scanning:event:*", person(kOne), 1);
        world.publishAll(kTopic, 1, 3);
        world.until([&] { return socket.got("event").size() == 3 && wild.got("event").size() == 3; });
        redis.restart();
        world.until([&] { return socket.got("snap").size() == 2 && wild.got("snap").size() >= 2; });
        QCOMPARE(socket.got("snap").back().at("reason").as_string().c_str(), "reset");
        world.until([&] { return bool(world.publish(kTopic, 4)); });
        world.until([&] { return numbersOf(socket).back() == 4 && numbersOf(wild).back() == 4; });
    }

    void whileRedisIsAwayThoseHereHearAndReloadAfterwards()
    {
        RedisProcess redis(RedisProcess::Kind::Alone, RedisProcess::Files::Append);
        World world(redis, 2);
        world.start();
        MemorySocket &here = world.listener(kTopic, person(kOne), 0);
        MemorySocket &there = world.listener(kTopic, person(kOne), 1);
        world.publishAll(kTopic, 1, 1);
        world.until([&] { return here.got("event").size() == 1 && there.got("event").size() == 1; });
        redis.kill();
        world.until([&] { return !world.publish(kTopic, 2); });
        // Who comes while it is away is let in.
        MemorySocket &late = world.listener(kTopic, person(kOne), 0);
        const work::Event event{.topic = kTopic, .type = "scanning.rate.v1", .subject = "e", .data = {{"number", 3}}};
        runTask(world.context, world.topics(0).tell(kOne, event));
        world.until([&] { return late.got("event").size() == 1; });
        QCOMPARE(numbersOf(here).back(), 3);
        QVERIFY(here.got("event").back().at("epoch") != here.got("event").front().at("epoch"));
        QCOMPARE(numbersOf(there), std::vector<int>{1});
        redis.start();
        world.until([&] { return here.got("snap").size() == 2 && late.got("snap").size() == 2; });
        QCOMPARE(here.got("snap").back().at("reason").as_string().c_str(), "reset");
        QCOMPARE(late.got("snap").back().at("reason").as_string().c_str(), "reset");
        world.until([&] { return bool(world.publish(kTopic, 4)); });
        world.until(
            [&] { return numbersOf(here).back() == 4 && numbersOf(late).back() == 4 && numbersOf(there).back() == 4; });
        QCOMPARE(here.got("snap").back().at("epoch"), here.got("event").back().at("epoch"));
    }
};

QTEST_GUILESS_MAIN(OutageTest)
#include "outage_test.moc"
