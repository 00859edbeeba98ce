#include "server/slices/api/known_keys.h"
#include "tests/server/slices/api/api_bench.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace std::chrono_literals;
using http::Method;

namespace {

const std::string kUnknown = "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01";

} // namespace

class KeysTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::ApiBench> m_bench;
    test::ApiBench::Organization m_one, m_two;

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_bench = std::make_unique<test::ApiBench>(*m_postgres);
        m_one = m_bench->organization("one");
        m_two = m_bench->organization("two");
    }
    void cleanupTestCase()
    {
        m_bench.reset();
        m_postgres.reset();
    }

    void aKeysSecretIsShownOnceAndStoredAsAHash()
    {
        const auto key = m_bench->key(m_one, {"see_team"});
        QVERIFY(key.secret.starts_with("vgk_"));
        const auto shown = m_bench->ask(m_one.owner, Method::Get, "/v1/api-keys/" + key.id);
        QVERIFY(shown.json.at("secret").is_null());
        QCOMPARE(shown.text("prefix"), key.secret.substr(0, 12));
        QCOMPARE(m_bench->server.execute("SELECT encode(hash, 'hex') FROM api.keys WHERE id = '" + key.id + "'"),
                 base::toHex(base::sha256({base::bytesOf(key.secret)})));
        const std::string everything = m_bench->server.execute("SELECT json_agg(k)::text FROM api.keys k") +
                                       m_bench->server.execute("SELECT json_agg(k)::text FROM audit.log k") +
                                       m_bench->server.execute("SELECT json_agg(k)::text FROM platform.outbox k");
        QVERIFY(everything.find(key.secret.substr(12)) == std::string::npos);
        const auto audit = m_bench->server.audits(m_one.id).back();
        QCOMPARE(audit.at("action").as_string(), "api.create_key");
        QCOMPARE(m_bench->server.events(m_one.id).back().at("topic").as_string(),
                 "api_keys:org:" + base::toText(m_one.id));
    }

    void aKeyDoesWhatItsScopesSayAndNoMore()
    {
        const auto key = m_bench->key(m_one, {"manage_devices"});
        QCOMPARE(m_bench->with(key.secret, "/v1/devices").status, 200);
        const auto refused = m_bench->with(key.secret, m_one.path + "/members");
        QCOMPARE(refused.status, 403);
        QCOMPARE(refused.code(), std::string("not_allowed"));
        // Of no scope at all.
        QCOMPARE(m_bench->with(key.secret, "/v1/api-keys").status, 403);
        QCOMPARE(m_bench->with(key.secret, "/v1/audit").status, 403);
        QCOMPARE(m_bench->with(key.secret, "/v1/me").status, 403);
    }

    void aTestKeyReadsAndChangesNothing()
    {
        const auto made = m_bench->ask(m_one.owner, Method::Post, "/v1/api-keys",
                                       {{"name", "Trial"}, {"scopes", {"manage_devices"}}, {"mode", "test"}});
        QVERIFY2(made.status == 201, made.body.c_str());
        QVERIFY(made.text("secret").starts_with("vgt_"));
        QCOMPARE(made.text("mode"), std::string("test"));
        QCOMPARE(m_bench->with(made.text("secret"), "/v1/devices").status, 200);
        const auto refused = m_bench->with(made.text("secret"), "/v1/devices/codes", Method::Post, {{"name", "North"}});
        QCOMPARE(refused.status, 403);
        QCOMPARE(refused.code(), std::string("test_key"));
        QCOMPARE(m_bench->with(made.text("secret"), "/v1/rate-limit").text("mode"), std::string("test"));
        const auto rolled = m_bench->ask(m_one.owner, Method::Post, "/v1/api-keys/" + made.text("id") + "/roll",
                                         base::Json(boost::json::object{}));
        QVERIFY(rolled.text("secret").starts_with("vgt_"));
        QCOMPARE(m_bench
                     ->ask(m_one.owner, Method::Post, "/v1/api-keys",
                           {{"name", "Trial"}, {"scopes", {"manage_devices"}}, {"mode", "prod"}})
                     .pointer(),
                 std::string("/mode"));
    }

    void whatAKeyDidIsInTheTrailUnderItsName()
    {
        const auto key = m_bench->key(m_one, {"manage_devices"});
        QCOMPARE(m_bench->with(key.secret, "/v1/devices/codes", Method::Post, {{"name", "North"}}).status, 201);
        const auto audit = m_bench->server.audits(m_one.id).back();
        QCOMPARE(audit.at("actor_type").as_string(), "api_key");
        QCOMPARE(audit.at("actor_id").as_string(), std::string_view(key.id));
        QCOMPARE(audit.at("actor_name").as_string(), "Shop");
    }

    void scopesThatNoKeyMayHaveAreNamed_data()
    {
        QTest::addColumn<QString>("scope");
        QTest::addColumn<QString>("code");
        for (const access::Permission permission : access::allPermissions()) {
            const std::string word(access::word(permission));
            if (!access::isForKeys(permission))
                QTest::addRow("%s", word.c_str()) << QString::fromStdString(word) << "not_for_keys";
        }
        QTest::newRow("none") << "fly"
                              << "not_a_scope";
        QTest::newRow("all") << "*"
                             << "not_a_scope";
    }
    void scopesThatNoKeyMayHaveAreNamed()
    {
        QFETCH(QString, scope);
        QFETCH(QString, code);
        const auto reply = m_bench->ask(m_one.owner, Method::Post, "/v1/api-keys",
                                        {{"name", "X"}, {"scopes", {"see_team", scope.toStdString()}}});
        QCOMPARE(reply.status, 400);
        QCOMPARE(reply.pointer(), std::string("/scopes/1"));
        QCOMPARE(reply.json.at("errors").at(0).at("code").as_string(), std::string_view(code.toStdString()));
    }

    void aKeyWithoutScopesOrInThePastIsNone()
    {
        const auto none =
            m_bench->ask(m_one.owner, Method::Post, "/v1/api-keys", {{"name", "X"}, {"scopes", boost::json::array{}}});
        QCOMPARE(none.pointer(), std::string("/scopes"));
        const auto past =
            m_bench->ask(m_one.owner, Method::Post, "/v1/api-keys",
                         {{"name", "X"}, {"scopes", {"see_team"}}, {"expires_at", "2020-01-01T00:00:00Z"}});
        QCOMPARE(past.pointer(), std::string("/expires_at"));
    }

    void aRevokedKeyIsDeadAtOnce()
    {
        const auto key = m_bench->key(m_one, {"see_team"});
        QCOMPARE(m_bench->with(key.secret, m_one.path + "/members").status, 200);
        const std::string path = "/v1/api-keys/" + key.id + "/revoke";
        QCOMPARE(m_bench->ask(m_one.owner, Method::Post, path, {{"reason", "left the firm"}}).status, 200);
        const auto dead = m_bench->with(key.secret, m_one.path + "/members");
        QCOMPARE(dead.status, 401);
        QCOMPARE(dead.code(), std::string("key_revoked"));
        QCOMPARE(m_bench->server.audits(m_one.id).back().at("reason").as_string(), "left the firm");
        QCOMPARE(m_bench->ask(m_one.owner, Method::Post, path, {{"reason", "again"}}).code(), std::string("key_dead"));
    }

    void aKeyThatAnotherServerRevokedIsDeadWithinHalfASecond()
    {
        const auto key = m_bench->key(m_one, {"see_team"});
        QCOMPARE(m_bench->with(key.secret, m_one.path + "/members").status, 200);
        m_bench->server.execute("UPDATE api.keys SET revoked_at = now() WHERE id = '" + key.id + "'");
        m_bench->server.clock().pass(500ms);
        QCOMPARE(m_bench->with(key.secret, m_one.path + "/members").code(), std::string("key_revoked"));
    }

    void anExpiredKeyIsDeadToTheMoment()
    {
        const base::Instant end = m_bench->server.clock().now().wall + 1h;
        const auto key = m_bench->key(m_one, {"see_team"}, boost::json::string(base::formatInstant(end)));
        m_bench->server.clock().pass(1h - 1ms);
        QCOMPARE(m_bench->with(key.secret, m_one.path + "/members").status, 200);
        m_bench->server.clock().pass(1ms);
        const auto dead = m_bench->with(key.secret, m_one.path + "/members");
        QCOMPARE(dead.status, 401);
        QCOMPARE(dead.code(), std::string("key_expired"));
    }

    void aRolledKeyAndItsSuccessorBothWorkForAWhile()
    {
        const auto old = m_bench->key(m_one, {"see_team"});
        const auto rolled =
            m_bench->ask(m_one.owner, Method::Post, "/v1/api-keys/" + old.id + "/roll", {{"overlap_minutes", 10}});
        QVERIFY2(rolled.status == 201, rolled.body.c_str());
        QCOMPARE(rolled.text("replaces"), old.id);
        for (const std::string &secret : {old.secret, rolled.text("secret")})
            QCOMPARE(m_bench->with(secret, m_one.path + "/members").status, 200);
        m_bench->server.clock().pass(10min);
        QCOMPARE(m_bench->with(old.secret, m_one.path + "/members").code(), std::string("key_expired"));
        QCOMPARE(m_bench->with(rolled.text("secret"), m_one.path + "/members").status, 200);
        QCOMPARE(m_bench->ask(m_one.owner, Method::Post, "/v1/api-keys/" + old.id + "/roll").code(),
                 std::string("key_dead"));
    }

    void whatIsNoSecretOpensNothing_data()
    {
        QTest::addColumn<QString>("secret");
        QTest::addColumn<QString>("code");
        QTest::newRow("nobody's") << "vgk_" + QString(43, 'A') << "key_unknown";
        QTest::newRow("a prefix") << "vgk_AAAAAAAA"
                                  << "unauthorized";
        QTest::newRow("nothing") << ""
                                 << "unauthorized";
        QTest::newRow("a login's") << "vgs_" + QString(43, 'A') << "session_ended";
    }
    void whatIsNoSecretOpensNothing()
    {
        QFETCH(QString, secret);
        QFETCH(QString, code);
        const auto reply = m_bench->with(secret.toStdString(), m_one.path + "/members");
        QCOMPARE(reply.status, 401);
        QCOMPARE(reply.code(), code.toStdString());
    }

    void aKeyOfAnotherOrganizationSeesAndTouchesNothing()
    {
        const auto key = m_bench->key(m_one, {"see_team", "manage_devices"});
        const auto foreign = m_bench->with(key.secret, m_two.path + "/members");
        const auto none = m_bench->with(key.secret, "/v1/orgs/" + kUnknown + "/members");
        QCOMPARE(foreign.status, 404);
        QCOMPARE(none.status, 404);
        QCOMPARE(foreign.code(), none.code());
        // Nor does another organization's owner meet the key.
        for (const std::string &id : {key.id, kUnknown}) {
            const std::string path = "/v1/api-keys/" + id;
            QCOMPARE(m_bench->ask(m_two.owner, Method::Get, path).status, 404);
            QCOMPARE(m_bench->ask(m_two.owner, Method::Post, path + "/roll").status, 404);
            QCOMPARE(m_bench->ask(m_two.owner, Method::Post, path + "/revoke", {{"reason", "x"}}).status, 404);
        }
        QVERIFY(m_bench->ask(m_two.owner, Method::Get, "/v1/api-keys").json.at("data").as_array().empty());
        QCOMPARE(m_bench->with(key.secret, "/v1/devices").status, 200);
    }

    void keysAreForOwnersAndAdmins()
    {
        using access::Role;
        for (const Role role : access::allRoles()) {
            const int expected = role == Role::Owner || role == Role::Admin ? 200 : 403;
            QCOMPARE(m_bench->ask(test::member(m_one.id, role), Method::Get, "/v1/api-keys").status, expected);
        }
    }

    void aKeyOfAnArchivedOrganizationIsUnknown()
    {
        const auto gone = m_bench->organization("gone");
        const auto key = m_bench->key(gone, {"see_team"});
        QCOMPARE(m_bench->with(key.secret, gone.path + "/members").status, 200);
        QCOMPARE(m_bench
                     ->ask(test::superAdmin(work::kPlatform, "closed"), Method::Post, gone.path + "/status",
                           {{"status", "archived"}, {"reason", "closed"}})
                     .status,
                 200);
        QCOMPARE(m_bench->with(key.secret, gone.path + "/members").code(), std::string("key_unknown"));
    }

    void asASocketsOwnerAKeyHoldsUntilItsEnd()
    {
        access::Actor alive, revoked, none;
        alive.id = *base::uuidFrom(m_bench->key(m_one, {"see_team"}).id);
        revoked.id = *base::uuidFrom(m_bench->key(m_one, {"see_team"}).id);
        none.id = *base::uuidFrom(kUnknown);
        m_bench->server.execute("UPDATE api.keys SET revoked_at = now() WHERE id = '" + base::toText(revoked.id) + "'");
        alive.organization = revoked.organization = none.organization = m_one.id;
        const auto hold = m_bench->server.run(api::keysStillHold(
            {m_bench->server.database(), m_bench->organizations(), m_bench->server.clock().now().wall},
            {alive, revoked, none}));
        QVERIFY(hold);
        QVERIFY(*hold == (std::vector<bool>{true, false, false}));
    }

    void noKeyHoldsOfAnArchivedOrganization()
    {
        const auto ended = m_bench->organization("ended");
        access::Actor key;
        key.id = *base::uuidFrom(m_bench->key(ended, {"see_team"}).id);
        key.organization = ended.id;
        for (const auto &[status, expected] : {std::pair("suspended", true), std::pair("archived", false)}) {
            const auto moved = m_bench->ask(test::superAdmin(work::kPlatform, "closed"), Method::Post,
                                            ended.path + "/status", {{"status", status}, {"reason", "closed"}});
            QCOMPARE(moved.status, 200);
            const auto hold = m_bench->server.run(api::keysStillHold(
                {m_bench->server.database(), m_bench->organizations(), m_bench->server.clock().now().wall}, {key}));
            QVERIFY(hold);
            QCOMPARE(hold->front(), expected);
        }
    }

    void rowSecurityIsForcedOnEveryTable()
    {
        QCOMPARE(m_bench->server.execute("SELECT count(*) FROM pg_class WHERE relnamespace = 'api'::regnamespace AND "
                                         "relkind = 'r' AND NOT (relrowsecurity AND relforcerowsecurity)"),
                 std::string("0"));
        QCOMPARE(m_bench->server.execute("SET ROLE vg_app; SET app.org_id = ''; SELECT count(*) FROM api.keys"),
                 std::string("0"));
    }
};

QTEST_GUILESS_MAIN(KeysTest)
#include "keys_test.moc"
