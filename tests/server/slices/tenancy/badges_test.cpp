#include "tests/server/slices/tenancy/tenancy_bench.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using http::Method;

namespace {

const std::string kEvent = "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c02";
const std::string kUnknown = "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01";

base::Json steward()
{
    return {{"event", kEvent}, {"name", "Thandi"}, {"grants", {"steward"}}, {"pin", "4907"}};
}

} // namespace

class BadgesTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::TenancyBench> m_bench;
    test::TenancyBench::Organization m_one, m_two;

    std::string create(base::Json badge)
    {
        const auto made = m_bench->ask(m_one.owner, Method::Post, "/v1/badges", std::move(badge));
        base::ensure(made.status == 201, made.body.c_str());
        return made.text("id");
    }

    /// "yes", "no" or "wait": what somebody is told who shows it with this PIN.
    std::string override(const std::string &badge, const std::string &pin, unsigned char caller,
                         const std::string &event = kEvent)
    {
        const auto answer = m_bench->server.run(m_bench->badges->mayOverride({.organization = m_one.id,
                                                                              .event = *base::uuidFrom(event),
                                                                              .caller = test::tenant(caller),
                                                                              .badge = *base::uuidFrom(badge),
                                                                              .pin = pin}));
        return !answer ? answer.error().message : answer->wait ? "wait" : answer->may ? "yes" : "no";
    }

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_bench = std::make_unique<test::TenancyBench>(*m_postgres);
        m_one = m_bench->create("one");
        m_two = m_bench->create("two");
    }
    void cleanupTestCase()
    {
        m_bench.reset();
        m_postgres.reset();
    }

    void aBadgeIsMadeShownAndListed()
    {
        const auto made = m_bench->ask(m_one.owner, Method::Post, "/v1/badges", steward());
        QVERIFY2(made.status == 201, made.body.c_str());
        QCOMPARE(made.text("name"), std::string("Thandi"));
        QCOMPARE(made.json.at("has_pin").as_bool(), true);
        QCOMPARE(std::string(made.fields["Location"]), "/v1/badges/" + made.text("id"));
        const auto shown = m_bench->ask(m_one.owner, Method::Get, "/v1/badges/" + made.text("id"));
        QCOMPARE(shown.json, made.json);
        const auto list = m_bench->ask(m_one.owner, Method::Get, "/v1/badges?event=" + kEvent);
        QCOMPARE(list.json.at("data").as_array().size(), std::size_t{1});
        QCOMPARE(m_bench->ask(m_one.owner, Method::Get, "/v1/badges?event=other").json.at("data").as_array().size(),
                 std::size_t{0});
        QCOMPARE(m_bench->server.events(m_one.id).back().at("event").at("type").as_string(), "tenancy.badge_added.v1");
    }

    void aPinIsStoredAsAHashAndNeverSaid()
    {
        const std::string id = create(steward());
        const std::string stored =
            m_bench->server.execute("SELECT pin_hash FROM tenancy.badges WHERE id = '" + id + "'");
        QVERIFY(stored.starts_with("$argon2id$"));
        for (const base::Json &audit : m_bench->server.audits(m_one.id))
            QVERIFY(base::toText(audit).find("4907") == std::string::npos);
        for (const base::Json &event : m_bench->server.events(m_one.id))
            QVERIFY(base::toText(event).find("Thandi") == std::string::npos);
    }

    void aMembersBadgeBearsHisName()
    {
        const auto made =
            m_bench->ask(m_one.owner, Method::Post, "/v1/badges",
                         {{"event", kEvent}, {"user", m_bench->ownerOf(m_one)}, {"grants", {"supervisor", "steward"}}});
        QVERIFY2(made.status == 201, made.body.c_str());
        QCOMPARE(made.text("name"), std::string("Anna Botha"));
        QCOMPARE(base::toText(made.json.at("grants")), std::string(R"(["steward","supervisor"])"));
        QCOMPARE(made.json.at("has_pin").as_bool(), false);
    }

    void aForeignUserAnswersAsOneThatDoesNotExist()
    {
        for (const std::string &user : {m_bench->ownerOf(m_two), kUnknown}) {
            const auto reply = m_bench->ask(m_one.owner, Method::Post, "/v1/badges",
                                            {{"event", kEvent}, {"user", user}, {"grants", {"steward"}}});
            QCOMPARE(reply.status, 400);
            QCOMPARE(reply.pointer(), std::string("/user"));
        }
    }

    void whatIsNoneIsNamed_data()
    {
        QTest::addColumn<QString>("field");
        QTest::addColumn<QByteArray>("value");
        QTest::newRow("no name") << "name" << QByteArray("null");
        QTest::newRow("no grants") << "grants" << QByteArray("[]");
        QTest::newRow("a grant that is none") << "grants/0" << QByteArray(R"(["owner"])");
        QTest::newRow("letters") << "pin" << QByteArray(R"("49o7")");
        QTest::newRow("three digits") << "pin" << QByteArray(R"("490")");
        QTest::newRow("nine digits") << "pin" << QByteArray(R"("490749074")");
        QTest::newRow("all the same") << "pin" << QByteArray(R"("0000")");
        QTest::newRow("in a row") << "pin" << QByteArray(R"("1234")");
    }
    void whatIsNoneIsNamed()
    {
        QFETCH(QString, field);
        QFETCH(QByteArray, value);
        base::Json badge = steward();
        badge.as_object()[field.section('/', 0, 0).toStdString()] = *base::parseJson(value.toStdString());
        const auto reply = m_bench->ask(m_one.owner, Method::Post, "/v1/badges", badge);
        QVERIFY2(reply.status == 400, reply.body.c_str());
        QCOMPARE(reply.pointer(), "/" + field.toStdString());
    }

    void aBadgeIsChangedOnTheVersionThatWasSeen()
    {
        const std::string path = "/v1/badges/" + create(steward());
        test::Ask ask{m_one.owner, Method::Patch, path, {{"grants", {"technician"}}}};
        ask.fields = {{"If-Match", "\"1\""}};
        const auto changed = m_bench->server.call(ask);
        QVERIFY2(changed.status == 200, changed.body.c_str());
        QCOMPARE(base::toText(changed.json.at("grants")), std::string(R"(["technician"])"));
        QCOMPARE(changed.json.at("has_pin").as_bool(), true);
        QCOMPARE(m_bench->server.call(ask).status, 412);
        const auto audit = m_bench->server.audits(m_one.id).back();
        QCOMPARE(base::toText(audit.at("before").at("grants")), std::string(R"(["steward"])"));
        QCOMPARE(base::toText(audit.at("after").at("grants")), std::string(R"(["technician"])"));
    }

    void aBadgeThatWasTakenBackStaysSo()
    {
        const std::string path = "/v1/badges/" + create(steward());
        const auto revoked = m_bench->ask(m_one.owner, Method::Post, path + "/revoke", {{"reason", "lost"}});
        QVERIFY2(revoked.status == 200, revoked.body.c_str());
        QVERIFY(!revoked.json.at("revoked_at").is_null());
        QCOMPARE(m_bench->server.audits(m_one.id).back().at("reason").as_string(), "lost");
        QCOMPARE(m_bench->ask(m_one.owner, Method::Post, path + "/revoke", {{"reason", "again"}}).code(),
                 std::string("badge_revoked"));
        QCOMPARE(m_bench->ask(m_one.owner, Method::Patch, path, {{"pin", "5381"}}).code(),
                 std::string("badge_revoked"));
    }

    void badgesAreForWhoManagesTheTeam_data()
    {
        QTest::addColumn<int>("role");
        QTest::addColumn<int>("status");
        QTest::newRow("admin") << int(access::Role::Admin) << 201;
        QTest::newRow("staff") << int(access::Role::Staff) << 403;
        QTest::newRow("viewer") << int(access::Role::Viewer) << 403;
        QTest::newRow("scanner only") << int(access::Role::ScannerOnly) << 403;
    }
    void badgesAreForWhoManagesTheTeam()
    {
        QFETCH(int, role);
        QFETCH(int, status);
        const auto actor = test::member(m_one.id, static_cast<access::Role>(role));
        QCOMPARE(m_bench->ask(actor, Method::Post, "/v1/badges", steward()).status, status);
        QCOMPARE(m_bench->ask(actor, Method::Get, "/v1/badges").status, status == 201 ? 200 : 403);
    }

    void anotherOrganizationsBadgeIsNotThere()
    {
        const std::string id = create(steward());
        const auto ask = [&](Method method, const std::string &badge, const std::string &rest, base::Json body) {
            auto reply = m_bench->ask(m_two.owner, method, "/v1/badges/" + badge + rest, std::move(body));
            return std::to_string(reply.status) + " " + reply.code();
        };
        QCOMPARE(ask(Method::Get, id, "", {}), std::string("404 not_found"));
        QCOMPARE(ask(Method::Get, kUnknown, "", {}), std::string("404 not_found"));
        QCOMPARE(ask(Method::Patch, id, "", {{"name", "X"}}), std::string("404 not_found"));
        QCOMPARE(ask(Method::Patch, kUnknown, "", {{"name", "X"}}), std::string("404 not_found"));
        QCOMPARE(ask(Method::Post, id, "/revoke", {{"reason", "X"}}), std::string("404 not_found"));
        QCOMPARE(ask(Method::Post, kUnknown, "/revoke", {{"reason", "X"}}), std::string("404 not_found"));
        QVERIFY(m_bench->ask(m_two.owner, Method::Get, "/v1/badges").json.at("data").as_array().empty());
    }

    void onlyASupervisorsBadgeOfTheEventWithItsPinOverrides()
    {
        base::Json badge = steward();
        const std::string stewards = create(badge);
        badge.as_object()["grants"] = {"steward", "supervisor"};
        const std::string supervisors = create(badge);
        badge.as_object().erase("pin");
        const std::string without = create(badge);
        QCOMPARE(override(supervisors, "4907", 21), std::string("yes"));
        QCOMPARE(override(supervisors, "4908", 21), std::string("no"));
        QCOMPARE(override(supervisors, "", 21), std::string("no"));
        QCOMPARE(override(supervisors, "4907", 21, kUnknown), std::string("no"));
        QCOMPARE(override(stewards, "4907", 21), std::string("no"));
        QCOMPARE(override(without, "", 21), std::string("no"));
        QCOMPARE(override(kUnknown, "4907", 21), std::string("no"));
        m_bench->ask(m_one.owner, Method::Post, "/v1/badges/" + supervisors + "/revoke", {{"reason", "gone home"}});
        QCOMPARE(override(supervisors, "4907", 22), std::string("no"));
    }

    void wrongPinsAreCountedAndRightOnesAreNot()
    {
        base::Json badge = steward();
        badge.as_object()["grants"] = boost::json::array{"supervisor"};
        const std::string one = create(badge), other = create(badge);
        for (int n = 0; n < 8; ++n)
            QCOMPARE(override(one, "4907", 31), std::string("yes"));
        for (int n = 0; n < 5; ++n)
            QCOMPARE(override(one, "000" + std::to_string(n), 31), std::string("no"));
        QCOMPARE(override(one, "4907", 31), std::string("wait"));
        QCOMPARE(override(one, "4907", 32), std::string("wait")); // whoever shows it
        QCOMPARE(override(other, "4907", 31), std::string("yes"));
        for (int n = 0; n < 5; ++n)
            QCOMPARE(override(base::toText(test::tenant(41)), "4907", 31), std::string("no"));
        QCOMPARE(override(other, "4907", 31), std::string("wait")); // and whatever he shows
        m_bench->server.clock().pass(std::chrono::minutes(7));
        QCOMPARE(override(one, "4907", 31), std::string("yes"));
    }

    void listsComeInPages()
    {
        for (int i = 0; i < 3; ++i) {
            base::Json badge = steward();
            badge.as_object()["event"] = "paged";
            create(badge);
        }
        const auto first = m_bench->ask(m_one.owner, Method::Get, "/v1/badges?event=paged&limit=2");
        QCOMPARE(first.json.at("has_more").as_bool(), true);
        const auto second =
            m_bench->ask(m_one.owner, Method::Get, "/v1/badges?event=paged&limit=2&after=" + first.text("next"));
        QCOMPARE(second.json.at("data").as_array().size(), std::size_t{1});
        QCOMPARE(second.json.at("has_more").as_bool(), false);
    }
};

QTEST_GUILESS_MAIN(BadgesTest)
#include "badges_test.moc"
