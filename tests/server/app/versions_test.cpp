#include "tests/server/app/example_asks.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using http::Method;
using test::Ask, test::Reply;

namespace {

using Example = std::function<Ask(test::ServerBench &, test::Workshop &)>;

std::string pathOf(const test::Workshop &shop)
{
    return "/v1/orgs/" + base::toText(shop.organization());
}

/// The path of a member of the organization.
std::string member(test::ServerBench &bench, test::Workshop &shop)
{
    const std::string id = shop.device("active"); // any id that is free
    bench.execute("INSERT INTO tenancy.users (id, email, status) VALUES ('" + id + "', '" + shop.word("m") +
                  "@example.org', 'active'); INSERT INTO tenancy.memberships (organization_id, user_id, role) VALUES "
                  "('" +
                  base::toText(shop.organization()) + "', '" + id + "', 'viewer')");
    return pathOf(shop) + "/members/" + id;
}

std::string made(test::ServerBench &bench, Ask ask)
{
    const std::string target = ask.target;
    const Reply reply = bench.call(std::move(ask));
    base::ensure(reply.status == 201, reply.body.c_str());
    return target + "/" + reply.text("id");
}

std::string badge(test::ServerBench &bench, test::Workshop &shop)
{
    return made(bench,
                shop.post("/v1/badges", {{"event", "e"}, {"name", "B"}, {"grants", boost::json::array{"steward"}}}));
}

std::string venue(test::ServerBench &bench, test::Workshop &shop)
{
    return made(bench, shop.post("/v1/venues", {{"name", shop.word("Hall ")}, {"timezone", "Africa/Johannesburg"}}));
}

std::string venueGate(test::ServerBench &bench, test::Workshop &shop)
{
    return made(bench, shop.post(venue(bench, shop) + "/gates", {{"code", "GATE_A"}, {"name", "A"}}));
}

/// Changes of what is there, by the actions that take no idempotency key; the others have examples of their own.
const std::map<std::string, Example> &changes()
{
    static const std::map<std::string, Example> kChanges{
        {"events.delete_venue_gate",
         [](auto &bench, auto &shop) {
             return Ask{shop.owner(), Method::Delete, venueGate(bench, shop)};
         }},
        {"events.set_gate_state",
         [](auto &, auto &shop) {
             return shop.post("/v1/events/" + shop.event() + "/gates/g1/state", {{"state", "closed"}});
         }},
        {"events.update",
         [](auto &bench, auto &shop) {
             const std::string event = "/v1/events/" + shop.event();
             base::Json definition = bench.call({shop.owner(), Method::Get, event + "?format=definition"}).json;
             definition.at("event").as_object()["name"] = "Another";
             return Ask{shop.owner(), Method::Put, event + "/definition", std::move(definition)};
         }},
        {"events.update_details",
         [](auto &, auto &shop) {
             return Ask{shop.owner(), Method::Put, "/v1/events/" + shop.event() + "/details", {{"capacity", 50}}};
         }},
        {"events.update_venue",
         [](auto &bench, auto &shop) {
             return Ask{shop.owner(),
                        Method::Put,
                        venue(bench, shop),
                        {{"name", shop.word("Other ")}, {"timezone", "Africa/Johannesburg"}}};
         }},
        {"events.update_venue_gate",
         [](auto &bench, auto &shop) {
             return Ask{shop.owner(), Method::Put, venueGate(bench, shop), {{"code", "GATE_B"}, {"name", "B"}}};
         }},
        {"tenancy.change_badge",
         [](auto &bench, auto &shop) {
             return Ask{shop.owner(), Method::Patch, badge(bench, shop), {{"name", "C"}}};
         }},
        {"tenancy.change_member",
         [](auto &bench, auto &shop) {
             return Ask{shop.owner(), Method::Patch, member(bench, shop), {{"role", "staff"}}};
         }},
        {"tenancy.change_organization",
         [](auto &, auto &shop) {
             return Ask{shop.owner(), Method::Patch, pathOf(shop), {{"name", shop.word("Club ")}}};
         }},
        {"tenancy.change_settings",
         [](auto &, auto &shop) {
             return Ask{shop.owner(), Method::Patch, pathOf(shop) + "/settings", {{"locale", "af"}}};
         }},
        {"tenancy.change_status",
         [](auto &, auto &shop) {
             Ask ask = shop.post(pathOf(shop) + "/status", {{"status", "active"}, {"reason", "paid"}});
             ask.actor = test::superAdmin(shop.organization(), "paid");
             return ask;
         }},
        {"tenancy.remove_member",
         [](auto &bench, auto &shop) {
             return Ask{shop.owner(), Method::Delete, member(bench, shop)};
         }},
        {"tenancy.revoke_badge",
         [](auto &bench, auto &shop) {
             return shop.post(badge(bench, shop) + "/revoke", {{"reason", "lost"}});
         }},
    };
    return kChanges;
}

} // namespace

/// Whoever says which version he read (If-Match) changes nothing that somebody else has changed since: over all actions
/// that the server has.
class VersionsTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Stage> m_stage;
    int m_keys = 0;

    std::optional<Ask> example(const std::string &name)
    {
        std::optional<Ask> ask;
        if (const auto own = changes().find(name); own != changes().end())
            ask = own->second(m_stage->bench, m_stage->shop);
        else if (const auto found = test::exampleAsks().find(name); found != test::exampleAsks().end())
            ask = found->second(m_stage->shop);
        if (ask)
            ask->fields.emplace_back("Idempotency-Key", "version " + std::to_string(++m_keys));
        return ask;
    }

    Reply callAt(Ask ask, const std::string &version)
    {
        ask.fields.emplace_back("If-Match", version);
        return m_stage->bench.call(std::move(ask));
    }

private slots:
    void initTestCase() { m_stage = std::make_unique<test::Stage>(); }
    void cleanupTestCase() { m_stage.reset(); }

    // Of what was changed the version is told, so that it can be named next time.
    void whatAnswersWithAVersionHeedsOne()
    {
        for (const actions::Action &action : m_stage->bench.kernel().actions.all()) {
            const auto &declaration = action.declaration;
            const auto *properties =
                action.output.is_object() ? action.output.as_object().if_contains("properties") : nullptr;
            if (declaration.effect != actions::Effect::Writes || declaration.status == 201 || !properties ||
                !properties->as_object().contains("version"))
                continue;
            QVERIFY2(declaration.ifMatch == actions::IfMatch::Heeded, declaration.name.data());
        }
    }

    void anOldVersionChangesNothing_data()
    {
        QTest::addColumn<QString>("name");
        for (const actions::Action &action : m_stage->bench.kernel().actions.all()) {
            if (action.declaration.ifMatch == actions::IfMatch::Heeded)
                QTest::newRow(action.declaration.name.data()) << QString::fromUtf8(action.declaration.name.data());
        }
    }
    void anOldVersionChangesNothing()
    {
        QFETCH(QString, name);
        const auto ask = example(name.toStdString());
        QVERIFY2(ask, "it has no example");
        const std::string trail = "SELECT count(*) FROM audit.log";
        const std::string before = m_stage->bench.execute(trail);
        // The second is 1 again for who counts in 32 bits only; from the third on they are no versions at all.
        for (const char *version :
             {"\"999\"", "\"4294967297\"", "\"x\"", "1", "W/\"1\"", "\"\"", "", "\"1", "\"1\", \"2\""}) {
            const Reply reply = callAt(*ask, version);
            QVERIFY2(reply.status == 412, reply.body.c_str());
            QCOMPARE(reply.code(), std::string("precondition_failed"));
        }
        QCOMPARE(m_stage->bench.execute(trail), before);
        const Reply reply = callAt(*ask, "*");
        QVERIFY2(reply.status < 300, reply.body.c_str());
    }

    void theVersionThatWasReadIsTaken()
    {
        const std::string path = member(m_stage->bench, m_stage->shop);
        const auto role = [&](const char *word, const std::string &version) {
            return callAt({m_stage->shop.owner(), Method::Patch, path, {{"role", word}}}, version);
        };
        const Reply first = role("staff", "\"1\"");
        QVERIFY2(first.status == 200, first.body.c_str());
        QCOMPARE(first.fields["ETag"], std::string_view("\"2\""));
        QCOMPARE(role("admin", "\"1\"").status, 412);
        QCOMPARE(role("admin", "\"2\"").text("role"), std::string("admin"));
        const std::string device = "/v1/devices/" + m_stage->shop.device("active");
        Ask assign = m_stage->shop.post(device + "/assign", {{"event", "e"}, {"gate", "g1"}});
        QCOMPARE(callAt(assign, "\"1\"").status, 200);
        QCOMPARE(callAt(assign, "\"1\"").status, 412);
        QCOMPARE(callAt(assign, "\"2\"").status, 200);
    }

    // Elsewhere it is not looked at, and the description says nothing of it.
    void whatDoesNotHeedOneIsDoneAllTheSame()
    {
        int tried = 0;
        for (const actions::Action &action : m_stage->bench.kernel().actions.all()) {
            const auto &declaration = action.declaration;
            if (declaration.ifMatch == actions::IfMatch::Heeded || declaration.effect != actions::Effect::Writes)
                continue;
            const auto ask = example(std::string(declaration.name));
            if (!ask)
                continue;
            const Reply reply = callAt(*ask, "\"999\"");
            QVERIFY2(reply.status < 300, (std::string(declaration.name) + ": " + reply.body).c_str());
            ++tried;
        }
        QVERIFY(tried >= 10);
    }
};

QTEST_GUILESS_MAIN(VersionsTest)
#include "versions_test.moc"
