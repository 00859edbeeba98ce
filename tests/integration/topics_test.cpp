#include "tests/integration/server_process.h"
#include "tests/integration/topic_client.h"
#include "tests/support/redis_process.h"
#include "tests/support/services.h"

#include <algorithm>
#include <list>
#include <set>

using namespace voelgoed;
using integration::ServerProcess;
using integration::TopicClient;
using support::PlainHttp;
using test::RedisProcess;

namespace {

constexpr const char *kPassword = "Sterk3Wagwoord";

std::string text(const base::Json &json, const char *name)
{
    return std::string(json.at(name).as_string());
}

struct Login
{
    std::string token, organization;
};

/// Servers side by side over one Postgres and one Redis, and what people do with them.
class World
{
public:
    World(test::Postgres &postgres, RedisProcess::Kind kind, int servers)
        : redis(kind, RedisProcess::Files::Append), m_database(postgres.freshDatabase())
    {
        for (int i = 0; i < servers; ++i) {
            m_servers.emplace_back(QStringList{"--pg", QString::fromStdString(postgres.url("vg_app", m_database)),
                                               "--pg-owner",
                                               QString::fromStdString(postgres.url("vg_owner", m_database)), "--redis",
                                               QString::fromStdString(redis.url())});
            QFile::copy(QString::fromStdString(m_servers.front().folder() + "/server-keys.json"),
                        QString::fromStdString(m_servers.back().folder() + "/server-keys.json"));
            base::ensure(m_servers.back().start(), "a server did not start");
        }
        for (const char *slug : {"one", "two"}) {
            const auto made = server(0).admin().post(
                "/v1/orgs",
                {{"name", slug}, {"slug", slug}, {"owner_email", owner(slug)}, {"owner_password", kPassword}});
            base::ensure(made.status == 201, made.body.c_str());
        }
    }

    static std::string owner(const std::string &slug) { return "owner@" + slug + ".example.org"; }

    ServerProcess &server(int number) { return *std::next(m_servers.begin(), number); }

    Login signIn(const std::string &email, int at = 0)
    {
        const auto answer = server(at).http().post("/v1/sessions", {{"email", email}, {"password", kPassword}});
        base::ensure(answer.status == 201, ("nobody could sign in: " + answer.body).c_str());
        const base::Json json = answer.json();
        return {text(json, "token"), text(json, "organization")};
    }

    /// Somebody joins the organization: an event at its topic. The new one's address.
    std::string join(const Login &owner, const char *role = "viewer", int at = 0)
    {
        const std::string email = "guest" + std::to_string(++m_guests) + "@one.example.org";
        const auto invited = server(at).http().post("/v1/orgs/" + owner.organization + "/invitations",
                                                    {{"email", email}, {"role", role}}, owner.token);
        base::ensure(invited.status == 201, invited.body.c_str());
        const auto accepted = server(at).http().post(
            "/v1/invitations/accept",
            {{"token", text(invited.json(), "token")}, {"email", email}, {"password", kPassword}});
        base::ensure(accepted.status == 200, accepted.body.c_str());
        return email;
    }

    void execute(test::Postgres &postgres, const std::string &sql) const { postgres.execute(sql, m_database); }

    RedisProcess redis;

private:
    std::string m_database;
    std::list<ServerProcess> m_servers;
    int m_guests = 0;
};

std::string teamOf(const std::string &organization)
{
    return "tenancy:org:" + organization;
}

constexpr const char *kAdded = "tenancy.member_added.v1";

std::size_t countOf(const TopicClient &client, const char *type)
{
    return static_cast<std::size_t>(
        std::count_if(client.rest().begin(), client.rest().end(),
                      [&](const base::Json &frame) { return TopicClient::isEvent(frame, type); }));
}

} // namespace

/// What happens at a real server is heard over real sockets, whatever fails meanwhile.
class TopicsTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;

    static void addKinds()
    {
        QTest::addColumn<int>("kind");
        QTest::newRow("Redis alone") << static_cast<int>(RedisProcess::Kind::Alone);
        QTest::newRow("a cluster of one") << static_cast<int>(RedisProcess::Kind::ClusterOfOne);
    }

private slots:
    void initTestCase() { m_postgres = std::make_unique<test::Postgres>(); }

    void eachServersListenersHearAnEventOnce_data() { addKinds(); }
    void eachServersListenersHearAnEventOnce()
    {
        QFETCH(int, kind);
        World world(*m_postgres, static_cast<RedisProcess::Kind>(kind), 2);
        const Login owner = world.signIn(World::owner("one"));
        TopicClient here(world.server(0).url(), owner.token), there(world.server(1).url(), owner.token);
        for (TopicClient *client : {&here, &there}) {
            QVERIFY(client->isOpen());
            client->subscribe(teamOf(owner.organization));
            QVERIFY(client->next("snap"));
        }
        for (int i = 0; i < 5; ++i)
            world.join(owner, "viewer", i % 2);
        std::vector<std::string> heard[2];
        for (int i = 0; i < 5; ++i) {
            heard[0].push_back(base::toText(here.event(kAdded).value()));
            heard[1].push_back(base::toText(there.event(kAdded).value()));
        }
        QCOMPARE(heard[0], heard[1]);
        QVERIFY(here.settle() && there.settle());
        QCOMPARE(countOf(here, kAdded), 0U);
        QCOMPARE(countOf(there, kAdded), 0U);
    }

    void aForeignTopicAnswersLikeOneThatDoesNotExist()
    {
        World world(*m_postgres, RedisProcess::Kind::Alone, 1);
        const Login one = world.signIn(World::owner("one")), two = world.signIn(World::owner("two"));
        TopicClient client(world.server(0).url(), one.token);
        const std::string unknown = "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01";
        std::set<std::string> answers;
        for (const std::string &topic :
             {teamOf(two.organization), teamOf(unknown), "audit:org:" + two.organization, "scanning:org:" + unknown,
              "scanning:event:" + unknown, "scanning:session:" + unknown, std::string("nothing:of:this"),
              std::string("integrations:incoming:fake")}) {
            client.subscribe(topic);
            auto frame = client.next("error");
            QVERIFY(frame);
            QCOMPARE(text(*frame, "topic"), topic);
            frame->as_object().erase("topic");
            answers.insert(base::toText(*frame));
        }
        QCOMPARE(answers.size(), 1U);
        world.join(two);
        client.subscribe(teamOf(one.organization));
        QVERIFY(client.next("snap"));
        world.join(one);
        QVERIFY(client.event(kAdded));
        QCOMPARE(countOf(client, kAdded), 0U);
    }

    void anEventsFiguresAreItsOrganizationsAlone()
    {
        World world(*m_postgres, RedisProcess::Kind::Alone, 1);
        const Login one = world.signIn(World::owner("one")), two = world.signIn(World::owner("two"));
        const std::string event = "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c02",
                          unknown = "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c03";
        world.execute(*m_postgres, "INSERT INTO scanning.feeds (organization_id, event_id) VALUES ('" +
                                       one.organization + "', '" + event + "')");
        const PlainHttp http = world.server(0).http();
        const auto at = [](const std::string &of) { return "/v1/events/" + of + "/occupancy"; };
        const auto own = http.get(at(event), one.token);
        QCOMPARE(own.status, 200);
        QCOMPARE(own.json().at("inside").to_number<int>(), 0);
        const auto foreign = http.get(at(event), two.token), none = http.get(at(unknown), two.token);
        QCOMPARE(foreign.status, 404);
        QCOMPARE(foreign.code(), none.code());
        TopicClient client(world.server(0).url(), one.token);
        client.subscribe("scanning:event:" + event);
        const auto snap = client.next("snap");
        QVERIFY(snap);
        QCOMPARE(text(snap->at("data"), "event"), event);
        TopicClient other(world.server(0).url(), two.token);
        other.subscribe("scanning:event:" + event);
        QCOMPARE(text(other.next("error").value(), "code"), std::string("not_found"));
    }

    void nobodyListensWithoutALogin()
    {
        World world(*m_postgres, RedisProcess::Kind::Alone, 1);
        TopicClient client(world.server(0).url(), "vgs_" + std::string(43, 'A'));
        QVERIFY(!client.next("nothing that ever comes"));
        QCOMPARE(client.closedWith(), 4401);
    }

    void whatWasCommittedBeforeAKillIsToldOnceAfterTheRestart()
    {
        World world(*m_postgres, RedisProcess::Kind::Alone, 1);
        const Login owner = world.signIn(World::owner("one"));
        const std::string topic = teamOf(owner.organization);
        base::Json at;
        {
            TopicClient client(world.server(0).url(), owner.token);
            client.subscribe(topic);
            QVERIFY(client.next("snap"));
            world.join(owner);
            at = client.event(kAdded).value();
        }
        // It is committed while nothing can be published; then the server dies. What lies on its way into Redis comes
        // there all the same.
        world.redis.pause();
        world.join(owner);
        world.server(0).kill();
        world.redis.resume();
        QVERIFY(world.server(0).start());
        TopicClient client(world.server(0).url(), owner.token);
        client.say({{"op", "sub"}, {"topic", topic}, {"since", at.at("seq")}, {"epoch", at.at("epoch")}});
        QVERIFY(client.next("sub"));
        const auto missed = client.event(kAdded);
        QVERIFY(missed);
        QCOMPARE(missed->at("seq").to_number<int>(), at.at("seq").to_number<int>() + 1);
        world.join(owner);
        const auto later = client.event(kAdded);
        QCOMPARE(later->at("seq").to_number<int>(), at.at("seq").to_number<int>() + 2);
        QVERIFY(client.settle());
        QCOMPARE(countOf(client, kAdded), 0U);
    }

    void anotherServerTellsWhatAKilledOneCommitted()
    {
        World world(*m_postgres, RedisProcess::Kind::Alone, 2);
        const Login owner = world.signIn(World::owner("one"));
        TopicClient client(world.server(1).url(), owner.token);
        client.subscribe(teamOf(owner.organization));
        QVERIFY(client.next("snap"));
        // The first one leads, as it was there first.
        world.redis.pause();
        world.join(owner);
        world.server(0).kill();
        world.redis.resume();
        const auto isIt = [](const base::Json &frame) {
            return frame.at("op").as_string() == "snap" || TopicClient::isEvent(frame, kAdded);
        };
        QVERIFY(client.next(isIt));
        world.join(owner, "viewer", 1);
        QVERIFY(client.event(kAdded));
        QVERIFY(client.settle());
    }

    void aKilledRedisHeals()
    {
        World world(*m_postgres, RedisProcess::Kind::Alone, 1);
        const Login owner = world.signIn(World::owner("one"));
        TopicClient client(world.server(0).url(), owner.token);
        client.subscribe(teamOf(owner.organization));
        QVERIFY(client.next("snap"));
        world.redis.kill();
        world.join(owner);
        // Said on this server, though nothing carries it to another one.
        QVERIFY(client.event(kAdded));
        world.redis.start();
        QVERIFY(client.next("snap"));
        world.join(owner);
        QVERIFY(client.event(kAdded));
        QVERIFY(client.settle());
    }

    void whoIsRemovedHearsNothingMore()
    {
        World world(*m_postgres, RedisProcess::Kind::Alone, 2);
        const Login owner = world.signIn(World::owner("one"));
        const Login guest = world.signIn(world.join(owner, "staff"));
        TopicClient client(world.server(1).url(), guest.token);
        client.subscribe(teamOf(owner.organization));
        QVERIFY(client.next("snap"));
        const std::string id = text(world.server(0).http().get("/v1/me", guest.token).json(), "id");
        QCOMPARE(world.server(0).http().remove("/v1/orgs/" + owner.organization + "/members/" + id, owner.token).status,
                 200);
        QVERIFY(!client.next("nothing that ever comes"));
        QVERIFY(!client.isOpen());
    }

    void jobsAreForThoseWhoMayManageThem()
    {
        World world(*m_postgres, RedisProcess::Kind::Alone, 1);
        const Login owner = world.signIn(World::owner("one"));
        const Login viewer = world.signIn(world.join(owner));
        const PlainHttp http = world.server(0).http();
        const std::string unknown = "/v1/jobs/018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01";
        QCOMPARE(http.get("/v1/jobs", owner.token).status, 200);
        QCOMPARE(http.get("/v1/jobs", viewer.token).status, 403);
        QCOMPARE(http.post(unknown + "/retry", boost::json::object(), owner.token).status, 404);
        QCOMPARE(http.post(unknown + "/cancel", boost::json::object(), owner.token).status, 404);
        QCOMPARE(http.post(unknown + "/cancel", boost::json::object(), viewer.token).status, 403);
    }
};

QTEST_GUILESS_MAIN(TopicsTest)
#include "topics_test.moc"
