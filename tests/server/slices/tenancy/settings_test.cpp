#include "tests/server/slices/tenancy/tenancy_bench.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using http::Method;

class SettingsTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::TenancyBench> m_bench;
    test::TenancyBench::Organization m_one, m_two;

    test::Reply change(const access::Actor &actor, base::Json body)
    {
        return m_bench->ask(actor, Method::Patch, m_one.path + "/settings", std::move(body));
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

    void anOrganizationBeginsWithTheOwnersDefaults()
    {
        const auto shown = m_bench->ask(m_two.owner, Method::Get, m_two.path + "/settings");
        QCOMPARE(shown.status, 200);
        QCOMPARE(shown.text("currency"), std::string("ZAR"));
        QCOMPARE(shown.text("timezone"), std::string("Africa/Johannesburg"));
        QCOMPARE(shown.text("locale"), std::string("en"));
        QCOMPARE(shown.text("primary_color"), std::string());
        QCOMPARE(std::string(shown.fields["ETag"]), std::string("\"1\""));
    }

    void whatIsGivenIsChangedAndTheRestStays()
    {
        const auto changed = change(m_one.owner, {{"currency", "eur"},
                                                  {"timezone", "Europe/Berlin"},
                                                  {"locale", "af-ZA"},
                                                  {"primary_color", "#1a2B3c"},
                                                  {"logo_url", "https://one.example.org/logo.png"}});
        QVERIFY2(changed.status == 200, changed.body.c_str());
        QCOMPARE(changed.text("currency"), std::string("EUR"));
        const auto cleared = change(m_one.owner, {{"primary_color", ""}});
        QCOMPARE(cleared.text("primary_color"), std::string());
        QCOMPARE(cleared.text("timezone"), std::string("Europe/Berlin"));
        QCOMPARE(m_bench->ask(m_one.owner, Method::Get, m_one.path + "/settings").body, cleared.body);
        const auto audit = m_bench->server.audits(m_one.id).back();
        QCOMPARE(audit.at("action").as_string(), "tenancy.change_settings");
        QCOMPARE(audit.at("before"), base::Json({{"primary_color", "#1a2B3c"}}));
        QCOMPARE(audit.at("after"), base::Json({{"primary_color", ""}}));
        QCOMPARE(m_bench->server.events(m_one.id).back().at("event").at("type").as_string(),
                 "tenancy.settings_changed.v1");
    }

    void whatIsNoneIsNamed_data()
    {
        QTest::addColumn<QString>("field");
        QTest::addColumn<QString>("value");
        QTest::newRow("currency") << "currency"
                                  << "btc";
        QTest::newRow("zone") << "timezone"
                              << "Europe/Atlantis";
        QTest::newRow("path as zone") << "timezone"
                                      << "../../etc/passwd";
        QTest::newRow("locale") << "locale"
                                << "Afrikaans";
        QTest::newRow("locale of no country") << "locale"
                                              << "en-";
        QTest::newRow("colour") << "primary_color"
                                << "red";
        QTest::newRow("script as colour") << "primary_color"
                                          << "#12345x";
        QTest::newRow("logo over http") << "logo_url"
                                        << "http://one.example.org/logo.png";
        QTest::newRow("script as logo") << "logo_url"
                                        << "javascript:alert(1)";
        QTest::newRow("markup in a logo") << "logo_url"
                                          << "https://x.org/\"><script>";
        QTest::newRow("long logo") << "logo_url"
                                   << "https://x.org/" + QString(500, 'x');
        QTest::newRow("another organization") << "organization_id"
                                              << "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01";
    }
    void whatIsNoneIsNamed()
    {
        QFETCH(QString, field);
        QFETCH(QString, value);
        const auto before = m_bench->ask(m_one.owner, Method::Get, m_one.path + "/settings").body;
        const auto reply = change(m_one.owner, {{field.toStdString(), value.toStdString()}});
        QVERIFY2(reply.status == 400, reply.body.c_str());
        QCOMPARE(reply.pointer(), "/" + field.toStdString());
        QCOMPARE(m_bench->ask(m_one.owner, Method::Get, m_one.path + "/settings").body, before);
    }

    void onlyTheOwnerChangesThem_data()
    {
        QTest::addColumn<int>("role");
        QTest::addColumn<int>("mayRead");
        QTest::addColumn<int>("mayChange");
        QTest::newRow("owner") << int(access::Role::Owner) << 200 << 200;
        QTest::newRow("admin") << int(access::Role::Admin) << 200 << 403;
        QTest::newRow("staff") << int(access::Role::Staff) << 200 << 403;
        QTest::newRow("viewer") << int(access::Role::Viewer) << 200 << 403;
        QTest::newRow("scanner only") << int(access::Role::ScannerOnly) << 403 << 403;
    }
    void onlyTheOwnerChangesThem()
    {
        QFETCH(int, role);
        QFETCH(int, mayRead);
        QFETCH(int, mayChange);
        const auto actor = test::member(m_one.id, static_cast<access::Role>(role));
        QCOMPARE(m_bench->ask(actor, Method::Get, m_one.path + "/settings").status, mayRead);
        QCOMPARE(change(actor, {{"locale", "af"}}).status, mayChange);
    }

    void flagsAndLimitsAreThePlatforms()
    {
        const base::Json body{{"limits", {{"devices", 50}}}, {"flags", {{"seating", true}}}};
        QCOMPARE(change(m_one.owner, body).code(), std::string("platform_only"));
        const auto changed = change(test::superAdmin(m_one.id, "they asked for it"), body);
        QVERIFY2(changed.status == 200, changed.body.c_str());
        QCOMPARE(changed.json.at("limits").at("devices").to_number<int>(), 50);
        QCOMPARE(changed.json.at("flags").at("seating").as_bool(), true);
        QCOMPARE(m_bench->server.audits(m_one.id).back().at("reason").as_string(), "they asked for it");
    }

    void alarmsAreTheOwnersToSetAndTheRestStaysAsUsual()
    {
        const auto usual = m_bench->ask(m_one.owner, Method::Get, m_one.path + "/settings");
        QCOMPARE(usual.json.at("alarms").at("gate_scans_per_minute").to_number<int>(), 60);
        const auto changed = change(m_one.owner, {{"alarms", {{"gate_scans_per_minute", 90}}}});
        QVERIFY2(changed.status == 200, changed.body.c_str());
        QCOMPARE(changed.json.at("alarms").at("gate_scans_per_minute").to_number<int>(), 90);
        QCOMPARE(changed.json.at("alarms").at("repeats_per_hour").to_number<int>(), 5);
        QCOMPARE(change(m_one.owner, {{"alarms", {{"repeats_per_hour", 0}}}}).pointer(),
                 std::string("/alarms/repeats_per_hour"));
        QCOMPARE(change(m_one.owner, {{"alarms", {{"flying_saucers", 1}}}}).status, 400);
    }

    void aChangeOfAnOldVersionIsRefused()
    {
        test::Ask ask{m_one.owner, Method::Patch, m_one.path + "/settings", {{"locale", "zu"}}};
        ask.fields = {{"If-Match", "\"999\""}};
        QCOMPARE(m_bench->server.call(ask).status, 412);
    }

    void anotherOrganizationsSettingsAreNotThere()
    {
        const std::string unknown = "/v1/orgs/018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01/settings";
        for (const Method method : {Method::Get, Method::Patch}) {
            const base::Json body = method == Method::Get ? base::Json() : base::Json({{"locale", "af"}});
            const auto foreign = m_bench->ask(m_two.owner, method, m_one.path + "/settings", body);
            const auto none = m_bench->ask(m_two.owner, method, unknown, body);
            QCOMPARE(foreign.status, 404);
            QCOMPARE(none.status, 404);
            QCOMPARE(foreign.code(), none.code());
        }
    }

    void anOrganizationThatIsSuspendedIsKnownToBe()
    {
        using Status = contracts::OrganizationStatus;
        const auto status = [&](base::Uuid id) { return *m_bench->server.run(m_bench->organizations->status(id)); };
        const auto other = m_bench->create("other");
        QCOMPARE(status(other.id), Status::Active);
        QCOMPARE(status(test::tenant(9)), std::optional<Status>());
        const auto suspended = m_bench->ask(test::superAdmin(work::kPlatform, "unpaid"), Method::Post,
                                            other.path + "/status", {{"status", "suspended"}, {"reason", "unpaid"}});
        QVERIFY2(suspended.status == 200, suspended.body.c_str());
        QCOMPARE(status(other.id), Status::Suspended);
    }
};

QTEST_GUILESS_MAIN(SettingsTest)
#include "settings_test.moc"
