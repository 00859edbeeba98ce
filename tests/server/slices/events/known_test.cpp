#include "shared/domain/words.h"
#include "tests/server/slices/events/events_bench.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace std::chrono_literals;
using async::Task;
using test::fest;

namespace {

const base::Uuid kOrg = test::tenant(1);
const access::Actor kOwner = test::member(kOrg, access::Role::Owner);

using Known = std::shared_ptr<const contracts::KnownEvent>;

} // namespace

class KnownTest : public QObject
{
    Q_OBJECT

private:
    Known find(test::EventsBench &bench, const base::Uuid &org, const std::string &event)
    {
        auto found = bench.server.run(bench.definitions->find(org, *base::uuidFrom(event)));
        base::ensure(bool(found), "a definition that cannot be found");
        return *found;
    }
    std::string published(const std::string &name)
    {
        const std::string id = m_bench->create(kOwner, name);
        base::ensure(m_bench->post(kOwner, "/v1/events/" + id + "/publish").status == 200, "not published");
        return id;
    }

private slots:
    void initTestCase() { m_postgres = std::make_unique<test::Postgres>(); }
    void init()
    {
        m_bench = std::make_unique<test::EventsBench>(*m_postgres);
        m_bench->server.clock().reading.wall = *base::parseInstant("2026-11-01T12:00:00Z");
    }
    void cleanup() { m_bench.reset(); }
    void cleanupTestCase() { m_postgres.reset(); }

    void aChangeIsKnownAtOnceHereAndWithinASecondElsewhere()
    {
        test::EventsBench second(*m_bench);
        const std::string id = m_bench->create(kOwner, "known");
        const Known first = find(*m_bench, kOrg, id);
        QCOMPARE(first->version, 1);
        QCOMPARE(first->definition.event.id.text, id);
        QVERIFY(first->definition.event.scanFrom);
        QCOMPARE(first->definition.zone.name(), std::string("Africa/Johannesburg"));
        QCOMPARE(find(*m_bench, kOrg, id), first); // the same value, not an equal one
        QCOMPARE(find(second, kOrg, id)->version, 1);
        QCOMPARE(m_bench->post(kOwner, "/v1/events/" + id + "/publish").status, 200);
        QCOMPARE(find(*m_bench, kOrg, id)->definition.event.status, domain::EventStatus::Published);
        m_bench->server.clock().pass(1'200ms);
        QCOMPARE(find(second, kOrg, id)->definition.event.status, domain::EventStatus::Published);
        // Unchanged: asked for its number, and not read again.
        const Known now = find(second, kOrg, id);
        m_bench->server.clock().pass(5s);
        QCOMPARE(find(second, kOrg, id), now);
    }

    void whatIsOfAnotherOrganizationIsNotThere()
    {
        const std::string id = m_bench->create(kOwner, "mine");
        QVERIFY(!find(*m_bench, test::tenant(2), id));
        QVERIFY(!find(*m_bench, kOrg, base::toText(test::tenant(2))));
        QVERIFY(find(*m_bench, kOrg, id));
    }

    void definitionsStayKnownWhilePostgresIsAway()
    {
        const std::string id = m_bench->create(kOwner, "away");
        const Known before = find(*m_bench, kOrg, id);
        m_postgres->stop();
        m_bench->server.clock().pass(5min);
        QCOMPARE(find(*m_bench, kOrg, id), before);
        m_bench->server.clock().pass(6min);
        const auto late = m_bench->server.run(m_bench->definitions->find(kOrg, *base::uuidFrom(id)));
        m_postgres->start();
        QVERIFY(!late);
    }

    void aHeldEventWaitsWithItsChanges()
    {
        const std::string id = m_bench->create(kOwner, "held");
        auto &server = m_bench->server;
        auto unit = server.run(server.database().begin({kOwner, "test"}));
        QVERIFY(unit);
        const auto held = server.run(m_bench->definitions->hold(unit->tx(), *base::uuidFrom(id)));
        QVERIFY(held && *held);
        const std::string blocked =
            server.attempt(kOrg, "SET lock_timeout = '20ms'; UPDATE events.events SET version = version + 1");
        QVERIFY2(blocked.find("lock timeout") != std::string::npos, blocked.c_str());
        const auto missing = server.run(m_bench->definitions->hold(unit->tx(), test::tenant(9)));
        QVERIFY(missing && !*missing);
        QVERIFY(server.run(server.database().commit(*unit)));
        QCOMPARE(server.attempt(kOrg, "SET lock_timeout = '20ms'; UPDATE events.events SET version = version + 1"),
                 std::string());
    }

    void keysThatChangedArePublishedWithTheDefinitionAsItIs()
    {
        const std::string id = m_bench->create(kOwner, "keys");
        const base::Uuid event = *base::uuidFrom(id);
        m_bench->keys.shortId = 77;
        m_bench->feed.woken.clear();
        auto &server = m_bench->server;
        auto unit = server.run(server.database().begin({kOwner, "test"}));
        QVERIFY(unit);
        QVERIFY(server.run(m_bench->definitions->publish(unit->tx(), event)));
        QVERIFY(m_bench->feed.woken.empty());
        QVERIFY(server.run(server.database().commit(*unit)));
        QCOMPARE(m_bench->feed.woken, std::vector<base::Uuid>{event});
        QCOMPARE(m_bench->published(id).keys.shortId, 77U);
        QCOMPARE(m_bench->published(id).event.event.name, std::string("Fest"));
    }

    void eventsOpenAndEndAtTheirTimeAndNotBefore()
    {
        const std::string id = published("due"), draft = m_bench->create(kOwner, "still-a-draft");
        auto &server = m_bench->server;
        const auto at = [&](const char *moment) {
            server.clock().reading.wall = *base::parseInstant(moment);
            const auto failure = server.runRoutine("events.move_due");
            base::ensure(!failure, failure ? failure->message.c_str() : "");
            return m_bench->statusOf(id);
        };
        QCOMPARE(at("2026-12-05T06:59:59.999Z"), std::string("published"));
        QCOMPARE(at("2026-12-05T07:00:00Z"), std::string("live"));
        const auto audit = server.audits(kOrg).back();
        QCOMPARE(audit.at("action").as_string(), "events.move_due");
        QCOMPARE(audit.at("actor_type").as_string(), "system");
        QCOMPARE(audit.at("origin").as_string(), "system");
        QCOMPARE(audit.at("before").at("status").as_string(), "published");
        QVERIFY(!audit.at("reason").as_string().empty());
        QCOMPARE(std::string(domain::wordFor(m_bench->published(id).event.event.status)), std::string("live"));
        QCOMPARE(find(*m_bench, kOrg, id)->definition.event.status, domain::EventStatus::Live);
        QCOMPARE(at("2026-12-05T23:59:59.999Z"), std::string("live"));
        QCOMPARE(at("2026-12-06T00:00:00Z"), std::string("ended"));
        QCOMPARE(m_bench->statusOf(draft), std::string("draft"));
        QCOMPARE(m_bench->told(kOrg, "events:event:" + id).size(),
                 std::size_t{5}); // created, 2 × published, live, ended
    }

    void aPostponedEventOpensOnlyWithItsNewDate()
    {
        const std::string id = published("late");
        const std::string path = "/v1/events/" + id;
        auto &server = m_bench->server;
        QCOMPARE(m_bench->post(kOwner, path + "/postpone", {{"reason", "storm"}}).status, 200);
        server.clock().reading.wall = *base::parseInstant("2026-12-05T12:00:00Z");
        QVERIFY(!server.runRoutine("events.move_due"));
        QCOMPARE(m_bench->statusOf(id), std::string("postponed"));
        QCOMPARE(m_bench->post(kOwner, path + "/reschedule", {{"starts_at", "2026-12-12T12:00:00Z"}}).status, 200);
        QVERIFY(!server.runRoutine("events.move_due"));
        QCOMPARE(m_bench->statusOf(id), std::string("postponed"));
        server.clock().reading.wall = *base::parseInstant("2026-12-12T07:00:00Z");
        QVERIFY(!server.runRoutine("events.move_due"));
        QCOMPARE(m_bench->statusOf(id), std::string("live"));
    }

    void twoServersMoveEachEventOnceAndOneThatFailsStopsNone()
    {
        test::EventsBench second(*m_bench);
        auto &server = m_bench->server;
        std::vector<std::string> ids;
        for (int i = 0; i < 8; ++i)
            ids.push_back(published("e-" + std::to_string(i)));
        const auto other = test::member(test::tenant(2), access::Role::Owner);
        const std::string theirs = m_bench->create(other, "theirs");
        QCOMPARE(m_bench->post(other, "/v1/events/" + theirs + "/publish").status, 200);
        server.execute("UPDATE events.events SET definition = definition || '{\"event\": 1}' WHERE id = '" + ids[0] +
                       "'");
        server.clock().reading.wall = *base::parseInstant("2026-12-05T12:00:00Z");
        const auto both = [](test::ServerBench &one, test::ServerBench &two) -> Task<int> {
            int running = 2, failed = 0;
            for (test::ServerBench *bench : {&one, &two}) {
                const auto begin = [&running, &failed, bench]() -> Task<void> {
                    failed += co_await bench->kernel().routines.runNow("events.move_due") ? 0 : 1;
                    --running;
                };
                async::start(one.kernel().executor, "move", begin);
            }
            while (running > 0)
                co_await async::yield();
            co_return failed;
        };
        QCOMPARE(server.run(both(server, second.server)), 2);
        QCOMPARE(m_bench->statusOf(ids[0]), std::string("published"));
        for (std::size_t i = 1; i < ids.size(); ++i) {
            QCOMPARE(m_bench->statusOf(ids[i]), std::string("live"));
            const auto told = m_bench->told(kOrg, "events:event:" + ids[i]);
            QCOMPARE(std::count(told.begin(), told.end(), "events.status_changed.v1"), 2);
        }
        QCOMPARE(m_bench->statusOf(theirs), std::string("live"));
    }

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::EventsBench> m_bench;
};

QTEST_APPLESS_MAIN(KnownTest)
#include "known_test.moc"
