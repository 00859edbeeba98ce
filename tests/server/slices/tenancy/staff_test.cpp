#include "tests/server/slices/tenancy/tenancy_bench.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using http::Method;
using test::TenancyBench;

/// The platform's staff inside an organization (the owner's check 21).
class StaffTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<TenancyBench> m_bench;
    TenancyBench::Organization m_one;
    std::string m_email, m_id; ///< an admin of the organization
    int m_people = 0;

    test::Reply flag(const std::string &id, bool staff)
    {
        return m_bench->ask(TenancyBench::platform(), Method::Post, "/v1/users/" + id + "/platform",
                            {{"staff", staff}, {"reason", "support"}});
    }
    test::Reply setRole(const access::Actor &actor, const std::string &id, const char *role)
    {
        return m_bench->ask(actor, Method::Patch, m_one.path + "/members/" + id, {{"role", role}});
    }
    std::string roleOf(const std::string &id) const
    {
        return m_bench->server.execute("SELECT role FROM tenancy.memberships WHERE user_id = '" + id + "'");
    }

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_bench = std::make_unique<TenancyBench>(*m_postgres);
        m_one = m_bench->create("one");
    }
    void cleanupTestCase()
    {
        m_bench.reset();
        m_postgres.reset();
    }
    void init()
    {
        m_email = m_bench->newcomer(m_one, "admin");
        m_id = m_bench->idOf(m_email);
    }

    void theyAreNotRemovedOrDemotedWhileFlaggedAndCanBeAfterwards()
    {
        QCOMPARE(flag(m_id, true).status, 200);
        const std::string path = m_one.path + "/members/" + m_id;
        for (const access::Role role : {access::Role::Owner, access::Role::Admin}) {
            const access::Actor tenant = test::member(m_one.id, role);
            QCOMPARE(setRole(tenant, m_id, "viewer").code(), std::string("platform_staff"));
            QCOMPARE(m_bench->ask(tenant, Method::Delete, path).code(), std::string("platform_staff"));
        }
        QCOMPARE(roleOf(m_id), std::string("admin"));
        QCOMPARE(setRole(test::superAdmin(m_one.id, "they asked"), m_id, "staff").status, 200);
        QCOMPARE(flag(m_id, false).status, 200);
        QCOMPARE(setRole(m_one.owner, m_id, "viewer").status, 200);
        QCOMPARE(m_bench->ask(m_one.owner, Method::Delete, path).status, 200);
    }

    void theyAreShownWithABadge()
    {
        QCOMPARE(flag(m_id, true).status, 200);
        const auto token = m_bench->signIn(m_email).text("token");
        QVERIFY(TenancyBench::get(m_bench->server, "/v1/me", token).json.at("support").as_bool());
        const auto found = m_bench->ask(m_one.owner, Method::Get, m_one.path + "/members");
        int badges = 0;
        for (const base::Json &each : found.json.at("data").as_array()) {
            if (each.at("id").as_string() == m_id)
                badges += each.at("support").as_bool() ? 1 : 0;
        }
        QCOMPARE(badges, 1);
    }

    void theConsentThatTheyReferToIsInTheTrailAndNobodyElses()
    {
        const auto invites = [&] {
            const auto made =
                m_bench->server.call({access::Actor::nobody(),
                                      Method::Post,
                                      m_one.path + "/invitations",
                                      {{"email", "i" + std::to_string(++m_people) + "@example.org"}, {"role", "staff"}},
                                      {{"Authorization", "Bearer " + m_bench->signIn(m_email).text("token")},
                                       {"Voelgoed-Approval", "mail of 3 March\xff"}}});
            base::ensure(made.status == 201, made.body.c_str());
            return m_bench->server.audits(m_one.id).back();
        };
        const base::Json before = invites();
        QCOMPARE(before.at("tenant_approval_reference").as_string(), "");
        QCOMPARE(before.at("origin").as_string(), "user");
        QCOMPARE(flag(m_id, true).status, 200);
        const base::Json entry = invites();
        // What is no text is made one: it lies in the trail for ever.
        QCOMPARE(entry.at("tenant_approval_reference").as_string(), "mail of 3 March\\xff");
        QVERIFY(entry.at("is_platform_staff").as_bool());
        QCOMPARE(entry.at("origin").as_string(), "platform_support");
    }

    void theyAreNotMadeOwners()
    {
        QCOMPARE(flag(m_id, true).status, 200);
        QCOMPARE(setRole(m_one.owner, m_id, "owner").code(), std::string("platform_staff"));
        QCOMPARE(setRole(test::superAdmin(m_one.id, "they asked"), m_id, "owner").code(),
                 std::string("platform_staff"));
        QCOMPARE(roleOf(m_id), std::string("admin"));
    }

    void theyDoNotBecomeOwnersByInvitation()
    {
        const auto two = m_bench->create("two");
        const std::string token = m_bench->invite(two, m_email, "owner").text("token");
        QCOMPARE(flag(m_id, true).status, 200);
        QCOMPARE(m_bench->accept(token, m_email).code(), std::string("platform_staff"));
        // The invitation is there still, for when they are not staff any more.
        QCOMPARE(flag(m_id, false).status, 200);
        QCOMPARE(m_bench->accept(token, m_email).status, 200);
    }

    void theyOwnNoNewOrganization()
    {
        QCOMPARE(flag(m_id, true).status, 200);
        const auto made = m_bench->ask(
            TenancyBench::platform(), Method::Post, "/v1/orgs",
            {{"name", "T"}, {"slug", "theirs"}, {"owner_email", m_email}, {"owner_password", TenancyBench::kPassword}});
        QCOMPARE(made.code(), std::string("platform_staff"));
        QCOMPARE(m_bench->server.execute("SELECT count(*) FROM tenancy.organizations WHERE slug = 'theirs'"),
                 std::string("0"));
    }

    void ownersAreNotMadeStaff()
    {
        QCOMPARE(setRole(m_one.owner, m_id, "owner").status, 200);
        QCOMPARE(flag(m_id, true).code(), std::string("owns_an_organization"));
        QCOMPARE(setRole(m_one.owner, m_id, "admin").status, 200);
        QCOMPARE(flag(m_id, true).status, 200);
    }

    void ofTwoRequestsAtOnceOneMakesStaffOrAnOwner()
    {
        for (int round = 0; round < 20; ++round) {
            m_bench->server.execute("UPDATE tenancy.memberships SET role = 'admin' WHERE user_id = '" + m_id +
                                    "'; UPDATE tenancy.users SET is_platform_staff = false WHERE id = '" + m_id + "'");
            const test::Ask flagging{TenancyBench::platform(),
                                     Method::Post,
                                     "/v1/users/" + m_id + "/platform",
                                     {{"staff", true}, {"reason", "support"}}};
            const test::Ask owning{m_one.owner, Method::Patch, m_one.path + "/members/" + m_id, {{"role", "owner"}}};
            int done = 0;
            for (const auto &reply : m_bench->server.callAll({flagging, owning}))
                done += reply.status == 200 ? 1 : 0;
            QCOMPARE(done, 1);
        }
    }

    // Whatever the program forgets: the database does not take it.
    void theDatabaseItselfRefusesStaffThatOwn()
    {
        QCOMPARE(flag(m_id, true).status, 200);
        const std::string complaint = m_bench->server.attempt(
            m_one.id, "UPDATE tenancy.memberships SET role = 'owner' WHERE user_id = '" + m_id + "'");
        QVERIFY2(complaint.find("own nothing") != std::string::npos, complaint.c_str());
    }
};

QTEST_GUILESS_MAIN(StaffTest)
#include "staff_test.moc"
