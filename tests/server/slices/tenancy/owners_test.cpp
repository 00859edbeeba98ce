#include "tests/server/slices/tenancy/tenancy_bench.h"

#include <QtTest/QtTest>

#include <algorithm>
#include <thread>

using namespace voelgoed;
using http::Method;
using test::TenancyBench;

/// The owner's check 21: an organization keeps an owner. What the trail tells of a member's change.
class OwnersTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<TenancyBench> m_bench;
    TenancyBench::Organization m_one;
    std::string m_first;
    int m_made = 0;

    std::string second() { return m_bench->join(m_one, "second" + std::to_string(m_made) + "@example.org", "owner"); }
    test::Ask remove(const std::string &who) { return {m_one.owner, Method::Delete, m_one.path + "/members/" + who}; }
    test::Ask demote(const std::string &who)
    {
        return {m_one.owner, Method::Patch, m_one.path + "/members/" + who, {{"role", "admin"}}};
    }
    std::string owners() const
    {
        return m_bench->server.execute("SELECT count(*) FROM tenancy.memberships WHERE role = 'owner' AND "
                                       "organization_id = '" +
                                       base::toText(m_one.id) + "'");
    }

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_bench = std::make_unique<TenancyBench>(*m_postgres);
    }
    void cleanupTestCase()
    {
        m_bench.reset();
        m_postgres.reset();
    }
    void init()
    {
        m_one = m_bench->create("org" + std::to_string(++m_made));
        m_first = m_bench->ownerOf(m_one);
    }

    void theLastOwnerNeitherLeavesNorIsDemoted()
    {
        access::Actor himself = m_one.owner;
        himself.id = *base::uuidFrom(m_first);
        for (test::Ask ask : {remove(m_first), demote(m_first)}) {
            for (const access::Actor &actor : {himself, test::superAdmin(m_one.id, "asked for")}) {
                ask.actor = actor;
                const auto reply = m_bench->server.call(ask);
                QVERIFY2(reply.status == 409 && reply.code() == "last_owner", reply.body.c_str());
            }
        }
        QCOMPARE(owners(), std::string("1"));
        second();
        QCOMPARE(m_bench->server.call(remove(m_first)).status, 200);
    }

    void ofTwoAtOnceOneStays_data()
    {
        QTest::addColumn<bool>("firstGoes");
        QTest::addColumn<bool>("secondGoes");
        QTest::newRow("two demotions") << false << false;
        QTest::newRow("a removal and a demotion") << true << false;
        QTest::newRow("two removals") << true << true;
    }
    void ofTwoAtOnceOneStays()
    {
        QFETCH(bool, firstGoes);
        QFETCH(bool, secondGoes);
        const std::string other = second();
        const auto replies = m_bench->server.callAll(
            {firstGoes ? remove(m_first) : demote(m_first), secondGoes ? remove(other) : demote(other)});
        QCOMPARE(std::count_if(replies.begin(), replies.end(), [](const auto &each) { return each.status == 200; }), 1);
        QCOMPARE(
            std::count_if(replies.begin(), replies.end(), [](const auto &each) { return each.code() == "last_owner"; }),
            1);
        QCOMPARE(owners(), std::string("1"));
    }

    void whoBecomesAnOwnerMeanwhileIsNotAnAdminsAnyMore_data()
    {
        QTest::addColumn<int>("method");
        QTest::addColumn<QString>("what");
        QTest::newRow("demoted") << int(Method::Patch) << "";
        QTest::newRow("removed") << int(Method::Delete) << "";
        QTest::newRow("given another password") << int(Method::Post) << "/password-reset";
    }
    void whoBecomesAnOwnerMeanwhileIsNotAnAdminsAnyMore()
    {
        QFETCH(int, method);
        QFETCH(QString, what);
        const std::string who = m_bench->join(m_one, "rises" + std::to_string(m_made) + "@example.org", "admin");
        // Makes it an owner, and commits when somebody waits for that.
        std::jthread promotes([&] {
            m_bench->server.execute("UPDATE tenancy.memberships SET role = 'owner' WHERE user_id = '" + who +
                                    "'; SELECT pg_advisory_xact_lock(21); "
                                    "DO $$ BEGIN FOR i IN 1 .. 1000 LOOP "
                                    "EXIT WHEN EXISTS (SELECT FROM pg_locks WHERE NOT granted); "
                                    "PERFORM pg_sleep(0.01); END LOOP; END $$");
        });
        while (m_bench->server.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 21") ==
               "0")
            QTest::qSleep(5);
        const auto path = m_one.path + "/members/" + who + what.toStdString();
        base::Json body;
        if (static_cast<Method>(method) == Method::Patch)
            body = {{"role", "viewer"}};
        const auto reply = m_bench->ask(test::member(m_one.id, access::Role::Admin), static_cast<Method>(method), path,
                                        std::move(body));
        QVERIFY2(reply.status == 403 && reply.code() == "owners_only", reply.body.c_str());
        QCOMPARE(owners(), std::string("2"));
    }

    void whatIsGrantedByNameIsInTheTrail()
    {
        const std::string id = m_bench->join(m_one, "staff" + std::to_string(m_made) + "@example.org", "staff");
        const auto grant = [&](base::Json body) {
            const auto changed =
                m_bench->ask(m_one.owner, Method::Patch, m_one.path + "/members/" + id, std::move(body));
            base::ensure(changed.status == 200, changed.body.c_str());
            return m_bench->server.audits(m_one.id).back();
        };
        const base::Json none = boost::json::array();
        const base::Json given = grant({{"role", "staff"}, {"grants", boost::json::array{"publish_events"}}});
        QCOMPARE(given.at("before"), base::Json({{"role", "staff"}, {"grants", none}}));
        QCOMPARE(given.at("after"), base::Json({{"role", "staff"}, {"grants", boost::json::array{"publish_events"}}}));
        // Who says nothing of them takes none away.
        const base::Json moved = grant({{"role", "viewer"}});
        QCOMPARE(moved.at("after"), base::Json({{"role", "viewer"}, {"grants", boost::json::array{"publish_events"}}}));
        QCOMPARE(grant({{"role", "viewer"}, {"grants", none}}).at("after"),
                 base::Json({{"role", "viewer"}, {"grants", none}}));
    }
};

QTEST_GUILESS_MAIN(OwnersTest)
#include "owners_test.moc"
