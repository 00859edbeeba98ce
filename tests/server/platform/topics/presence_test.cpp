#include "tests/server/platform/topics/world.h"

using namespace voelgoed;
using namespace voelgoed::test;
using base::Json;
using namespace std::chrono_literals;

namespace {

const std::string kTopic = "scanning:event:event-1";

access::Actor device(unsigned char number)
{
    access::Actor actor;
    actor.kind = access::ActorKind::Device;
    actor.id = uuidOf(number);
    actor.organization = kOne;
    actor.name = "Gate A";
    actor.device = access::DevicePost{.event = "event-1", .gate = "A", .checkpoint = "door"};
    return actor;
}

std::string idOf(unsigned char number)
{
    return "device:" + base::toText(uuidOf(number));
}

/// Who is there, by what the socket was told.
std::set<std::string> present(const MemorySocket &socket)
{
    std::set<std::string> ids;
    for (const Json &frame : socket.got("presence")) {
        const auto &object = frame.as_object();
        if (object.contains("state")) {
            ids.clear();
            for (const Json &member : object.at("state").as_array())
                ids.insert(std::string(member.at("id").as_string()));
            continue;
        }
        for (const Json &member : object.at("joined").as_array())
            ids.insert(std::string(member.at("id").as_string()));
        for (const Json &id : object.at("left").as_array())
            ids.erase(std::string(id.as_string()));
    }
    return ids;
}

constexpr topics::PresenceTimes kQuick{.beat = 100ms, .downAfter = 400ms, .look = 50ms};

} // namespace

class PresenceTest : public QObject
{
    Q_OBJECT

private slots:
    void init() { m_redis.flush(); }

    void devicesAreSeenAtEveryServerWhileTheyAreThere()
    {
        World world(m_redis, 2, kQuick);
        world.start();
        MemorySocket &watcher = world.server(1).connect(person(kOne));
        watcher.say(Json{{"op", "sub"}, {"topic", kTopic}, {"presence", true}});
        world.until([&] { return watcher.got("presence").size() == 1; });
        QVERIFY(present(watcher).empty());
        MemorySocket &first = come(world, 10, 0);
        MemorySocket &second = come(world, 11, 1);
        world.until([&] { return present(watcher) == std::set{idOf(10), idOf(11)}; });
        first.goAway();
        world.until([&] { return present(watcher) == std::set{idOf(11)}; });
        second.say(Json{{"op", "unsub"}, {"topic", kTopic}});
        world.until([&] { return present(watcher).empty(); });
    }

    void aCardSaysWhatADeviceSaysOfItself()
    {
        World world(m_redis, 1, kQuick);
        world.start();
        come(world, 10, 0);
        MemorySocket &watcher = world.server().connect(person(kOne));
        watcher.say(Json{{"op", "sub"}, {"topic", kTopic}, {"presence", true}});
        world.until([&] { return present(watcher).size() == 1; });
        for (const Json &frame : watcher.got("presence")) {
            const auto *state = frame.as_object().if_contains("state");
            if (!state || state->as_array().empty())
                continue;
            const Json &card = state->as_array().front();
            QCOMPARE(card.at("battery_percent").to_number<int>(), 80);
            QCOMPARE(card.at("device_name").as_string().c_str(), "Gate A");
            QVERIFY(base::instantFrom(card.at("online_at").as_string()));
        }
    }

    void peopleAreShownByTheirIdsAlone()
    {
        World world(m_redis, 1, kQuick);
        world.start();
        access::Actor somebody = person(kOne);
        somebody.name = "Thandi Nkosi";
        MemorySocket &socket = world.server().connect(somebody);
        socket.say(Json{{"op", "sub"}, {"topic", kTopic}, {"here", boost::json::object{}}});
        world.until([&] { return !present(socket).empty(); });
        for (const Json &frame : socket.got("presence"))
            QVERIFY(base::toText(frame).find("Thandi") == std::string::npos);
    }

    void whoIsThereTwiceIsThereOnceAndGoesWithTheLast()
    {
        World world(m_redis, 2, kQuick);
        world.start();
        MemorySocket &watcher = world.server(0).connect(person(kOne));
        watcher.say(Json{{"op", "sub"}, {"topic", kTopic}, {"presence", true}});
        MemorySocket &first = come(world, 10, 0);
        come(world, 11, 0);
        MemorySocket &second = come(world, 10, 1);
        world.until([&] { return present(watcher).size() == 2; });
        first.goAway();
        MemorySocket &third = come(world, 12, 0);
        world.until([&] { return present(watcher).size() == 3; });
        QVERIFY(present(watcher).contains(idOf(10)));
        second.goAway();
        third.goAway();
        world.until([&] { return present(watcher) == std::set{idOf(11)}; });
    }

    void theDevicesOfAServerThatDiedAreGoneSoon()
    {
        World world(m_redis, 1, kQuick);
        world.start();
        MemorySocket &watcher = world.server().connect(person(kOne));
        watcher.say(Json{{"op", "sub"}, {"topic", kTopic}, {"presence", true}});
        {
            // What a server says of its own, and then never again.
            redis::Client redis(world.context.get_executor(), {.url = m_redis.url()});
            base::SeededRandom random(7);
            auto times = kQuick;
            times.beat = 1h;
            topics::Presence presence(
                {.executor = world.context.get_executor(), .redis = redis, .random = random, .times = times});
            presence.enter({kOne, kTopic}, {.id = idOf(10), .card = {}});
            world.until([&] { return present(watcher) == std::set{idOf(10)}; });
        }
        world.until([&] { return present(watcher).empty(); });
    }

    void nobodyIsSeenToGoWhileRedisIsAway()
    {
        RedisProcess redis;
        World world(redis, 1, kQuick);
        world.start();
        MemorySocket &watcher = world.server().connect(person(kOne));
        watcher.say(Json{{"op", "sub"}, {"topic", kTopic}, {"presence", true}});
        come(world, 10, 0);
        world.until([&] { return present(watcher).size() == 1; });
        redis.kill();
        world.until([&] { return world.server().redis.isAway(); });
        MemorySocket &late = world.server().connect(person(kOne));
        late.say(Json{{"op", "sub"}, {"topic", kTopic}, {"presence", true}});
        world.until([&] { return present(late).size() == 1; });
        redis.start(); // and has forgotten everything
        come(world, 11, 0);
        world.until([&] { return present(watcher).size() == 2 && present(late).size() == 2; });
        for (const Json &frame : watcher.got("presence")) {
            const auto *left = frame.as_object().if_contains("left");
            QVERIFY(!left || left->as_array().empty());
        }
    }

private:
    static MemorySocket &come(World &world, unsigned char number, std::size_t at)
    {
        MemorySocket &socket = world.server(at).connect(device(number));
        socket.say(Json{{"op", "sub"}, {"topic", kTopic}, {"here", {{"battery_percent", 80}}}});
        world.until([&] { return socket.count() > 0; });
        return socket;
    }

    RedisProcess m_redis;
};

QTEST_GUILESS_MAIN(PresenceTest)
#include "presence_test.moc"
