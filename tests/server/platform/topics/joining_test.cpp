#include "tests/server/platform/topics/world.h"

using namespace voelgoed;
using namespace voelgoed::test;
using base::Json;

namespace {

Json sub(const std::string &topic)
{
    return {{"op", "sub"}, {"topic", topic}};
}

std::string codeOf(const Json &frame)
{
    return frame.at("op") == "error" ? std::string(frame.at("code").as_string()) : std::string();
}

} // namespace

/// Who is let in, to what, and for how long.
class JoiningTest : public QObject
{
    Q_OBJECT

private slots:
    void init() { m_redis.flush(); }

    void whatIsNotOnesOwnAnswersLikeWhatDoesNotExist_data()
    {
        QTest::addColumn<QString>("topic");
        QTest::addColumn<int>("role");
        const auto row = [](const char *name, const char *topic, access::Role role = access::Role::Owner) {
            QTest::newRow(name) << topic << static_cast<int>(role);
        };
        row("another organization's event", "scanning:event:event-2");
        row("an event that nobody has", "scanning:event:event-9");
        row("a family that there is not", "weather:event:event-1");
        row("no name at all", "");
        row("an id with a blank", "scanning:event:event 1");
        row("two stars", "scanning:event:**");
        row("a star in the middle", "scanning:*:event-1");
        row("a star where none is allowed", "audit:org:*");
        row("another organization", "audit:org:00000000-0000-0000-0000-000000000002");
        row("another person", "tenancy:user:00000000-0000-0000-0000-000000000008");
        row("the platform's", "integrations:incoming:fake");
        row("not for this role", "ticketing:event:event-1", access::Role::ScannerOnly);
        row("the trail, for staff", "audit:org:00000000-0000-0000-0000-000000000001", access::Role::Staff);
    }
    // The owner's check 17.
    void whatIsNotOnesOwnAnswersLikeWhatDoesNotExist()
    {
        QFETCH(QString, topic);
        QFETCH(int, role);
        World world(m_redis);
        world.start();
        MemorySocket &socket = world.server().connect(person(kOne, 7, static_cast<access::Role>(role)));
        socket.say(sub(topic.toStdString()));
        world.until([&] { return socket.count() == 1; });
        Json expected{{"op", "error"},
                      {"topic", topic.toStdString()},
                      {"code", "not_found"},
                      {"detail", "There is no such topic."}};
        QCOMPARE(base::toText(socket.got().front()), base::toText(expected));
        socket.say(sub("scanning:event:event-1x"));
        world.until([&] { return socket.count() == 2; });
    }

    void onesOwnAreHeard_data()
    {
        QTest::addColumn<QString>("topic");
        for (const char *topic :
             {"scanning:event:event-1", "scanning:event:*", "ticketing:event:event-1",
              "audit:org:00000000-0000-0000-0000-000000000001", "tenancy:user:00000000-0000-0000-0000-000000000007"})
            QTest::newRow(topic) << topic;
    }
    void onesOwnAreHeard()
    {
        QFETCH(QString, topic);
        World world(m_redis);
        world.start();
        world.listener(topic.toStdString());
    }

    void operatorsHearThePlatformsTopics()
    {
        World world(m_redis);
        world.start();
        access::Actor super;
        super.kind = access::ActorKind::SuperAdmin;
        super.id = uuidOf(3);
        MemorySocket &socket = world.listener("integrations:incoming:fake", super);
        static_cast<void>(world.publish("integrations:incoming:fake", 1, work::kPlatform));
        world.until([&] { return socket.got("event").size() == 1; });
    }

    void oneOrganizationsEventsAreNeverHeardInAnother()
    {
        World world(m_redis, 2);
        world.start();
        MemorySocket &one = world.listener("scanning:event:shared-x", person(kOne), 1);
        MemorySocket &other = world.listener("scanning:event:shared-x", person(kOther), 1);
        MemorySocket &all = world.listener("scanning:event:*", person(kOther), 1);
        MemorySocket &second = world.listener("scanning:event:event-1", person(kOne), 1);
        static_cast<void>(world.publish("scanning:event:shared-x", 1, kOne));
        static_cast<void>(world.publish("scanning:event:shared-x", 2, kOther));
        world.until([&] { return one.got("event").size() == 1 && other.got("event").size() == 1; });
        QCOMPARE(numbersOf(one), std::vector<int>{1});
        QCOMPARE(numbersOf(other), std::vector<int>{2});
        QCOMPARE(numbersOf(all), std::vector<int>{2});
        QVERIFY(second.got("event").empty());
    }

    void the21stSubscriptionIsRefusedAndTheSocketStays()
    {
        World world(m_redis);
        world.start();
        MemorySocket &socket = world.server().connect(person(kOne));
        for (int i = 1; i <= 21; ++i)
            socket.say(sub("scanning:event:" + std::to_string(i) + "x"));
        world.until([&] { return socket.count() == 21; });
        QCOMPARE(socket.got("snap").size(), 20U);
        QCOMPARE(codeOf(socket.got("error").front()), std::string("too_many_subscriptions"));
        QCOMPARE(socket.got("error").front().at("topic").as_string().c_str(), "scanning:event:21x");
        socket.forget();
        socket.say(sub("scanning:event:3x")); // one that it has does not count
        world.until([&] { return socket.got("snap").size() == 1; });
        socket.say(Json{{"op", "unsub"}, {"topic", "scanning:event:3x"}});
        socket.say(sub("scanning:event:22x"));
        world.until([&] { return socket.got("snap").size() == 2; });
        QVERIFY(!socket.closedWith());
    }

    void the4thWildcardIsRefusedAndTheSocketStays()
    {
        World world(m_redis);
        for (const char *more : {"seating:event:{event}", "analytics:event:{event}"}) {
            world.topics().family({.pattern = {more},
                                   .policy = access::Policy::signedIn(),
                                   .wildcard = topics::Family::Wildcard::Yes,
                                   .check = isTheirs});
        }
        world.start();
        MemorySocket &socket = world.server().connect(person(kOne));
        for (const char *topic : {"scanning:event:*", "ticketing:event:*", "seating:event:*", "analytics:event:*"})
            socket.say(sub(topic));
        world.until([&] { return socket.count() == 4; });
        QCOMPARE(socket.got("snap").size(), 3U);
        QCOMPARE(codeOf(socket.got("error").front()), std::string("too_many_wildcards"));
        socket.say(sub("scanning:event:event-1"));
        world.until([&] { return socket.got("snap").size() == 4; });
        QVERIFY(!socket.closedWith());
    }

    void whatIsNoFrameIsToldAndTheSocketStays()
    {
        World world(m_redis);
        world.start();
        MemorySocket &socket = world.server().connect(person(kOne));
        for (const char *text : {"", "hello", "[]", R"({"op":"dance"})", R"({"op":"sub"})",
                                 R"({"op":"sub","topic":"x","more":1})", R"({"op":"ack","topic":"x","seq":-1})"})
            socket.say(std::string(text));
        socket.say(Json{{"op", "ping"}, {"id", "7"}});
        world.until([&] { return socket.got("pong").size() == 1; });
        QCOMPARE(socket.got("error").size(), 7U);
        for (const Json &frame : socket.got("error"))
            QCOMPARE(codeOf(frame), std::string("bad_frame"));
        QCOMPARE(socket.got("pong").front().at("id").as_string().c_str(), "7");
    }

    void whoSaysTooMuchIsClosed()
    {
        World world(m_redis);
        world.start();
        MemorySocket &socket = world.server().connect(person(kOne));
        for (int i = 0; i < 150; ++i)
            socket.say(Json{{"op", "ping"}});
        world.until([&] { return socket.closedWith().has_value(); });
        QCOMPARE(int(*socket.closedWith()), 1008);
    }

    // The owner's check 23.
    void whoNoLongerHoldsIsClosedSoonAndNobodyElse()
    {
        World world(m_redis);
        std::set<base::Uuid> holding{uuidOf(7), uuidOf(8)};
        world.topics().stillHold(
            access::ActorKind::User,
            [&](std::vector<access::Actor> actors) -> async::Task<base::Result<std::vector<bool>>> {
                std::vector<bool> hold;
                for (const access::Actor &actor : actors)
                    hold.push_back(holding.contains(actor.id));
                co_return hold;
            });
        world.start();
        MemorySocket &one = world.listener("scanning:event:event-1", person(kOne, 7));
        MemorySocket &same = world.listener("scanning:event:event-1", person(kOne, 7));
        MemorySocket &other = world.listener("scanning:event:event-1", person(kOne, 8));
        holding.erase(uuidOf(7));
        QElapsedTimer timer;
        timer.start();
        world.until([&] { return one.closedWith() && same.closedWith(); });
        qInfo("closed after %lld ms", static_cast<long long>(timer.elapsed()));
        QCOMPARE(int(*one.closedWith()), 4403);
        QCOMPARE(int(*same.closedWith()), 4403);
        world.publishAll("scanning:event:event-1", 1, 1);
        world.until([&] { return other.got("event").size() == 1; });
        QVERIFY(!other.closedWith());
        QVERIFY(one.got("event").empty());
    }

    void whatOneHearsByABadgeEndsWithIt()
    {
        World world(m_redis);
        std::set<std::string> badges{"event-1", "event-3"};
        bool isAway = false;
        world.topics().family({.pattern = {"seating:event:{event}"},
                               .policy = access::Policy::may(access::Permission::ReadScans),
                               .check = [&](topics::Joining joining) -> async::Task<base::Result<bool>> {
                                   if (isAway)
                                       co_return base::Error{base::ErrorCode::Unavailable, "away", {}};
                                   co_return joining.grant != access::Grant::Own || badges.contains(joining.id);
                               }});
        world.start();
        const auto steward = person(kOne, 7, access::Role::ScannerOnly);
        MemorySocket &socket = world.listener("seating:event:event-1", steward);
        MemorySocket &other = world.listener("seating:event:event-3", steward);
        MemorySocket &manager = world.listener("seating:event:event-1", person(kOne, 8, access::Role::Owner));
        isAway = true;
        badges.erase("event-1");
        world.until([elapsed = QElapsedTimer(), started = false]() mutable {
            if (!std::exchange(started, true))
                elapsed.start();
            return elapsed.hasExpired(2'500);
        });
        QVERIFY(socket.got("error").empty()); // nobody knows
        isAway = false;
        world.until([&] { return socket.got("error").size() == 1; });
        QCOMPARE(codeOf(socket.got("error").front()), std::string("not_found"));
        QCOMPARE(socket.got("error").front().at("topic").as_string().c_str(), "seating:event:event-1");
        world.publishAll("seating:event:event-1", 1, 1);
        world.until([&] { return manager.got("event").size() == 1; });
        QVERIFY(socket.got("event").empty() && !socket.closedWith());
        world.publishAll("seating:event:event-3", 1, 1);
        world.until([&] { return other.got("event").size() == 1; });
    }

    void socketsStayWhileNobodyKnowsWhoHolds()
    {
        World world(m_redis);
        int asked = 0;
        world.topics().stillHold(access::ActorKind::User,
                                 [&](std::vector<access::Actor>) -> async::Task<base::Result<std::vector<bool>>> {
                                     ++asked;
                                     co_return base::Error{base::ErrorCode::Unavailable, "away", {}};
                                 });
        world.start();
        MemorySocket &socket = world.listener("scanning:event:event-1");
        world.until([&] { return asked == 3; });
        QVERIFY(!socket.closedWith());
    }

private:
    RedisProcess m_redis;
};

QTEST_GUILESS_MAIN(JoiningTest)
#include "joining_test.moc"
