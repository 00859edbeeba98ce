#include "server/slices/tenancy/device_authenticator.h"
#include "server/slices/tenancy/still_hold.h"
#include "tests/server/slices/tenancy/tenancy_bench.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using http::Method;
using test::TenancyBench;

namespace {

const std::string kDevice = "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01";

} // namespace

/// What ends logins, and who is signed in where he is no member.
class LoginsTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<TenancyBench> m_bench;
    TenancyBench::Organization m_one, m_two;

    std::string person(const std::string &role = "staff") { return m_bench->newcomer(m_one, role); }
    /// A platform administrator's address.
    std::string administrator()
    {
        const std::string email = person();
        m_bench->server.execute("UPDATE tenancy.users SET is_platform_admin = true WHERE email = '" + email +
                                "'; DELETE FROM tenancy.memberships WHERE user_id = '" + m_bench->idOf(email) + "'");
        return email;
    }
    std::string tokenIn(const TenancyBench::Organization &organization, const std::string &email)
    {
        const auto entered = signInTo(organization, email, "looking into it");
        base::ensure(entered.status == 201, entered.body.c_str());
        return entered.text("token");
    }
    test::Reply signInTo(const TenancyBench::Organization &organization, const std::string &email,
                         const std::string &reason)
    {
        const std::string slug = organization.id == m_two.id ? "two" : organization.id == m_one.id ? "one" : "gone";
        return m_bench->ask(
            access::Actor::nobody(), Method::Post, "/v1/sessions",
            {{"email", email}, {"password", TenancyBench::kPassword}, {"organization", slug}, {"reason", reason}});
    }
    int statusOf(const std::string &token) { return TenancyBench::get(m_bench->server, "/v1/me", token).status; }
    test::Reply moveTo(const TenancyBench::Organization &organization, const char *status)
    {
        return m_bench->ask(TenancyBench::platform(), Method::Post, organization.path + "/status",
                            {{"status", status}, {"reason", "closed"}});
    }
    bool holds(access::Actor actor, bool isDevice)
    {
        const auto hold = m_bench->server.run(isDevice ? tenancy::devicesStillHold(m_bench->server.database(), {actor})
                                                       : tenancy::peopleStillHold(m_bench->server.database(), {actor}));
        base::ensure(bool(hold), "nobody knows");
        return hold->front();
    }
    bool isRevoked()
    {
        const auto device = m_bench->server.run(tenancy::loadDevice(m_bench->server.database(), kDevice));
        base::ensure(device && *device, "no device");
        return (*device)->post.isRevoked;
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

    void withAnOrganizationEndItsLoginsAndSocketsAndItsDevicesAreAsIfRevoked()
    {
        const auto gone = m_bench->create("gone");
        const std::string token = m_bench->signIn("owner@gone.example.org").text("token");
        const std::string inside = tokenIn(gone, administrator());
        QCOMPARE(statusOf(token), 200);
        QCOMPARE(statusOf(inside), 200);
        base::SeededRandom random(7);
        m_bench->server.execute(
            "INSERT INTO tenancy.devices (organization_id, id, name, public_key, status) VALUES ('" +
            base::toText(gone.id) + "', '" + kDevice + "', 'North', decode('" +
            base::toHex(base::SigningKey::generate(random).publicKey()) + "', 'hex'), 'active')");
        access::Actor owner = gone.owner, device;
        owner.id = *base::uuidFrom(m_bench->ownerOf(gone));
        owner.session = *base::uuidFrom(m_bench->server.execute("SELECT id FROM tenancy.sessions WHERE user_id = '" +
                                                                base::toText(owner.id) + "'"));
        device.kind = access::ActorKind::Device;
        device.id = *base::uuidFrom(kDevice);
        device.device.emplace();
        QVERIFY(holds(owner, false) && holds(device, true) && !isRevoked());
        QCOMPARE(moveTo(gone, "archived").status, 200);
        QVERIFY(!holds(owner, false) && !holds(device, true));
        QVERIFY(isRevoked());
        QCOMPARE(statusOf(token), 401);
        QCOMPARE(statusOf(inside), 401);
        QCOMPARE(signInTo(gone, "owner@gone.example.org", "mine").status, 401);
        // It comes back with its devices, and with no login of before.
        QCOMPARE(moveTo(gone, "active").status, 200);
        QCOMPARE(statusOf(token), 401);
        QVERIFY(holds(device, true) && !isRevoked());
    }

    // Also where no server said so: the row alone is enough.
    void aLoginOfAnArchivedOrganizationIsNone()
    {
        const std::string token = m_bench->signIn("owner@two.example.org").text("token");
        m_bench->server.execute("UPDATE tenancy.organizations SET status = 'archived' WHERE slug = 'two'");
        QCOMPARE(statusOf(token), 401);
        m_bench->server.execute("UPDATE tenancy.organizations SET status = 'active' WHERE slug = 'two'");
        QCOMPARE(statusOf(token), 200);
    }

    // owner.md, section 8.
    void aLoginHoldsInTheNetworkThatItWasBegunIn()
    {
        const std::string token = m_bench->signIn("owner@two.example.org").text("token");
        const auto from = [&](const std::string &peer) {
            return m_bench->server.call({.actor = access::Actor::nobody(),
                                         .target = "/v1/me",
                                         .fields = {{"Authorization", "Bearer " + token}},
                                         .peer = peer});
        };
        QCOMPARE(from("192.0.2.1").status, 200);
        QCOMPARE(from("::ffff:192.0.2.1").status, 200);
        const auto elsewhere = from("192.0.2.2");
        QCOMPARE(elsewhere.status, 401);
        QCOMPARE(elsewhere.code(), std::string("session_elsewhere"));
        QCOMPARE(from("192.0.2.1").status, 200);
        const auto set = [&](bool bind) {
            return m_bench->ask(m_two.owner, Method::Patch, m_two.path + "/settings", {{"bind_logins", bind}}).status;
        };
        QCOMPARE(set(false), 200);
        QCOMPARE(from("192.0.2.2").status, 200);
        QCOMPARE(set(true), 200);
        QCOMPARE(from("192.0.2.2").status, 401);
    }

    void aSuspendedOrganizationsPeopleStaySignedIn()
    {
        const std::string token = m_bench->signIn("owner@two.example.org").text("token");
        QCOMPARE(moveTo(m_two, "suspended").status, 200);
        QCOMPARE(statusOf(token), 200);
        QCOMPARE(moveTo(m_two, "active").status, 200);
    }

    void anotherRoleEndsThePersonsLoginsThereAndNowhereElse()
    {
        const std::string email = person(), id = m_bench->idOf(email);
        QCOMPARE(m_bench->accept(m_bench->invite(m_two, email, "viewer").text("token"), email).status, 200);
        const std::string here = tokenIn(m_one, email), there = tokenIn(m_two, email);
        const auto change = [&](base::Json body) {
            return m_bench->ask(m_one.owner, Method::Patch, m_one.path + "/members/" + id, std::move(body)).status;
        };
        QCOMPARE(change({{"role", "staff"}, {"grants", {"publish_events"}}}), 200);
        QCOMPARE(statusOf(here), 200);
        QCOMPARE(change({{"role", "admin"}}), 200);
        QCOMPARE(statusOf(here), 401);
        QCOMPARE(statusOf(there), 200);
        const std::string again = tokenIn(m_one, email);
        QCOMPARE(m_bench->ask(m_one.owner, Method::Delete, m_one.path + "/members/" + id).status, 200);
        QCOMPARE(statusOf(again), 401);
        QCOMPARE(statusOf(there), 200);
    }

    void whoIsNoMemberThereChangesHisOwnPassword()
    {
        const std::string email = administrator();
        const std::string token = tokenIn(m_one, email);
        const auto changed =
            m_bench->server.call({access::Actor::nobody(),
                                  Method::Post,
                                  "/v1/me/password",
                                  {{"old_password", TenancyBench::kPassword}, {"new_password", "Nuwe4Wagwoord"}},
                                  {{"Authorization", "Bearer " + token}}});
        QVERIFY2(changed.status == 200, changed.body.c_str());
        QCOMPARE(m_bench->signIn(email, "Nuwe4Wagwoord").status, 201);
    }

    void aSuperAdminsWayInIsInTheOrganizationsTrail()
    {
        const std::string email = administrator();
        QCOMPARE(signInTo(m_one, email, " ").code(), std::string("reason_required"));
        const std::size_t before = m_bench->server.audits(m_one.id).size();
        tokenIn(m_one, email);
        const auto trail = m_bench->server.audits(m_one.id);
        QCOMPARE(trail.size(), before + 1);
        const base::Json &entry = trail.back();
        QCOMPARE(entry.at("action").as_string(), "tenancy.sign_in");
        QCOMPARE(entry.at("origin").as_string(), "super_admin_override");
        QCOMPARE(entry.at("actor_type").as_string(), "super_admin");
        QCOMPARE(entry.at("actor_id").as_string(), m_bench->idOf(email));
        QCOMPARE(entry.at("reason").as_string(), "looking into it");
        // A member's login is nobody else's business.
        tokenIn(m_one, person());
        QCOMPARE(m_bench->server.audits(m_one.id).back().at("action").as_string(), "tenancy.accept_invitation");
    }

    void anEmptyReasonOfARequestLeavesTheLogins_data()
    {
        QTest::addColumn<QString>("field");
        QTest::addColumn<QString>("reason");
        QTest::newRow("empty") << ""
                               << "looking into it";
        QTest::newRow("spaces") << "  "
                                << "looking into it";
        QTest::newRow("another") << "they called"
                                 << "they called";
    }
    void anEmptyReasonOfARequestLeavesTheLogins()
    {
        QFETCH(QString, field);
        QFETCH(QString, reason);
        const std::string token = tokenIn(m_one, administrator());
        const auto renamed =
            m_bench->server.call({access::Actor::nobody(),
                                  Method::Patch,
                                  m_one.path,
                                  {{"name", "Renamed"}},
                                  {{"Authorization", "Bearer " + token}, {"Voelgoed-Reason", field.toStdString()}}});
        QVERIFY2(renamed.status == 200, renamed.body.c_str());
        QCOMPARE(QString::fromStdString(std::string(m_bench->server.audits(m_one.id).back().at("reason").as_string())),
                 reason);
    }
};

QTEST_GUILESS_MAIN(LoginsTest)
#include "logins_test.moc"
