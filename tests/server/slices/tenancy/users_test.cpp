#include "tests/server/slices/tenancy/tenancy_bench.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using http::Method;
using test::TenancyBench;

namespace {

/// Longer than another server believes in a login.
constexpr base::Milliseconds kBelieved{441};

} // namespace

/// Platform administrators and the users of all organizations.
class UsersTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<TenancyBench> m_bench;
    std::unique_ptr<test::ServerBench> m_other; ///< beside it, over the same database
    TenancyBench::Organization m_one, m_two;

    std::string person(const std::string &role = "staff") { return m_bench->newcomer(m_one, role); }
    test::Reply setStatus(const std::string &user, const char *status, const std::string &reason = "left")
    {
        return m_bench->ask(TenancyBench::platform(), Method::Post, "/v1/users/" + user + "/status",
                            {{"status", status}, {"reason", reason}});
    }

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_bench = std::make_unique<TenancyBench>(*m_postgres);
        m_one = m_bench->create("one");
        m_two = m_bench->create("two");
        const auto people = [](platform::Kernel &kernel) { return tenancy::make(kernel).slice; };
        m_other = std::make_unique<test::ServerBench>(m_bench->server,
                                                      std::vector<test::ServerBench::MakeSlice>{audit::make, people});
    }
    void cleanupTestCase()
    {
        m_other.reset();
        m_bench.reset();
        m_postgres.reset();
    }

    // The owner's check 23; with sockets, and Redis up and down: tests/integration/users_test.cpp.
    void whoIsDisabledMayDoNothingMore()
    {
        const std::string email = person(), id = m_bench->idOf(email);
        const std::string token = m_bench->signIn(email).text("token");
        for (test::ServerBench *server : {&m_bench->server, m_other.get()})
            QCOMPARE(TenancyBench::get(*server, "/v1/me", token).status, 200);
        const auto disabled = setStatus(id, "disabled");
        QVERIFY2(disabled.status == 200, disabled.body.c_str());
        QCOMPARE(disabled.text("status"), std::string("disabled"));
        // Here at once; there, where nobody said so, when the login is asked for anew. The clock stood still till now.
        QCOMPARE(TenancyBench::get(m_bench->server, "/v1/me", token).status, 401);
        QCOMPARE(TenancyBench::get(*m_other, "/v1/me", token).status, 200);
        m_bench->server.clock().pass(kBelieved);
        QCOMPARE(TenancyBench::get(*m_other, "/v1/me", token).status, 401);
        QCOMPARE(m_bench->signIn(email).code(), std::string("user_disabled"));
    }

    void whoIsEnabledAgainSignsInAnew()
    {
        const std::string email = person(), id = m_bench->idOf(email);
        const std::string token = m_bench->signIn(email).text("token");
        QCOMPARE(setStatus(id, "disabled").status, 200);
        QCOMPARE(setStatus(id, "active", "came back").text("status"), std::string("active"));
        QCOMPARE(TenancyBench::get(m_bench->server, "/v1/me", token).status, 401);
        QCOMPARE(m_bench->signIn(email).status, 201);
    }

    void whoNeverConfirmedAnAddressIsNotMadeActive()
    {
        const std::string email = person(), id = m_bench->idOf(email);
        m_bench->server.execute("UPDATE tenancy.users SET confirmed_at = NULL WHERE id = '" + id + "'");
        QCOMPARE(setStatus(id, "disabled").status, 200);
        QCOMPARE(setStatus(id, "active").text("status"), std::string("pending"));
    }

    void thePlatformAndEachOrganizationOfThePersonAreTold()
    {
        const std::string email = person(), id = m_bench->idOf(email);
        QCOMPARE(m_bench->accept(m_bench->invite(m_two, email, "viewer").text("token"), email).status, 200);
        QCOMPARE(setStatus(id, "disabled", "a stolen laptop").status, 200);
        for (const base::Uuid &where : {work::kPlatform, m_one.id, m_two.id}) {
            const base::Json entry = m_bench->server.audits(where).back();
            QCOMPARE(entry.at("action").as_string(), "tenancy.change_user_status");
            QCOMPARE(entry.at("origin").as_string(), "super_admin_override");
            QCOMPARE(entry.at("reason").as_string(), "a stolen laptop");
            QCOMPARE(entry.at("subject").as_string(), id);
            QCOMPARE(entry.at("before"), base::Json({{"status", "active"}}));
            QCOMPARE(entry.at("after"), base::Json({{"status", "disabled"}}));
            const base::Json told = m_bench->server.events(where).back();
            QCOMPARE(told.at("topic").as_string(), "tenancy:user:" + id);
            QCOMPARE(told.at("event").at("type").as_string(), "tenancy.user_deactivated.v1");
            QCOMPARE(told.at("event").at("organizationid").as_string(), base::toText(where));
            QCOMPARE(told.at("event").at("data"), base::Json({{"user_id", id}, {"reason", "a stolen laptop"}}));
        }
        QCOMPARE(setStatus(id, "active").status, 200);
        QCOMPARE(m_bench->server.events(m_two.id).back().at("event").at("type").as_string(),
                 "tenancy.user_reactivated.v1");
    }

    void anyReasonFitsIntoTheEvent()
    {
        const std::string id = m_bench->idOf(person());
        QCOMPARE(setStatus(id, "disabled", std::string(500, '\x01')).status, 200);
        QCOMPARE(setStatus(id, "active", std::string(500, '"')).status, 200);
    }

    void nothingHappensWithoutAReasonOrWithoutAPerson()
    {
        const std::string id = m_bench->idOf(person());
        const auto silent = m_bench->ask(TenancyBench::platform(), Method::Post, "/v1/users/" + id + "/status",
                                         {{"status", "disabled"}});
        QCOMPARE(silent.pointer(), std::string("/reason"));
        for (const char *blank : {"", "  "})
            QCOMPARE(setStatus(id, "disabled", blank).pointer(), std::string("/reason"));
        QCOMPARE(setStatus("018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01", "disabled").status, 404);
        const auto nothing =
            m_bench->ask(TenancyBench::platform(), Method::Post, "/v1/users/" + id + "/platform", {{"reason", "none"}});
        QCOMPARE(nothing.pointer(), std::string("/staff"));
    }

    void nobodyLocksHimselfOut()
    {
        const std::string self = base::toText(TenancyBench::platform().id);
        QCOMPARE(setStatus(self, "disabled").code(), std::string("own_account"));
        const auto flags = m_bench->ask(TenancyBench::platform(), Method::Post, "/v1/users/" + self + "/platform",
                                        {{"admin", false}, {"reason", "none"}});
        QCOMPARE(flags.code(), std::string("own_account"));
    }

    void aPlatformAdministratorIsMadeAndUnmade()
    {
        const std::string email = person(), id = m_bench->idOf(email);
        const auto make = [&](bool admin) {
            const auto done = m_bench->ask(TenancyBench::platform(), Method::Post, "/v1/users/" + id + "/platform",
                                           {{"admin", admin}, {"reason", "on call"}});
            base::ensure(done.status == 200, done.body.c_str());
        };
        QCOMPARE(m_bench->ask(m_one.owner, Method::Delete, m_one.path + "/members/" + id).status, 200);
        make(true);
        const std::string token = m_bench->signIn(email).text("token");
        const std::string find = "/v1/users?email=" + email;
        const auto found = TenancyBench::get(m_bench->server, find, token);
        QVERIFY2(found.status == 200, found.body.c_str());
        QVERIFY(found.json.at("platform_admin").as_bool());
        make(false);
        QCOMPARE(TenancyBench::get(m_bench->server, find, token).status, 403);
        const base::Json entry = m_bench->server.audits(work::kPlatform).back();
        QCOMPARE(entry.at("before"), base::Json({{"platform_staff", false}, {"platform_admin", true}}));
        QCOMPARE(entry.at("after"), base::Json({{"platform_staff", false}, {"platform_admin", false}}));
    }

    void whoeverIsLookedUpIsInTheTrail()
    {
        const std::string email = person("viewer"), id = m_bench->idOf(email);
        const auto found = m_bench->ask(TenancyBench::platform(), Method::Get, "/v1/users?email=P" + email.substr(1));
        QCOMPARE(found.text("id"), id);
        QCOMPARE(found.json.at("organizations").at(0).at("role").as_string(), "viewer");
        const base::Json entry = m_bench->server.audits(work::kPlatform).back();
        QCOMPARE(entry.at("action").as_string(), "tenancy.find_user");
        QCOMPARE(entry.at("subject").as_string(), id);
        QCOMPARE(entry.at("reason").as_string(), "tests");
        QCOMPARE(m_bench->ask(TenancyBench::platform(), Method::Get, "/v1/users?email=nobody@one.example.org").status,
                 404);
    }

    // Who cannot be written down is shown nothing.
    void whatIsReadAndCannotBeToldIsNotShown()
    {
        const std::string email = person();
        m_bench->server.execute("REVOKE INSERT ON audit.log FROM vg_app");
        const auto refused = m_bench->ask(TenancyBench::platform(), Method::Get, "/v1/users?email=" + email);
        m_bench->server.execute("GRANT INSERT ON audit.log TO vg_app");
        QVERIFY2(refused.status >= 500, refused.body.c_str());
        QVERIFY(refused.body.find(email) == std::string::npos);
    }
};

QTEST_GUILESS_MAIN(UsersTest)
#include "users_test.moc"
