#include "server/slices/scanning/module.h"
#include "tests/server/slices/events/events_bench.h"
#include "tests/support/scanning_needs.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using http::Method;
using test::fest;

namespace {

const base::Uuid kOrg = test::tenant(1);
const access::Actor kOwner = test::member(kOrg, access::Role::Owner);

} // namespace

/// Events over the feed that gates follow, as the server puts the two together, and without anybody who keeps keys.
class FeedTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_server = std::make_unique<test::ServerBench>(
            *m_postgres,
            std::vector<test::ServerBench::MakeSlice>{audit::make,
                                                      [this](platform::Kernel &kernel) {
                                                          auto made = scanning::make(kernel, m_needs.needs());
                                                          m_feed = made.feed;
                                                          return std::move(made.slice);
                                                      },
                                                      [this](platform::Kernel &kernel) {
                                                          return events::make(kernel, {.feed = *m_feed,
                                                                                       .organizations = m_organizations,
                                                                                       .badges = m_needs.badges})
                                                              .slice;
                                                      }});
        const auto made = m_server->call({kOwner, Method::Post, "/v1/events", fest()});
        QCOMPARE(made.status, 201);
        m_event = made.text("id");
    }
    void cleanupTestCase()
    {
        m_server.reset();
        m_postgres.reset();
    }

    void aNewEventIsInItsFeedWithoutKeysAndWithTheServersSeal()
    {
        const auto sent = definition();
        QCOMPARE(sent.event.event.id.text, m_event);
        QCOMPARE(sent.event.event.status, domain::EventStatus::Draft);
        QVERIFY(sent.keys.keySlots.empty());
        QCOMPARE(base::toText(sent.keys.event), m_event);
        QVERIFY(sent.keys.sealTo == m_server->kernel().seal.open);
        QCOMPARE(number(), 1);
    }

    void eachChangeOfWhatGatesNeedTakesTheNextNumber()
    {
        base::Json changed = fest();
        changed.as_object()["event"].as_object()["name"] = "Fest by the sea";
        QCOMPARE(m_server->call({kOwner, Method::Put, "/v1/events/" + m_event + "/definition", changed}).status, 200);
        QCOMPARE(number(), 2);
        QCOMPARE(definition().event.event.name, std::string("Fest by the sea"));
        QCOMPARE(m_server->call({kOwner, Method::Post, "/v1/events/" + m_event + "/publish"}).status, 200);
        QCOMPARE(number(), 3);
        QCOMPARE(definition().event.event.status, domain::EventStatus::Published);
        const auto gate = "/v1/events/" + m_event + "/gates/g1/state";
        QCOMPARE(m_server->call({kOwner, Method::Post, gate, {{"state", "closed"}}}).status, 200);
        QCOMPARE(number(), 4);
        QCOMPARE(definition().event.gates.at(0).state, domain::GateState::Closed);
    }

    void aChangeThatIsRefusedLeavesTheFeedAsItWas()
    {
        const int before = number();
        QCOMPARE(m_server->call({kOwner, Method::Post, "/v1/events/" + m_event + "/archive"}).status, 409);
        base::Json bad = fest();
        bad.as_object()["event"].as_object()["timezone"] = "Mars/Olympus";
        QCOMPARE(m_server->call({kOwner, Method::Put, "/v1/events/" + m_event + "/definition", bad}).status, 400);
        QCOMPARE(number(), before);
    }

private:
    std::string cell(const std::string &what)
    {
        return m_server->execute("SELECT " + what + " FROM scanning.feeds WHERE event_id = '" + m_event + "'");
    }
    int number() { return std::stoi(cell("definition_seq")); }
    protocol::Definition definition()
    {
        const auto bytes = base::fromHex(cell("encode(definition, 'hex')"));
        auto read = protocol::decodeDefinition(*bytes);
        base::ensure(bool(read), "what is in the feed cannot be read");
        return *std::move(read);
    }

    test::ScanningNeeds m_needs;
    test::PracticeOrganizations m_organizations;
    contracts::EventFeed *m_feed = nullptr;
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::ServerBench> m_server;
    std::string m_event;
};

QTEST_GUILESS_MAIN(FeedTest)
#include "feed_test.moc"
