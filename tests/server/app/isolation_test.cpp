#include "tests/server/app/all_slices.h"
#include "tests/server/app/example_asks.h"
#include "tests/support/sample_values.h"

#include <QRegularExpression>
#include <QtTest/QtTest>

#include <map>

using namespace voelgoed;
using test::Ask;
using test::kNowhere;
using test::Reply;

namespace {

const base::Uuid kOne = test::tenant(1), kTwo = test::tenant(2);
const access::Actor kOwner = test::member(kOne, access::Role::Owner),
                    kStranger = test::member(kTwo, access::Role::Owner);

using Ids = std::map<std::string, std::string>; ///< by the name of a route's field

bool isId(const std::string &text)
{
    return base::uuidFrom(text).has_value();
}

/// The same answer for other ids.
QString withoutIds(const std::string &body)
{
    static const QRegularExpression id("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    return QString::fromStdString(body).replace(id, "*");
}

/// What is published is for everybody, and a draft for nobody, also not for its owner: the latter is compared here.
bool isPublicPage(const actions::Action &action)
{
    return action.declaration.route.starts_with("/v1/public/");
}

/// Everybody of the other organization: each role, a device, and a key that may do everything that keys may.
std::vector<access::Actor> strangers()
{
    std::vector<access::Actor> all;
    for (const access::Role role : access::allRoles()) {
        all.push_back(test::member(kTwo, role));
        all.back().name = access::word(role);
    }
    all.push_back(test::deviceAt(kTwo, "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9cff", "g1"));
    all.back().name = "device";
    access::Actor key;
    key.kind = access::ActorKind::ApiKey;
    key.organization = kTwo;
    key.name = "key";
    for (int i = 0; i <= static_cast<int>(access::Permission::ManagePlatform); ++i)
        key.scopes.insert(static_cast<access::Permission>(i));
    all.push_back(std::move(key));
    return all;
}

} // namespace

/// Two organizations on one server: for each action that there is, the other's ids are as ids that nobody has.
class IsolationTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::ServerBench> m_bench;
    Ids m_ids; ///< of the first organization

    Reply post(const std::string &target, const base::Json &body)
    {
        Reply reply = m_bench->call({kOwner, http::Method::Post, target, body, {{"Idempotency-Key", target}}});
        base::ensure(reply.status < 300, (target + ": " + reply.body).c_str());
        return reply;
    }

    /// One of each thing that a route can name.
    void fill()
    {
        for (const base::Uuid &organization : {kOne, kTwo}) {
            const std::string id = base::toText(organization);
            m_bench->execute("INSERT INTO tenancy.organizations (organization_id, name, slug) VALUES ('" + id +
                             "', 'O" + id.substr(9, 2) + "', 'o-" + id +
                             "'); INSERT INTO tenancy.organization_settings "
                             "(organization_id) VALUES ('" +
                             id + "')");
        }
        const std::string one = base::toText(kOne);
        m_ids["organization"] = one;
        m_ids["member"] = base::toText(kOwner.id);
        m_bench->execute("INSERT INTO tenancy.users (id, email, status) VALUES ('" + m_ids["member"] +
                         "', 'owner@example.org', 'active'); INSERT INTO tenancy.memberships (organization_id, "
                         "user_id, role) VALUES ('" +
                         one + "', '" + m_ids["member"] + "', 'owner')");
        const base::Json definition = *base::parseJson(
            R"({"event": {"id": "fest", "name": "Fest"}, "ticket_types": [{"id": "adult", "name": "Adult"}],
                "gates": [{"id": "g1", "name": "North", "checkpoints": ["main"]}],
                "checkpoints": [{"id": "main", "name": "Main", "types": "all"}]})");
        m_ids["event"] = m_ids["event_id"] = post("/v1/events", definition).text("id");
        post("/v1/events/" + m_ids["event"] + "/tickets",
             {{"tickets", boost::json::array{boost::json::object{{"type", "adult"}}}}});
        m_ids["venue"] = post("/v1/venues", {{"name", "Hall"}, {"timezone", "Africa/Johannesburg"}}).text("id");
        m_ids["key"] = post("/v1/api-keys", {{"name", "k"}, {"scopes", boost::json::array{"read_events"}}}).text("id");
        m_ids["badge"] =
            post("/v1/badges", {{"event", m_ids["event"]}, {"name", "B"}, {"grants", boost::json::array{"steward"}}})
                .text("id");
        const std::string fixed = "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c";
        m_ids["device"] = m_ids["pairing"] = fixed + "d1";
        m_bench->execute("INSERT INTO tenancy.devices (organization_id, id, name, public_key) VALUES ('" + one +
                         "', '" + m_ids["device"] + "', 'North', decode(repeat('07', 32), 'hex'))");
        m_ids["job"] = fixed + "01";
        m_ids["incident"] = fixed + "02";
        m_bench->execute("INSERT INTO platform.jobs (organization_id, id, queue, kind, args, state) VALUES ('" + one +
                         "', '" + m_ids["job"] +
                         "', 'q', 'k', '{}', 'discarded'); INSERT INTO scanning.incidents "
                         "(organization_id, event_id, id, kind, severity, subject, facts) VALUES ('" +
                         one + "', '" + m_ids["event"] + "', '" + m_ids["incident"] +
                         "', 'double', 'warning', 's', '{}')");
        m_bench->execute("INSERT INTO scanning.occupancy (organization_id, event_id, checkpoint, gate, entries) "
                         "VALUES ('" +
                         one + "', '" + m_ids["event"] + "', 'main', 'g1', 1)");
        m_ids["row"] = fixed + "04";
        m_bench->execute("INSERT INTO scanning.quarantine (organization_id, event_id, id, device, epoch, seq, hash, "
                         "reason, row, brought_by) VALUES ('" +
                         one + "', '" + m_ids["event"] + "', '" + m_ids["row"] +
                         "', 'd', 1, 1, 'h', 'unreadable', 'r', 'b')");
        m_ids["user"] = m_ids["member"];
        m_ids["invitation"] =
            post("/v1/orgs/" + one + "/invitations", {{"email", "i@example.org"}, {"role", "staff"}}).text("id");
        m_ids["session"] = fixed + "03";
        m_bench->execute("INSERT INTO scanning.sessions (organization_id, event_id, id, device, opened_at, started_by) "
                         "VALUES ('" +
                         one + "', '" + m_ids["event"] + "', '" + m_ids["session"] + "', 'json:a', now(), '" +
                         m_ids["member"] + "')");
        for (const auto &[name, value] :
             Ids{{"checkpoint", "main"},
                 {"gate", "g1"},
                 {"slot", "1"},
                 {"ticket", "1"},
                 {"number", "1"},
                 {"public_key", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"}})
            m_ids[name] = value;
    }

    Ask askOf(const actions::Action &action, const access::Actor &actor, const Ids &ids) const
    {
        std::string target;
        for (const std::string &segment : action.segments)
            target += "/" + (segment.starts_with('{') ? ids.at(segment.substr(1)) : segment);
        Ask ask{actor, action.declaration.method, target, {}, {{"Idempotency-Key", "one"}}};
        const bool hasBody = ask.method != http::Method::Get && ask.method != http::Method::Delete;
        if (hasBody && action.takesBytes) {
            ask.body = boost::json::string("Code\nA-1\nA-2\n");
        } else if (hasBody) {
            base::Json body = test::sampleOf(action.input, {}, ids);
            for (const std::string &segment : action.segments) {
                if (segment.starts_with('{'))
                    body.as_object().erase(segment.substr(1));
            }
            ask.body = std::move(body);
        }
        return ask;
    }

    /// The fields of its route that are ids of somebody's things.
    std::vector<std::string> idsIn(const actions::Action &action) const
    {
        std::vector<std::string> names;
        for (const std::string &segment : action.segments) {
            if (segment.starts_with('{') && isId(m_ids.at(segment.substr(1))))
                names.push_back(segment.substr(1));
        }
        return names;
    }

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_bench = std::make_unique<test::ServerBench>(*m_postgres, test::AllSlices::make());
        fill();
    }
    void cleanupTestCase()
    {
        m_bench.reset();
        m_postgres.reset();
    }

    void theTestKnowsEveryFieldOfEveryRoute()
    {
        for (const actions::Action &action : m_bench->kernel().actions.all()) {
            for (const std::string &segment : action.segments) {
                if (segment.starts_with('{'))
                    QVERIFY2(m_ids.contains(segment.substr(1)), action.declaration.route.data());
            }
        }
    }

    // The control: what is compared below is there.
    void oneFindsOnesOwn()
    {
        int found = 0;
        for (const actions::Action &action : m_bench->kernel().actions.all()) {
            if (action.declaration.method != http::Method::Get || idsIn(action).empty() ||
                action.declaration.name == "tenancy.show_pairing" || isPublicPage(action))
                continue;
            const Reply reply = m_bench->call(askOf(action, kOwner, m_ids));
            QVERIFY2(reply.status != 404, (std::string(action.declaration.name) + ": " + reply.body).c_str());
            found += reply.status == 200 ? 1 : 0;
        }
        QVERIFY2(found >= 15, qPrintable(QString::number(found)));
    }

    void anothersIdsAreAsIdsThatNobodyHas()
    {
        Ids none = m_ids;
        for (auto &[name, value] : none) {
            if (isId(value))
                value = kNowhere;
        }
        int compared = 0;
        for (const actions::Action &action : m_bench->kernel().actions.all()) {
            // Whom it belongs to is proved by the key of the device that asks.
            if (idsIn(action).empty() || action.declaration.name == "tenancy.show_pairing")
                continue;
            for (const access::Actor &stranger : strangers()) {
                const Reply foreign = m_bench->call(askOf(action, stranger, m_ids));
                const Reply missing = m_bench->call(askOf(action, stranger, none));
                const std::string what = std::string(action.declaration.name) + " by a stranger's " + stranger.name +
                                         ": " + foreign.body + "\n" + missing.body;
                QVERIFY2(foreign.status == missing.status, what.c_str());
                QVERIFY2(withoutIds(foreign.body) == withoutIds(missing.body), what.c_str());
                QVERIFY2(foreign.status >= 400, what.c_str());
                ++compared;
            }
        }
        QVERIFY2(compared >= 220, qPrintable(QString::number(compared)));
    }

    // With requests that would do something: what refuses a stranger is whose the thing is, and not how it was asked.
    void anothersThingsAreNotChanged()
    {
        test::Workshop shop(*m_bench, test::tenant(3)), strangers(*m_bench, test::tenant(4));
        static const QRegularExpression id("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
        int compared = 0;
        for (const auto &[name, make] : test::exampleAsks()) {
            Ask own = make(shop);
            // A badge is for the event of whatever word, in the organization of who makes it.
            if (own.actor.kind != access::ActorKind::User || name == "tenancy.create_badge")
                continue;
            own.fields.emplace_back("Idempotency-Key", name);
            Ask foreign = own, missing = own;
            foreign.actor = missing.actor = strangers.owner();
            missing.target = QString::fromStdString(own.target).replace(id, kNowhere.c_str()).toStdString();
            // Of what is named in bodies, too.
            const QString body = QString::fromStdString(base::toText(own.body));
            if (!own.body.is_string() && body.contains(id))
                missing.body = *base::parseJson(QString(body).replace(id, kNowhere.c_str()).toStdString());
            if (missing.target == own.target && missing.body == own.body)
                continue; // it names nothing
            missing.fields.back().second += " of nobody";
            const Reply one = m_bench->call(foreign), other = m_bench->call(missing);
            const std::string what = name + ": " + one.body + "\n" + other.body;
            QVERIFY2(one.status == 404 && other.status == 404, what.c_str());
            QVERIFY2(withoutIds(one.body) == withoutIds(other.body), what.c_str());
            const Reply done = m_bench->call(own);
            QVERIFY2(done.status < 300, (name + ": " + done.body).c_str());
            ++compared;
        }
        QVERIFY2(compared >= 20, qPrintable(QString::number(compared)));
    }

    // What is in place of foreign keys where rows come in lists (app.have_parents).
    void rowsOfListsNeedTheirEvent()
    {
        const std::map<std::string, std::string> rows{
            {"ticketing.codes (organization_id, event_id, hash, ordinal, generation, kind, code)",
             ", decode(repeat('5a', 16), 'hex'), 9, 0, 'foreign', 'x')"},
            {"scanning.feed_codes (organization_id, event_id, hash, ordinal)", ", decode(repeat('5a', 16), 'hex'), 9)"},
            {"scanning.feed_tickets (organization_id, event_id, ordinal, seq, message)", ", 999999, 999999, '')"}};
        for (const auto &[into, values] : rows) {
            const auto complaint = [&](const std::string &event) {
                return m_bench->attempt(kOne, "BEGIN; INSERT INTO " + into + " VALUES (app.org(), '" + event + "'" +
                                                  values + "; ROLLBACK");
            };
            const std::string refused = complaint(kNowhere);
            QVERIFY2(refused.find("is not in ") != std::string::npos, refused.c_str());
            QCOMPARE(complaint(m_ids["event"]), std::string());
        }
    }

    // The owner's check 12: nor does a device know anything of an event that it was not put at.
    void aDeviceOfOneEventKnowsNoOther()
    {
        const base::Json other = *base::parseJson(R"({"event": {"id": "other", "name": "Other"}, "ticket_types":
            [{"id": "adult", "name": "Adult"}], "gates": [{"id": "g1", "name": "North", "checkpoints": ["main"]}],
            "checkpoints": [{"id": "main", "name": "Main", "types": "all"}]})");
        const Reply made = m_bench->call({kOwner, http::Method::Post, "/v1/events", other});
        const access::Actor device = test::deviceAt(kOne, made.text("id"), "g1");
        Ids none = m_ids;
        none["event"] = kNowhere;
        int compared = 0;
        for (const actions::Action &action : m_bench->kernel().actions.all()) {
            const auto names = idsIn(action);
            if (std::find(names.begin(), names.end(), "event") == names.end() ||
                access::check(action.declaration.policy, device) == access::Grant::No)
                continue;
            const Reply foreign = m_bench->call(askOf(action, device, m_ids)),
                        missing = m_bench->call(askOf(action, device, none));
            const std::string what = std::string(action.declaration.name) + ": " + foreign.body + "\n" + missing.body;
            QVERIFY2(foreign.status >= 400 && foreign.status == missing.status, what.c_str());
            QVERIFY2(withoutIds(foreign.body) == withoutIds(missing.body), what.c_str());
            ++compared;
        }
        QVERIFY2(compared >= 5, qPrintable(QString::number(compared)));
    }

    void listsOfOneHoldNothingOfTheOther()
    {
        for (const actions::Action &action : m_bench->kernel().actions.all()) {
            if (action.declaration.method != http::Method::Get || !idsIn(action).empty())
                continue;
            const Reply reply = m_bench->call(askOf(action, kStranger, m_ids));
            for (const auto &[name, value] : m_ids) {
                if (isId(value) && name != "member" && name != "user")
                    QVERIFY2(reply.body.find(value) == std::string::npos,
                             (std::string(action.declaration.name) + " shows the other's " + name).c_str());
            }
        }
    }

    // The owner's check 22.
    void anOrganizationThatIsNamedInHeaderOrQueryChangesNothing()
    {
        const std::string one = m_ids["organization"];
        const Ask plain{kStranger, http::Method::Get, "/v1/events"};
        Ask named = plain;
        named.fields = {{"Voelgoed-Organization", one}};
        QCOMPARE(m_bench->call(named).body, m_bench->call(plain).body);
        Ask asked = plain;
        asked.target += "?organization_id=" + one;
        QCOMPARE(m_bench->call(asked).status, 400);
        access::Actor homeless = kStranger;
        homeless.organization.reset();
        Ask without = plain;
        without.actor = homeless;
        QCOMPARE(m_bench->call(without).status, 403);
    }

    void everyTableWithATenantIsProtected()
    {
        const std::string strays = m_bench->execute(R"(
            SELECT coalesce(string_agg(c.oid::regclass::text, ', '), '')
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
              AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'organization_id'
                          AND NOT a.attisdropped)
              AND EXISTS (SELECT FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS p
                          WHERE has_table_privilege('vg_app', c.oid, p)) -- the others are behind functions
              AND NOT (c.relrowsecurity AND c.relforcerowsecurity
                       AND (c.relispartition OR EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))))");
        QCOMPARE(QByteArray::fromStdString(strays), QByteArray());
        const std::string tables = m_bench->execute(
            "SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE a.attname = "
            "'organization_id' AND c.relkind IN ('r', 'p') AND c.relrowsecurity");
        QVERIFY2(std::stoi(tables) >= 30, tables.c_str());
    }

    void withoutAnOrganizationNoRowIsSeen()
    {
        const std::string tables = m_bench->execute(R"(
            SELECT string_agg(format('SELECT count(*) FROM %s', c.oid::regclass), ' UNION ALL ')
            FROM pg_class c
            WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relrowsecurity
              AND has_table_privilege('vg_app', c.oid, 'SELECT'))");
        QCOMPARE(m_bench->execute("SET ROLE vg_app; SELECT sum(count) FROM (" + tables + ") AS rows (count)"),
                 std::string("0"));
        const std::string all = m_bench->execute("SELECT sum(count) FROM (" + tables + ") AS rows (count)");
        QVERIFY2(std::stoi(all) > 10, all.c_str());
    }
};

QTEST_GUILESS_MAIN(IsolationTest)
#include "isolation_test.moc"
