#include "tests/server/slices/tenancy/tenancy_bench.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using http::Method;
using test::TenancyBench;

namespace {

constexpr const char *kNew = "Nuwe4Wagwoord";

} // namespace

/// A forgotten password: a token that an administrator hands over.
class PasswordsTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<TenancyBench> m_bench;
    TenancyBench::Organization m_one, m_two;
    std::string m_email, m_id; ///< a member of the first one

    test::Reply byOrganization(const access::Actor &actor, const std::string &id)
    {
        return m_bench->ask(actor, Method::Post, m_one.path + "/members/" + id + "/password-reset",
                            boost::json::object());
    }
    test::Reply byPlatform(const std::string &id)
    {
        return m_bench->ask(TenancyBench::platform(), Method::Post, "/v1/users/" + id + "/password-reset",
                            {{"reason", "called us"}});
    }
    test::Reply use(const std::string &token, const std::string &email, const char *password = kNew)
    {
        return m_bench->ask(access::Actor::nobody(), Method::Post, "/v1/password/reset",
                            {{"token", token}, {"email", email}, {"new_password", password}});
    }

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_bench = std::make_unique<TenancyBench>(*m_postgres);
        m_one = m_bench->create("one");
        m_two = m_bench->create("two");
    }
    void cleanupTestCase()
    {
        m_bench.reset();
        m_postgres.reset();
    }
    void init()
    {
        m_email = m_bench->newcomer(m_one, "staff");
        m_id = m_bench->idOf(m_email);
    }

    void aTokenWorksOnceAndEndsEveryLogin()
    {
        const std::string login = m_bench->signIn(m_email).text("token");
        QCOMPARE(TenancyBench::get(m_bench->server, "/v1/me", login).status, 200);
        const auto given = byOrganization(m_one.owner, m_id);
        QVERIFY2(given.status == 201, given.body.c_str());
        QVERIFY(given.text("token").starts_with("vgp_"));
        QCOMPARE(m_bench->server.audits(m_one.id).back().at("action").as_string(), "tenancy.reset_member_password");
        // It changes nothing by itself.
        QCOMPARE(m_bench->signIn(m_email).status, 201);
        const auto done = use(given.text("token"), "P" + m_email.substr(1));
        QVERIFY2(done.status == 200, done.body.c_str());
        QCOMPARE(TenancyBench::get(m_bench->server, "/v1/me", login).status, 401);
        QCOMPARE(m_bench->signIn(m_email).status, 401);
        QCOMPARE(m_bench->signIn(m_email, kNew).status, 201);
        QCOMPARE(use(given.text("token"), m_email).status, 404);
        const base::Json entry = m_bench->server.audits(m_one.id).back();
        QCOMPARE(entry.at("action").as_string(), "tenancy.reset_password");
        QCOMPARE(entry.at("subject").as_string(), m_id);
    }

    void whatIsNoTokenOfThisPersonAnswersAlike()
    {
        const std::string token = byOrganization(m_one.owner, m_id).text("token");
        const auto none = use("vgp_" + std::string(43, 'A'), m_email), other = use(token, "owner@two.example.org"),
                   word = use("x", m_email);
        QCOMPARE(none.status, 404);
        for (const auto *reply : {&other, &word}) {
            QCOMPARE(reply->status, 404);
            QCOMPARE(reply->code(), none.code());
        }
        // Nothing of that used it up, nor does a password that is none.
        QCOMPARE(use(token, m_email, "short").pointer(), std::string("/new_password"));
        QCOMPARE(use(token, m_email).status, 200);
    }

    void itLastsAnHourAndTheLatestCounts()
    {
        const auto first = byOrganization(m_one.owner, m_id), second = byOrganization(m_one.owner, m_id);
        QCOMPARE(first.text("expires_at"),
                 base::formatInstant(m_bench->server.clock().now().wall + std::chrono::hours(1)));
        QCOMPARE(use(first.text("token"), m_email).status, 404);
        m_bench->server.execute("UPDATE tenancy.password_resets SET expires_at = now() WHERE user_id = '" + m_id + "'");
        QCOMPARE(use(second.text("token"), m_email).status, 404);
    }

    void noTokenLiesInTheDatabase()
    {
        const std::string token = byOrganization(m_one.owner, m_id).text("token");
        QCOMPARE(m_bench->server.execute("SELECT count(*) FROM tenancy.password_resets r WHERE strpos(r::text, '" +
                                         token.substr(4) + "') > 0"),
                 std::string("0"));
        QCOMPARE(m_bench->server.execute("SELECT count(*) FROM tenancy.password_resets WHERE token_hash = sha256('" +
                                         token + "')"),
                 std::string("1"));
    }

    // Whoever sets somebody's password is that person in every organization.
    void whoIsElsewhereTooIsThePlatformsToReset()
    {
        const std::string token = byOrganization(m_one.owner, m_id).text("token");
        QCOMPARE(m_bench->accept(m_bench->invite(m_two, m_email, "viewer").text("token"), m_email).status, 200);
        QCOMPARE(byOrganization(m_one.owner, m_id).code(), std::string("not_yours_alone"));
        // Also when that came in between.
        QCOMPARE(use(token, m_email).status, 404);
        QCOMPARE(m_bench->signIn(m_email).status, 201);
        const auto given = byPlatform(m_id);
        QVERIFY2(given.status == 201, given.body.c_str());
        const base::Json entry = m_bench->server.audits(work::kPlatform).back();
        QCOMPARE(entry.at("action").as_string(), "tenancy.reset_user_password");
        QCOMPARE(entry.at("reason").as_string(), "called us");
        QCOMPARE(entry.at("origin").as_string(), "super_admin_override");
        QCOMPARE(use(given.text("token"), m_email).status, 200);
    }

    void thePlatformsPeopleAreNoTenantsToReset()
    {
        for (const char *flag : {"staff", "admin"}) {
            const auto set = [&](bool value) {
                return m_bench->ask(TenancyBench::platform(), Method::Post, "/v1/users/" + m_id + "/platform",
                                    {{flag, value}, {"reason", "support"}});
            };
            QCOMPARE(set(true).status, 200);
            QCOMPARE(byOrganization(m_one.owner, m_id).code(), std::string("not_yours_alone"));
            QCOMPARE(set(false).status, 200);
        }
        QCOMPARE(byOrganization(m_one.owner, m_id).status, 201);
    }

    void whoMayAskForOne()
    {
        const std::string owner = m_bench->idOf("owner@one.example.org");
        const access::Actor admin = test::member(m_one.id, access::Role::Admin);
        QCOMPARE(byOrganization(admin, m_id).status, 201);
        QCOMPARE(byOrganization(admin, owner).code(), std::string("owners_only"));
        QCOMPARE(byOrganization(m_one.owner, owner).status, 201);
        QCOMPARE(byOrganization(test::member(m_one.id, access::Role::Staff), m_id).status, 403);
        QCOMPARE(byOrganization(m_two.owner, m_id).status, 404);
        access::Actor self = m_one.owner;
        self.id = *base::uuidFrom(owner);
        QCOMPARE(byOrganization(self, owner).code(), std::string("own_account"));
        const std::string stranger = m_bench->idOf("owner@two.example.org");
        QCOMPARE(byOrganization(m_one.owner, stranger).status, 404);
    }

    void whoChangesThePasswordNeedsNone()
    {
        const std::string token = byOrganization(m_one.owner, m_id).text("token");
        const std::string login = m_bench->signIn(m_email).text("token");
        const auto changed =
            m_bench->server.call({access::Actor::nobody(),
                                  Method::Post,
                                  "/v1/me/password",
                                  {{"old_password", TenancyBench::kPassword}, {"new_password", "Eie5Wagwoord"}},
                                  {{"Authorization", "Bearer " + login}}});
        QVERIFY2(changed.status == 200, changed.body.c_str());
        QCOMPARE(use(token, m_email).status, 404);
        QCOMPARE(m_bench->signIn(m_email, "Eie5Wagwoord").status, 201);
    }

    void whoIsDisabledGetsNone()
    {
        const std::string token = byOrganization(m_one.owner, m_id).text("token");
        for (const char *status : {"disabled", "active"}) {
            QCOMPARE(m_bench
                         ->ask(TenancyBench::platform(), Method::Post, "/v1/users/" + m_id + "/status",
                               {{"status", status}, {"reason", "away"}})
                         .status,
                     200);
            // One from before is gone for good.
            QCOMPARE(use(token, m_email).status, 404);
            if (std::string_view(status) == "disabled")
                QCOMPARE(byPlatform(m_id).code(), std::string("user_disabled"));
        }
        QCOMPARE(byPlatform(m_id).status, 201);
    }
};

QTEST_GUILESS_MAIN(PasswordsTest)
#include "passwords_test.moc"
