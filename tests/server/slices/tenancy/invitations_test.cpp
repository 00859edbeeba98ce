#include "tests/server/slices/tenancy/tenancy_bench.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using http::Method;
using test::TenancyBench;

class InvitationsTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<TenancyBench> m_bench;
    TenancyBench::Organization m_one, m_two;

    test::Reply list(const access::Actor &actor, const std::string &query = {})
    {
        return m_bench->ask(actor, Method::Get, m_one.path + "/invitations" + query);
    }
    QStringList addresses(const std::string &query = {})
    {
        QStringList found;
        const auto listed = list(m_one.owner, query);
        for (const base::Json &each : listed.json.at("data").as_array())
            found << QString::fromStdString(std::string(each.at("email").as_string()));
        return found;
    }

private slots:
    void initTestCase() { m_postgres = std::make_unique<test::Postgres>(); }
    void init()
    {
        m_bench = std::make_unique<TenancyBench>(*m_postgres);
        m_one = m_bench->create("one");
        m_two = m_bench->create("two");
    }
    void cleanup() { m_bench.reset(); }
    void cleanupTestCase() { m_postgres.reset(); }

    void theTrailNamesTheInvitation()
    {
        const auto invited = m_bench->invite(m_one, "a@example.org", "staff");
        const base::Json entry = m_bench->server.audits(m_one.id).back();
        QCOMPARE(entry.at("subject_type").as_string(), "invitation");
        QCOMPARE(entry.at("subject").as_string(), invited.text("id"));
        QCOMPARE(
            m_bench->server.execute("SELECT email FROM tenancy.invitations WHERE id = '" + invited.text("id") + "'"),
            std::string("a@example.org"));
        // Invited again it is the same one, with another token.
        const auto again = m_bench->invite(m_one, "a@example.org", "viewer");
        QCOMPARE(again.text("id"), invited.text("id"));
        QVERIFY(again.text("token") != invited.text("token"));
    }

    void thoseThatAreOpenAreListedByAddress()
    {
        for (const char *email : {"c@example.org", "a@example.org", "b@example.org", "d@example.org"})
            QCOMPARE(m_bench->invite(m_one, email, "staff").status, 201);
        QCOMPARE(m_bench->invite(m_two, "other@example.org", "staff").status, 201);
        m_bench->server.execute("UPDATE tenancy.invitations SET expires_at = now() WHERE email = 'b@example.org'");
        const auto accepted =
            m_bench->accept(m_bench->invite(m_one, "d@example.org", "staff").text("token"), "d@example.org");
        QCOMPARE(accepted.status, 200);
        QCOMPARE(addresses(), (QStringList{"a@example.org", "c@example.org"}));
        const auto first = list(m_one.owner, "?limit=1");
        QVERIFY(first.json.at("has_more").as_bool());
        QCOMPARE(addresses("?after=" + first.text("next")), QStringList{"c@example.org"});
        QCOMPARE(list(m_one.owner).body.find("vgi_"), std::string::npos);
        QCOMPARE(list(test::member(m_one.id, access::Role::Staff)).status, 403);
        QCOMPARE(list(m_two.owner).status, 404);
    }

    void whatIsTakenBackOpensNothing()
    {
        const auto invited = m_bench->invite(m_one, "a@example.org", "staff");
        const std::string path = m_one.path + "/invitations/" + invited.text("id");
        QCOMPARE(m_bench->ask(m_two.owner, Method::Delete, path).status, 404);
        QCOMPARE(m_bench->ask(m_two.owner, Method::Delete, m_two.path + "/invitations/" + invited.text("id")).status,
                 404);
        QCOMPARE(m_bench->ask(m_one.owner, Method::Delete, path).status, 200);
        const base::Json entry = m_bench->server.audits(m_one.id).back();
        QCOMPARE(entry.at("action").as_string(), "tenancy.withdraw_invitation");
        QCOMPARE(entry.at("subject").as_string(), invited.text("id"));
        QCOMPARE(m_bench->accept(invited.text("token"), "a@example.org").status, 404);
        QCOMPARE(m_bench->ask(m_one.owner, Method::Delete, path).status, 404);
        QCOMPARE(addresses(), QStringList());
    }

    // owner.md: an invitation is accepted only by its own address. The inviter has the token, too.
    void anAccountThatIsThereJoinsByItsPasswordAlone()
    {
        const std::string email = m_bench->newcomer(m_one), id = m_bench->idOf(email);
        const std::string token = m_bench->invite(m_two, email, "viewer").text("token");
        const auto accept = [&](base::Json body) {
            body.as_object()["token"] = token;
            body.as_object()["email"] = email;
            return m_bench->ask(access::Actor::nobody(), Method::Post, "/v1/invitations/accept", std::move(body));
        };
        const auto members = [&] {
            return m_bench->server.execute("SELECT count(*) FROM tenancy.memberships WHERE user_id = '" + id + "'");
        };
        QCOMPARE(accept({{"first_name", "Somebody"}}).status, 400);
        const auto other = accept({{"password", "Ander3Wagwoord"}});
        QCOMPARE(other.status, 401);
        QCOMPARE(other.code(), std::string("wrong_credentials"));
        QCOMPARE(members(), std::string("1"));
        m_bench->server.execute("UPDATE tenancy.users SET status = 'disabled' WHERE id = '" + id + "'");
        QCOMPARE(accept({{"password", test::TenancyBench::kPassword}}).status, 403);
        m_bench->server.execute("UPDATE tenancy.users SET status = 'active' WHERE id = '" + id + "'");
        QCOMPARE(accept({{"password", test::TenancyBench::kPassword}}).status, 200);
        QCOMPARE(members(), std::string("2"));
    }

    void adminsDoNotTakeAnOwnersInvitationBack()
    {
        const access::Actor admin = test::member(m_one.id, access::Role::Admin);
        const auto path = [&](const char *email, const char *role) {
            return m_one.path + "/invitations/" + m_bench->invite(m_one, email, role).text("id");
        };
        QCOMPARE(m_bench->ask(admin, Method::Delete, path("o@example.org", "owner")).code(),
                 std::string("owners_only"));
        QCOMPARE(m_bench->ask(admin, Method::Delete, path("s@example.org", "staff")).status, 200);
        QCOMPARE(addresses(), QStringList{"o@example.org"});
    }
};

QTEST_GUILESS_MAIN(InvitationsTest)
#include "invitations_test.moc"
