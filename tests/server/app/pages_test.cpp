#include "tests/server/app/example_asks.h"

#include <QtTest/QtTest>

#include <set>

using namespace voelgoed;
using http::Method;
using test::Ask, test::Reply;

namespace {

/// Where a list of at least two things is, and who may see it.
struct List
{
    access::Actor actor;
    std::string target; ///< without a query
};

using MakeList = std::function<List(test::ServerBench &, test::Workshop &)>;

Reply done(test::ServerBench &bench, Ask ask)
{
    const std::string target = ask.target;
    Reply reply = bench.call(std::move(ask));
    base::ensure(reply.status < 300, (target + ": " + reply.body).c_str());
    return reply;
}

Ask withKey(test::Workshop &shop, Ask ask)
{
    ask.fields.emplace_back("Idempotency-Key", shop.word("page "));
    return ask;
}

/// An event with three tickets; its path.
std::string withTickets(test::ServerBench &bench, test::Workshop &shop, const char *status = "draft")
{
    const std::string event = "/v1/events/" + shop.event(status);
    const boost::json::object ticket{{"type", "adult"}};
    done(bench,
         withKey(shop, shop.post(event + "/tickets", {{"tickets", boost::json::array{ticket, ticket, ticket}}})));
    return event;
}

List ofOwner(test::Workshop &shop, std::string target)
{
    return {shop.owner(), std::move(target)};
}

/// For each action whose answer is a page.
const std::map<std::string, MakeList> &lists()
{
    static const std::map<std::string, MakeList> kLists{
        {"api.list_keys",
         [](auto &, auto &shop) {
             shop.apiKey();
             shop.apiKey();
             return ofOwner(shop, "/v1/api-keys");
         }},
        {"audit.list",
         [](auto &, auto &shop) {
             shop.event("published");
             return ofOwner(shop, "/v1/audit");
         }},
        {"events.list",
         [](auto &, auto &shop) {
             shop.event();
             shop.event();
             return ofOwner(shop, "/v1/events");
         }},
        {"events.list_venues",
         [](auto &bench, auto &shop) {
             for (int i = 0; i < 3; ++i)
                 done(bench,
                      shop.post("/v1/venues", {{"name", shop.word("Hall ")}, {"timezone", "Africa/Johannesburg"}}));
             return ofOwner(shop, "/v1/venues");
         }},
        {"events.list_venue_gates",
         [](auto &bench, auto &shop) {
             const std::string venue =
                 "/v1/venues/" + done(bench, shop.post("/v1/venues", {{"name", shop.word("Hall ")},
                                                                      {"timezone", "Africa/Johannesburg"}}))
                                     .text("id");
             for (const char *code : {"N", "S", "W"})
                 done(bench, shop.post(venue + "/gates", {{"code", code}, {"name", code}}));
             return ofOwner(shop, venue + "/gates");
         }},
        {"events.list_versions",
         [](auto &bench, auto &shop) {
             const std::string event = "/v1/events/" + shop.event();
             for (const char *name : {"Second", "Third"}) {
                 base::Json definition = done(bench, {shop.owner(), Method::Get, event + "?format=definition"}).json;
                 definition.at("event").as_object()["name"] = name;
                 done(bench, {shop.owner(), Method::Put, event + "/definition", std::move(definition)});
             }
             return ofOwner(shop, event + "/versions");
         }},
        {"scanning.list_incidents",
         [](auto &bench, auto &shop) {
             const std::string incident = shop.incident();
             bench.execute("INSERT INTO scanning.incidents (organization_id, event_id, id, kind, severity, subject, "
                           "facts) SELECT organization_id, event_id, gen_random_uuid(), kind, severity, 'other', facts "
                           "FROM scanning.incidents WHERE id = '" +
                           incident.substr(incident.rfind('/') + 1) + "'");
             return ofOwner(shop, incident.substr(0, incident.rfind('/')));
         }},
        {"scanning.list_quarantine",
         [](auto &bench, auto &shop) {
             const std::string row = shop.quarantined();
             bench.execute("INSERT INTO scanning.quarantine (organization_id, event_id, id, device, epoch, seq, hash, "
                           "reason, row, brought_by) SELECT organization_id, event_id, gen_random_uuid(), device, "
                           "epoch, 2, hash, reason, row, brought_by FROM scanning.quarantine WHERE id = '" +
                           row.substr(row.rfind('/') + 1) + "'");
             return ofOwner(shop, row.substr(0, row.rfind('/')));
         }},
        {"scanning.list_strays",
         [](auto &, auto &shop) {
             shop.stray();
             shop.stray();
             return ofOwner(shop, "/v1/quarantine");
         }},
        {"scanning.list_scans",
         [](auto &bench, auto &shop) {
             const std::string event = withTickets(bench, shop, "live");
             for (const char *code : {"A", "B", "C"})
                 done(bench, {access::Actor::system(shop.organization(), "a scanner"),
                              Method::Post,
                              event + "/scans",
                              {{"code", code}, {"checkpoint", "main"}, {"gate", "g1"}}});
             return ofOwner(shop, event + "/scans");
         }},
        {"scanning.list_sessions",
         [](auto &bench, auto &shop) {
             const std::string sessions = "/v1/events/" + shop.event("live") + "/sessions";
             for (int i = 0; i < 3; ++i)
                 done(bench, shop.post(sessions, {{"device", shop.word("scanner")}}));
             return ofOwner(shop, sessions);
         }},
        {"tenancy.list_badges",
         [](auto &bench, auto &shop) {
             for (int i = 0; i < 2; ++i)
                 done(bench,
                      shop.post("/v1/badges",
                                {{"event", "e"}, {"name", shop.word("B")}, {"grants", boost::json::array{"steward"}}}));
             return ofOwner(shop, "/v1/badges");
         }},
        {"tenancy.list_devices",
         [](auto &, auto &shop) {
             for (const char *status : {"active", "pending", "revoked"})
                 shop.device(status);
             return ofOwner(shop, "/v1/devices");
         }},
        {"tenancy.list_members",
         [](auto &, auto &shop) {
             for (int i = 0; i < 3; ++i)
                 shop.person();
             return ofOwner(shop, "/v1/orgs/" + base::toText(shop.organization()) + "/members");
         }},
        {"tenancy.list_invitations",
         [](auto &bench, auto &shop) {
             const std::string invitations = "/v1/orgs/" + base::toText(shop.organization()) + "/invitations";
             for (int i = 0; i < 2; ++i)
                 done(bench, shop.post(invitations, {{"email", shop.word("i") + "@example.org"}, {"role", "viewer"}}));
             return ofOwner(shop, invitations);
         }},
        {"tenancy.list_organizations",
         [](auto &, auto &) {
             return List{test::superAdmin(work::kPlatform, "looking"), "/v1/orgs"};
         }},
        {"ticketing.list_codes",
         [](auto &bench, auto &shop) { return ofOwner(shop, withTickets(bench, shop) + "/codes"); }},
        {"ticketing.list_tickets",
         [](auto &bench, auto &shop) { return ofOwner(shop, withTickets(bench, shop) + "/tickets"); }},
    };
    return kLists;
}

/// `</v1/events?limit=1&after=…>; rel="next"`; empty when there is none.
std::string nextOf(const Reply &reply)
{
    const std::string link(reply.fields["Link"]);
    if (link.empty())
        return {};
    const std::size_t end = link.find('>');
    base::ensure(link.front() == '<' && link.substr(end) == ">; rel=\"next\"", link.c_str());
    return link.substr(1, end - 1);
}

} // namespace

/// Cursor pages (RFC 8288): each page leads to the next one, over all actions that the server has.
class PagesTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::ServerBench> m_bench;
    std::unique_ptr<test::Workshop> m_shop, m_others;

    Reply get(const List &list, const std::string &target)
    {
        Reply reply = m_bench->call({list.actor, Method::Get, target});
        base::ensure(reply.status == 200, (target + ": " + reply.body).c_str());
        return reply;
    }

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_bench = std::make_unique<test::ServerBench>(*m_postgres, test::AllSlices::make());
        m_shop = std::make_unique<test::Workshop>(*m_bench, test::tenant(1));
        m_others = std::make_unique<test::Workshop>(*m_bench, test::tenant(2));
    }
    void cleanupTestCase()
    {
        m_shop.reset();
        m_others.reset();
        m_bench.reset();
        m_postgres.reset();
    }

    void everyListIsKnownHere()
    {
        std::set<std::string> pages;
        for (const actions::Action &action : m_bench->kernel().actions.all()) {
            if (!action.cursor.empty())
                pages.emplace(action.declaration.name);
            // What says that there is more says where.
            const auto *properties =
                action.output.is_object() ? action.output.as_object().if_contains("properties") : nullptr;
            if (properties && properties->as_object().contains("has_more"))
                QVERIFY2(!action.cursor.empty(), action.declaration.name.data());
        }
        std::set<std::string> known;
        for (const auto &[name, make] : lists())
            known.insert(name);
        QVERIFY(pages == known);
    }

    void eachPageLeadsToTheNextOneAndTheLastToNone_data()
    {
        QTest::addColumn<QString>("name");
        for (const auto &[name, make] : lists())
            QTest::newRow(name.c_str()) << QString::fromStdString(name);
    }
    void eachPageLeadsToTheNextOneAndTheLastToNone()
    {
        QFETCH(QString, name);
        const List list = lists().at(name.toStdString())(*m_bench, *m_shop);
        const Reply whole = get(list, list.target + "?limit=100");
        QVERIFY(!whole.json.at("has_more").as_bool());
        QVERIFY(whole.fields["Link"].empty());
        boost::json::array all;
        std::string target = list.target + "?limit=1";
        for (std::size_t page = 1; !target.empty(); ++page) {
            const Reply reply = get(list, target);
            QCOMPARE(reply.json.at("data").as_array().size(), 1U);
            all.push_back(reply.json.at("data").at(0));
            target = nextOf(reply);
            QCOMPARE(!target.empty(), reply.json.at("has_more").as_bool());
            QCOMPARE(target.empty(), reply.json.at("next").is_null());
            QVERIFY(page <= whole.json.at("data").as_array().size());
            if (!target.empty())
                QVERIFY2(target.starts_with(list.target + "?limit=1&"), target.c_str());
        }
        QVERIFY(all.size() >= 2);
        QCOMPARE(base::toText(all), base::toText(whole.json.at("data")));
    }

    void whatElseWasAskedForStaysAndNothingEndsTheLinkEarly()
    {
        const std::string event = withTickets(*m_bench, *m_shop);
        const List list = ofOwner(*m_shop, event + "/tickets");
        const Reply reply = get(list, list.target + "?after=0&type=adult&limit=2&state=valid");
        QCOMPARE(nextOf(reply), list.target + "?type=adult&limit=2&state=valid&after=2");
        const Reply odd = m_bench->call({list.actor, Method::Get, list.target + "?limit=1&q=%3E%22%2C%20%C3%A9"});
        QVERIFY(nextOf(odd).empty()); // nobody is called so
        QCOMPARE(odd.status, 200);
    }
};

QTEST_GUILESS_MAIN(PagesTest)
#include "pages_test.moc"
