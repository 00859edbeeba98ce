#include "tests/server/app/all_slices.h"

#include "server/platform/topics/keys.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using test::Reply;

namespace {

const base::Uuid kOrg = test::tenant(1);
const access::Actor kOwner = test::member(kOrg, access::Role::Owner);

} // namespace

/// What the server leaves in Redis: only keys that somebody declared, each of one organization, and with a term where
/// there should be one.
class KeysTest : public QObject
{
    Q_OBJECT

private slots:
    void everyKeyIsInTheRegistryAndNamesItsOrganization()
    {
        test::Postgres postgres;
        test::Redis redis;
        test::ServerBench bench(postgres, test::AllSlices::make(), {.redis = redis.url()});
        const std::string organization = base::toText(kOrg);
        bench.execute("INSERT INTO tenancy.organizations (organization_id, name, slug) VALUES ('" + organization +
                      "', 'O', 'o'); INSERT INTO tenancy.organization_settings (organization_id) VALUES ('" +
                      organization + "')");
        const base::Json definition = *base::parseJson(
            R"({"event": {"id": "fest", "name": "Fest", "starts_at": "2026-12-05T10:00:00Z", "ends_at": "2026-12-05T22:00:00Z"}, "ticket_types": [{"id": "adult", "name": "Adult"}],
                "gates": [{"id": "g1", "name": "North", "checkpoints": ["main"]}],
                "checkpoints": [{"id": "main", "name": "Main", "types": "all"}]})");
        const auto post = [&](const std::string &target, const base::Json &body) {
            Reply reply = bench.call({kOwner, http::Method::Post, target, body, {{"Idempotency-Key", target}}});
            base::ensure(reply.status < 300, reply.body.c_str());
            return reply;
        };
        const std::string event = "/v1/events/" + post("/v1/events", definition).text("id");
        post(event + "/publish", boost::json::object());
        post(event + "/open", boost::json::object());
        const Reply issued =
            post(event + "/tickets", {{"tickets", boost::json::array{boost::json::object{{"type", "adult"}}}}});
        const std::string code(issued.json.at("data").at(0).at("code").as_string());
        // An admission by another maker's scanner, with a key; then the figures are read.
        const Reply made = post("/v1/api-keys", {{"name", "k"}, {"scopes", boost::json::array{"scan", "read_scans"}}});
        const test::Ask scan{access::Actor::system(kOrg, "test"),
                             http::Method::Post,
                             event + "/scans",
                             {{"code", code}, {"checkpoint", "main"}, {"gate", "g1"}}};
        QCOMPARE(bench.call(scan).text("reason"), std::string("ok"));
        QCOMPARE(bench.call({kOwner, http::Method::Get, event + "/occupancy"}).status, 200);
        QVERIFY(!bench.runRoutine("scanning.figures"));
        static constexpr limits::Policy kPolicy{.name = "test.policy", .burst = 5, .rate = 5};
        topics::addKeys(bench.kernel().keys);
        for (const redis::Key &key : limits::keys())
            bench.kernel().keys.add(key);
        bench.run(bench.kernel().limiter.take(redis::Tag::organization(kOrg), {{&kPolicy, "somebody"}}));

        const auto ask = [&](redis::Command command) {
            auto reply = bench.run(bench.kernel().redis.call(std::move(command)));
            base::ensure(bool(reply), "Redis answers");
            return std::move(*reply);
        };
        const auto found = ask({"KEYS", "*"});
        const auto *keys = found.list();
        QVERIFY(keys);
        int ofEvents = 0;
        for (const auto &each : *keys) {
            const std::string key(*each.text());
            const std::string type(*ask({"TYPE", key}).text());
            const auto left = *ask({"PTTL", key}).integer();
            redis::FoundKey seen{.key = key, .type = type, .timeToLive = {}};
            if (left >= 0)
                seen.timeToLive = base::Milliseconds(left);
            const auto complaint = bench.kernel().keys.complaint(seen);
            QVERIFY2(!complaint, complaint ? complaint->c_str() : "");
            QVERIFY2(key.find(organization) != std::string::npos || key.find("{sys}") != std::string::npos,
                     key.c_str());
            ofEvents += key.find("{" + organization + ".") != std::string::npos ? 1 : 0;
        }
        QVERIFY2(ofEvents > 0, "the event's figures are in Redis");
    }
};

QTEST_GUILESS_MAIN(KeysTest)
#include "keys_test.moc"
