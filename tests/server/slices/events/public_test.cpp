#include "server/slices/events/public_pages.h"
#include "tests/server/slices/events/events_bench.h"
#include "tests/support/redis_process.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace std::chrono_literals;
using test::fest;

namespace {

const base::Uuid kOrg = test::tenant(1);
const access::Actor kOwner = test::member(kOrg, access::Role::Owner), kNobody = access::Actor::nobody();

} // namespace

/// What everybody may see of events, whatever is away.
class PublicTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::RedisProcess> m_redis;
    std::unique_ptr<test::EventsBench> m_bench;

    test::Reply show(test::EventsBench &bench, const std::string &event)
    {
        return bench.server.call({kNobody, http::Method::Get, "/v1/public/events/" + event});
    }
    test::Reply show(const std::string &event) { return show(*m_bench, event); }
    std::string published(const std::string &name)
    {
        const std::string id = m_bench->create(kOwner, name);
        move(id, "publish");
        return id;
    }
    void move(const std::string &id, const std::string &verb, const base::Json &body = {})
    {
        const auto moved = m_bench->post(kOwner, "/v1/events/" + id + "/" + verb, body);
        base::ensure(moved.status == 200, moved.body.c_str());
    }

    /// `Cache-Status: voelgoed; hit; ttl=-N` with N from one to the other.
    static bool isStaleBy(const test::Reply &reply, int least, int most)
    {
        const std::string field(reply.fields["Cache-Status"]), begin = "voelgoed; hit; ttl=-";
        return field.starts_with(begin) && std::stoi(field.substr(begin.size())) >= least &&
               std::stoi(field.substr(begin.size())) <= most;
    }

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_redis = std::make_unique<test::RedisProcess>();
    }
    void init()
    {
        m_redis->flush();
        m_bench = std::make_unique<test::EventsBench>(*m_postgres, test::ServerBench::Options{.redis = m_redis->url()});
        m_bench->server.clock().reading.wall = *base::parseInstant("2026-11-01T12:00:00Z");
    }
    void cleanup() { m_bench.reset(); }
    void cleanupTestCase()
    {
        m_redis.reset();
        m_postgres.reset();
    }

    void everybodySeesWhatIsPublishedAndNobodyWhatIsNot()
    {
        const std::string id = m_bench->create(kOwner, "fest");
        QCOMPARE(show(id).status, 404);
        move(id, "publish");
        const auto page = show(id);
        QVERIFY2(page.status == 200, page.body.c_str());
        QCOMPARE(page.text("status"), std::string("published"));
        QCOMPARE(page.text("name"), std::string("Fest"));
        QVERIFY(page.json.at("on_sale").as_bool());
        QCOMPARE(page.json.at("ticket_types").as_array().size(), std::size_t{2});
        // Nothing of what is its gates' business, and nothing of whose it is.
        for (const char *word : {"checkpoint", "gate", "rule", "organization"})
            QVERIFY2(page.body.find(word) == std::string::npos, word);
        move(id, "postpone", {{"reason", "Storm"}});
        QCOMPARE(show(id).text("notice"), std::string("Storm"));
        QVERIFY(!show(id).json.at("on_sale").as_bool());
        move(id, "cancel", {{"reason", "Storm"}});
        QCOMPARE(show(id).status, 404);
        QCOMPARE(show("018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01").body.size(), show(id).body.size());
    }

    void pagesOfAnOrganizationThatWasSuspendedAreGone()
    {
        const std::string id = published("suspended");
        QCOMPARE(show(id).status, 200);
        for (const auto status : {contracts::OrganizationStatus::Suspended, contracts::OrganizationStatus::Archived}) {
            m_bench->organizations.statuses[kOrg] = status;
            QCOMPARE(show(id).status, 404);
        }
        m_bench->organizations.statuses.clear();
        QCOMPARE(show(id).status, 200);
    }

    void whatItIsWorthChangesWithTheSaleWindow()
    {
        const std::string id = published("sale");
        const auto put =
            m_bench->server.call({kOwner,
                                  http::Method::Put,
                                  "/v1/events/" + id + "/details",
                                  {{"sale_from", "2026-11-01T13:00:00Z"}, {"sale_until", "2026-11-01T14:00:00Z"}}});
        QVERIFY2(put.status == 200, put.body.c_str());
        const auto onSale = [&] { return show(id).json.at("on_sale").as_bool(); };
        const std::string before = std::string(show(id).fields["ETag"]);
        QVERIFY(!onSale());
        m_bench->server.clock().pass(1h);
        QVERIFY(onSale());
        QVERIFY(std::string(show(id).fields["ETag"]) != before);
        m_bench->server.clock().pass(1h);
        QVERIFY(!onSale());
    }

    void aChangeIsSeenAtOnceHereAndWithinASecondElsewhere()
    {
        test::EventsBench second(*m_bench);
        const std::string id = published("known");
        QCOMPARE(show(id).status, 200);
        QCOMPARE(show(second, id).status, 200);
        move(id, "cancel", {{"reason", "Storm"}});
        QCOMPARE(show(id).status, 404);
        m_bench->server.clock().pass(1'200ms);
        // Ahead of its time a page is asked for anew beside who gets the old one.
        for (int i = 0; i < 100 && show(second, id).status == 200; ++i)
            second.server.run(async::sleepFor(10ms));
        QCOMPARE(show(second, id).status, 404);
    }

    void anotherServerTakesThePageFromRedisAndNotOfAnOlderVersion()
    {
        const std::string id = published("warm");
        const std::string page = show(id).body;
        // Its text is in Redis: without the definition another server still has the page.
        test::EventsBench second(*m_bench);
        m_bench->server.execute("ALTER TABLE events.events DISABLE TRIGGER USER; "
                                "UPDATE events.events SET definition = '{}'");
        QCOMPARE(show(second, id).body, page);
        m_bench->server.execute("UPDATE events.events SET version = version + 1");
        test::EventsBench third(*m_bench);
        QVERIFY(show(third, id).status >= 500); // of the new version there is none in Redis
    }

    void pagesAreServedWhilePostgresIsAwayForTenMinutes()
    {
        const std::string id = published("away"), unseen = published("unseen");
        test::EventsBench second(*m_bench);
        const std::string page = show(id).body;
        QVERIFY(!show(id).fields.has("Cache-Status"));
        m_postgres->stop();
        m_bench->server.clock().pass(5min);
        const auto hot = show(id), warm = show(second, id), again = show(second, id); // the second one from Redis
        const int status = show(unseen).status;
        m_redis->stop();
        QCOMPARE(show(id).body, page);
        m_bench->server.clock().pass(6min);
        const int late = show(id).status;
        m_postgres->start();
        m_redis->start();
        for (const auto &reply : {hot, warm, again}) {
            QCOMPARE(reply.body, page);
            QVERIFY2(isStaleBy(reply, 298, 301), std::string(reply.fields["Cache-Status"]).c_str());
        }
        QCOMPARE(status, 503);
        QCOMPARE(late, 503);
    }

    void whatWasOldIsNotCalledSoOnceItWasLookedAt()
    {
        const std::string id = published("back");
        test::EventsBench second(*m_bench);
        const std::string page = show(id).body;
        m_postgres->stop();
        m_bench->server.clock().pass(1min);
        const auto away = show(second, id);
        m_postgres->start();
        QVERIFY(isStaleBy(away, 58, 61));
        // It takes a moment to be connected again.
        auto back = away;
        for (int i = 0; i < 200 && back.fields.has("Cache-Status"); ++i) {
            m_bench->server.clock().pass(2s);
            back = show(second, id);
            second.server.run(async::sleepFor(20ms));
        }
        QCOMPARE(back.body, page);
        QVERIFY(!back.fields.has("Cache-Status"));
    }

    void whoSignedInIsToldTheSame()
    {
        const std::string target = "/v1/events/" + published("own");
        const auto ask = [&] { return m_bench->server.call({kOwner, http::Method::Get, target}); };
        QVERIFY(!ask().fields.has("Cache-Status"));
        m_postgres->stop();
        m_bench->server.clock().pass(30s);
        const auto away = ask();
        m_postgres->start();
        QVERIFY2(away.status == 200 && isStaleBy(away, 28, 31), away.body.c_str());
    }

    void aThousandAtOnceAskPostgresOnce()
    {
        const std::string id = published("rush");
        std::vector<test::Ask> asks(1'000, {kNobody, http::Method::Get, "/v1/public/events/" + id});
        for (std::size_t i = 0; i < asks.size(); ++i)
            asks[i].actor.address = "10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250);
        const auto statements = [&] { return m_bench->server.database().pool().figures().statements; };
        const auto from = statements();
        for (const auto &reply : m_bench->server.callAll(asks))
            QCOMPARE(reply.status, 200);
        // Who it is and its version, then the page: each with what begins, scopes and ends a transaction.
        QVERIFY2(statements() - from <= 10, std::to_string(statements() - from).c_str());
    }
};

QTEST_GUILESS_MAIN(PublicTest)
#include "public_test.moc"
