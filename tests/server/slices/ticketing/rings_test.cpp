#include "shared/base/random.h"
#include "tests/server/slices/ticketing/ticketing_bench.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using http::Method;
using test::Reply;

namespace {

const base::Uuid kOrg = test::tenant(1), kOther = test::tenant(2);
const access::Actor kOwner = test::member(kOrg, access::Role::Owner);
const access::Actor kStranger = test::member(kOther, access::Role::Owner);

} // namespace

/// What the ring of an event holds beside its own keys: names that codes have places for, and keys of other systems.
class RingsTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::TicketingBench> m_bench;
    std::string m_event;
    int m_number = 0;

    std::string path(const std::string &rest) const { return "/v1/events/" + m_event + rest; }

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_bench = std::make_unique<test::TicketingBench>(*m_postgres);
    }
    void init() { m_event = m_bench->createEvent(kOwner, "ring-" + std::to_string(++m_number)); }
    void cleanupTestCase()
    {
        m_bench.reset();
        m_postgres.reset();
    }

    void keysOfOtherSystemsAreFewAndCanBeTakenBack()
    {
        base::SeededRandom random(7);
        const auto freshKey = [&] { return base::toHex(base::SigningKey::generate(random).publicKey()); };
        const auto add = [&](const std::string &key) {
            return m_bench->post(kOwner, path("/foreign-keys"), {{"system", "pretix"}, {"public_key", key}});
        };
        const auto remove = [&](const access::Actor &actor, const std::string &key) {
            return m_bench->server.call({actor, Method::Delete, path("/foreign-keys/" + key), {}});
        };
        const std::string first = freshKey();
        QCOMPARE(add(first).status, 201);
        for (int i = 1; i < 8; ++i)
            QCOMPARE(add(freshKey()).status, 201);
        const Reply full = add(freshKey());
        QCOMPARE(full.status, 409);
        QCOMPARE(full.code(), std::string("foreign_keys_full"));
        QCOMPARE(add(first).status, 201); // it is there
        QCOMPARE(m_bench->definitionOf(m_event).keys.foreign.size(), 8U);

        QCOMPARE(remove(test::member(kOrg, access::Role::Staff), first).status, 403);
        QCOMPARE(remove(kStranger, first).status, 404);
        access::Actor support = test::member(kOrg, access::Role::Admin);
        support.platformStaff = true;
        QCOMPARE(remove(support, first).code(), std::string("consent_required"));
        QCOMPARE(remove(kOwner, "7").pointer(), std::string("/public_key"));
        const int head = m_bench->head(m_event);
        const Reply removed = remove(kOwner, first);
        QVERIFY2(removed.status == 200, removed.body.c_str());
        QCOMPARE(removed.json.at("foreign").as_array().size(), 7U);
        QVERIFY(m_bench->head(m_event) > head);
        const auto sent = m_bench->definitionOf(m_event).keys.foreign;
        QCOMPARE(sent.size(), 7U);
        for (const domain::ForeignKey &key : sent)
            QVERIFY(base::toHex(key.publicKey) != first);
        const auto audit = m_bench->server.audits(kOrg).back();
        QCOMPARE(audit.at("action").as_string(), "ticketing.remove_foreign_key");
        QCOMPARE(audit.at("before").at("foreign_key").as_string(), std::string_view(first));
        QCOMPARE(remove(kOwner, first).status, 404);
        QCOMPARE(add(freshKey()).status, 201);
    }

    /// Codes that are out name zones by their place: it is never another's.
    void aDefinitionThatCodesCannotNameIsRefusedWhenItIsSaved()
    {
        base::Json definition = m_bench->get(kOwner, path("?format=definition")).json;
        const auto save = [&](const char *part, base::Json list) {
            base::Json changed = definition;
            changed.as_object()[part] = std::move(list);
            return m_bench->server.call({kOwner, Method::Put, path("/definition"), std::move(changed)});
        };
        const auto checkpoints = [](const std::string &prefix, int count) {
            boost::json::array list{boost::json::object{{"id", "main"}, {"types", "all"}}};
            for (int i = 0; i < count; ++i) {
                list.push_back(boost::json::object{
                    {"id", "c" + std::to_string(i)}, {"types", "all"}, {"zone", prefix + std::to_string(i)}});
            }
            return list;
        };
        QCOMPARE(save("checkpoints", checkpoints("a", 15)).status, 200); // with "lounge" they are 16
        const Reply zones = save("checkpoints", checkpoints("b", 1));
        QCOMPARE(zones.status, 409);
        QCOMPARE(zones.code(), std::string("zones_used_up"));
        QVERIFY(zones.text("detail").find("16 zones") != std::string::npos);
        QCOMPARE(save("checkpoints", checkpoints("a", 3)).status, 200); // those that it had
        boost::json::array types;
        for (int i = 0; i < 255; ++i)
            types.push_back(boost::json::object{{"id", "t" + std::to_string(i)}});
        QCOMPARE(save("ticket_types", types).code(), std::string("types_used_up"));
        types.resize(254);
        QCOMPARE(save("ticket_types", types).status, 200);

        // One that was saved when this was not said goes on: it can be ended, too.
        m_bench->server.execute(
            "UPDATE ticketing.rings SET zones = zones[2:16] || '{other}'::text[] WHERE event_id = '" + m_event + "'");
        for (const char *verb : {"publish", "open", "end"}) {
            const Reply moved = m_bench->post(kOwner, path("/") + verb);
            QVERIFY2(moved.status == 200, moved.body.c_str());
        }
    }
};

QTEST_GUILESS_MAIN(RingsTest)
#include "rings_test.moc"
