#include "tests/server/app/example_asks.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using http::Method;
using test::Ask, test::Reply;

namespace {

constexpr const char *kReason = "storm over the bay";

struct Row
{
    const char *name;                          ///< of the action
    std::function<Ask(test::Workshop &)> make; ///< without its reason
    const char *before, *after;                ///< words of the old and the new value
};

std::function<Ask(test::Workshop &)> device(const char *status, const char *verb, base::Json body)
{
    return [=](test::Workshop &shop) { return shop.post("/v1/devices/" + shop.device(status) + "/" + verb, body); };
}

std::function<Ask(test::Workshop &)> event(const char *status, const char *verb)
{
    return [=](test::Workshop &shop) { return shop.post("/v1/events/" + shop.event(status) + "/" + verb); };
}

base::Json order(const char *word)
{
    return {{"order", word}, {"text", "Hello"}};
}

/// What the platform's owner has named: publish, cancel, postpone, manual changes of tickets, gates, device changes.
const std::vector<Row> &rows()
{
    static const std::vector<Row> kRows{
        {"events.publish", event("draft", "publish"), "draft", "published"},
        {"events.cancel", event("published", "cancel"), "published", "cancelled"},
        {"events.postpone", event("published", "postpone"), "published", "postponed"},
        {"events.end", event("live", "end"), "live", "ended"},
        {"events.set_gate_state",
         [](test::Workshop &shop) {
             return shop.post("/v1/events/" + shop.event() + "/gates/g1/state", {{"state", "closed"}});
         },
         "open", "closed"},
        {"tenancy.approve_device", device("pending", "approve", {{"digits", "123456"}}), "pending", "active"},
        {"tenancy.assign_device", device("active", "assign", {{"event", "e"}, {"gate", "g7"}}), "active", "g7"},
        {"tenancy.tell_device", device("active", "orders", order("message")), "active", "message"},
        {"tenancy.tell_device", device("active", "orders", order("lock")), "active", "lock"},
        {"tenancy.tell_device", device("locked", "orders", order("unlock")), "locked", "unlock"},
        {"tenancy.tell_device", device("active", "orders", order("wipe")), "active", "wipe"},
        {"tenancy.revoke_device", device("active", "revoke", boost::json::object()), "active", "revoked"},
        {"ticketing.cancel_ticket", [](test::Workshop &shop) { return shop.post(shop.ticket() + "/cancel"); }, "valid",
         "cancelled"},
        {"ticketing.block_ticket", [](test::Workshop &shop) { return shop.post(shop.ticket() + "/block"); }, "", ""},
    };
    return kRows;
}

} // namespace

/// The owner's check 25: who, as what, what it was, what it became and why; and who may read that.
class TrailTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Stage> m_stage;

private slots:
    void initTestCase() { m_stage = std::make_unique<test::Stage>(); }
    void cleanupTestCase() { m_stage.reset(); }

    void whatIsDoneIsToldWithItsReason_data()
    {
        QTest::addColumn<int>("row");
        for (std::size_t i = 0; i < rows().size(); ++i)
            QTest::addRow("%zu %s", i, rows()[i].name) << static_cast<int>(i);
    }
    void whatIsDoneIsToldWithItsReason()
    {
        QFETCH(int, row);
        const Row &expected = rows()[static_cast<std::size_t>(row)];
        Ask ask = expected.make(m_stage->shop);
        ask.actor = test::member(m_stage->shop.organization(), access::Role::Admin);
        ask.body.as_object()["reason"] = kReason;
        const Reply done = m_stage->call(std::move(ask));
        QVERIFY2(done.status == 200, done.body.c_str());
        for (const access::Role role : {access::Role::Owner, access::Role::Admin}) {
            const Reply trail = m_stage->bench.call(
                {test::member(m_stage->shop.organization(), role), Method::Get, "/v1/audit?limit=1"});
            QVERIFY2(trail.status == 200, trail.body.c_str());
            const base::Json &entry = trail.json.at("data").at(0);
            const std::string all = base::toText(entry);
            QCOMPARE(entry.at("action").as_string(), expected.name);
            QVERIFY2(all.find(base::toText(ask.actor.id)) != std::string::npos, all.c_str());
            QCOMPARE(entry.at("actor_role").as_string(), "admin");
            QCOMPARE(entry.at("reason").as_string(), kReason);
            QVERIFY2(base::toText(entry.at("before")).find(expected.before) != std::string::npos, all.c_str());
            QVERIFY2(base::toText(entry.at("after")).find(expected.after) != std::string::npos, all.c_str());
        }
    }

    void nobodyElseReadsIt()
    {
        using access::Role;
        std::vector<access::Actor> others{test::deviceAt(m_stage->shop.organization(), "e", "g1"),
                                          access::Actor::nobody()};
        for (const Role role : {Role::Staff, Role::Viewer, Role::ScannerOnly})
            others.push_back(test::member(m_stage->shop.organization(), role));
        for (const access::Actor &actor : others) {
            const Reply reply = m_stage->bench.call({actor, Method::Get, "/v1/audit"});
            QVERIFY2(reply.status == 403 || reply.status == 401, reply.body.c_str());
        }
    }
};

QTEST_GUILESS_MAIN(TrailTest)
#include "trail_test.moc"
