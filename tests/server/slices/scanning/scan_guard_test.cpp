#include "server/slices/audit/module.h"
#include "server/slices/scanning/module.h"
#include "server/slices/scanning/overrides.h"
#include "shared/protocol/definition.h"
#include "shared/protocol/ticket.h"
#include "shared/ticket/foreign.h"
#include "tests/server/slices/scanning/rows.h"
#include "tests/support/scanning_needs.h"
#include "tests/support/server_bench.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using test::Reply;

namespace {

const base::Uuid kOrg = test::tenant(1);
const std::string kEvent = "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01";
const std::string kBadge = "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c0b";
const std::string kScans = "/v1/events/" + kEvent + "/scans";
const access::Actor kSteward = test::member(kOrg, access::Role::ScannerOnly);

access::Actor deviceAt(const std::string &gate, const std::string &checkpoint = {})
{
    access::Actor device = test::deviceAt(kOrg, kEvent, gate);
    device.device->checkpoint = checkpoint;
    return device;
}

} // namespace

/// What the route for scanners of other makers does not let pass: whoever it is, wherever he stands, whatever his clock
/// says.
class ScanGuardTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::ServerBench> m_bench;
    test::ScanningNeeds m_needs;

    void list(std::uint32_t ordinal, const std::string &code, domain::Ticket ticket = {})
    {
        ticket.ordinal = {ordinal};
        ticket.type = {"adult"};
        const auto hash = ticket::foreignHash(code);
        const protocol::ListedTicket listed{.ticket = ticket, .codes = {{.hash = hash}}};
        const std::string of = "'" + base::toText(kOrg) + "', '" + kEvent + "', ";
        const auto hex = [](base::ByteView bytes) { return "decode('" + base::toHex(bytes) + "', 'hex')"; };
        m_bench->execute(
            "INSERT INTO scanning.feed_tickets (organization_id, event_id, ordinal, seq, message) VALUES (" + of +
            std::to_string(ordinal) + ", " + std::to_string(ordinal) + ", " + hex(protocol::encode(listed)) +
            "); INSERT INTO scanning.feed_codes (organization_id, event_id, hash, ordinal) VALUES (" + of + hex(hash) +
            ", " + std::to_string(ordinal) + ")");
    }
    Reply scan(boost::json::object body, const access::Actor &actor = kSteward)
    {
        body.emplace("code", "A");
        if (!actor.device)
            body.emplace("checkpoint", "main");
        return m_bench->call({actor, http::Method::Post, kScans, body});
    }
    static boost::json::object override(boost::json::object how)
    {
        how.emplace("why", "lost wristband");
        return {{"override", how}};
    }
    static boost::json::object shown(const char *pin) { return override({{"badge", kBadge}, {"pin", pin}}); }
    std::string cell(const std::string &sql) const { return m_bench->execute(sql); }
    std::vector<base::Json> overrides() const
    {
        std::vector<base::Json> entries = m_bench->audits(kOrg);
        std::erase_if(entries, [](const base::Json &entry) { return entry.at("action") != "scanning.override"; });
        return entries;
    }

private slots:
    void initTestCase() { m_postgres = std::make_unique<test::Postgres>(); }
    void cleanupTestCase() { m_postgres.reset(); }
    void init()
    {
        m_needs.badges.supervisors = {{*base::uuidFrom(kEvent), *base::uuidFrom(kBadge), "4907"}};
        m_needs.badges.wait.reset();
        m_bench = std::make_unique<test::ServerBench>(
            *m_postgres, std::vector<test::ServerBench::MakeSlice>{
                             audit::make, [this](platform::Kernel &kernel) {
                                 return std::move(scanning::make(kernel, m_needs.needs()).slice);
                             }});
        protocol::Definition made;
        made.event.event = {.id = {kEvent}, .name = "Fees"};
        made.event.types = {{.id = {"adult"}, .name = "Adult"}};
        made.event.gates = {
            {.id = {"north"}, .name = "North", .capacity = 8, .checkpoints = {{"main"}, {"vip"}}},
            {.id = {"shut"}, .name = "Shut", .state = domain::GateState::Closed, .checkpoints = {{"main"}}}};
        made.event.checkpoints = {{.id = {"main"}, .name = "Main"}, {.id = {"vip"}, .name = "VIP"}};
        m_bench->execute(
            "INSERT INTO scanning.feeds (organization_id, event_id, definition_seq, definition) VALUES ('" +
            base::toText(kOrg) + "', '" + kEvent + "', 1, decode('" + base::toHex(protocol::encode(made)) +
            "', 'hex'))");
        list(1, "A");
    }
    void cleanup() { m_bench.reset(); }

    void aStewardDoesNotOverrideAndASupervisorsBadgeDoes()
    {
        QCOMPARE(scan({}).text("reason"), std::string("ok"));
        QCOMPARE(scan({}).text("reason"), std::string("already_used"));
        for (const boost::json::object &refused :
             {override({}), shown("0000"), override({{"badge", kEvent}, {"pin", "4907"}})}) {
            const Reply reply = scan(refused);
            QCOMPARE(reply.status, 403);
            QCOMPARE(reply.code(), std::string("override_refused"));
        }
        QCOMPARE(scan(override({{"by", "boss"}})).pointer(), std::string("/override/by"));
        QCOMPARE(scan(override({{"badge", kBadge}})).pointer(), std::string("/override/pin"));
        QCOMPARE(scan({{"override", {{"badge", kBadge}, {"pin", "4907"}, {"why", " "}}}}).status, 400);
        QCOMPARE(cell("SELECT count(*) FROM scanning.scans"), std::string("2"));
        const Reply passed = scan(shown("4907"));
        QVERIFY2(passed.status == 200, passed.body.c_str());
        QCOMPARE(passed.text("reason"), std::string("ok_override"));
        QCOMPARE(passed.text("overridden"), std::string("already_used"));
        QCOMPARE(cell("SELECT string_agg(override_by, ' ') FROM scanning.scans WHERE override_by <> ''"), kBadge);
        QCOMPARE(scan(shown("4907"), deviceAt("north", "main")).text("reason"), std::string("ok_override"));
    }

    void whoTriesManyPinsWaits()
    {
        m_needs.badges.wait = std::chrono::seconds(6);
        const Reply reply = scan(shown("4907"));
        QCOMPARE(reply.status, 429);
        QCOMPARE(std::string(reply.fields["Retry-After"]), std::string("6"));
    }

    void whoOverridesAloneIsOfTheHouse()
    {
        using access::Role;
        for (const Role role : {Role::Owner, Role::Admin, Role::Staff})
            QVERIFY(scanning::overridesAlone(test::member(kOrg, role)));
        for (const Role role : {Role::Viewer, Role::ScannerOnly})
            QVERIFY(!scanning::overridesAlone(test::member(kOrg, role)));
        access::Actor key;
        key.kind = access::ActorKind::ApiKey;
        key.organization = kOrg;
        key.scopes = {access::Permission::Scan, access::Permission::RunScanSessions};
        QVERIFY(!scanning::overridesAlone(key));
        QVERIFY(!scanning::overridesAlone(deviceAt("north")));
        QVERIFY(!scanning::overridesAlone(access::Actor::nobody()));
        QVERIFY(scanning::overridesAlone(access::Actor::system(kOrg, "a scanner")));
        QCOMPARE(scan(override({}), key).status, 403);
    }

    void anOverrideIsInTheTrailWithItsScan()
    {
        scan({});
        scan({{"override", {{"badge", kBadge}, {"pin", "4907"}, {"why", "for a try"}}}, {"test", true}});
        QVERIFY(overrides().empty());
        scan(shown("4907"));
        const auto entries = overrides();
        QCOMPARE(entries.size(), std::size_t{1});
        QCOMPARE(entries[0].at("subject_type").as_string(), "scan");
        QCOMPARE(entries[0].at("reason").as_string(), "lost wristband");
        QCOMPARE(entries[0].at("before").at("reason").as_string(), "already_used");
        QCOMPARE(std::string(entries[0].at("after").at("by").as_string()), kBadge);
        QCOMPARE(std::string(entries[0].at("actor_id").as_string()), base::toText(kSteward.id));
        QVERIFY(base::toText(entries[0]).find("4907") == std::string::npos);
        // Without its place in the trail nobody passes.
        cell("REVOKE INSERT ON audit.log FROM vg_app");
        QVERIFY(scan(shown("4907")).status >= 500);
        QCOMPARE(cell("SELECT count(*) FROM scanning.scans WHERE override_by <> '' AND NOT is_test"), std::string("1"));
    }

    void anOverrideThatADeviceBringsIsInTheTrailOnce()
    {
        platform::Kernel &kernel = m_bench->kernel();
        scanning::Waiting waiting(kernel.executor);
        scanning::Lanes lanes({.executor = kernel.executor,
                               .database = kernel.database,
                               .random = kernel.random,
                               .waiting = waiting,
                               .organizations = m_needs.organizations});
        const auto ordinary = support::broughtOf(support::rowOf({.sequence = 1}));
        const auto overridden = support::broughtOf(support::rowOf(
            {.sequence = 2, .when = support::at("19:31:00"), .reason = "ok_override", .override_ = "sam"}));
        for (int time = 0; time < 2; ++time) {
            const auto taken = m_bench->run(lanes.take({.organization = kOrg,
                                                        .event = *base::uuidFrom(kEvent),
                                                        .broughtBy = "gate-a",
                                                        .rows = {ordinary, overridden},
                                                        .unusable = {},
                                                        .shifts = {},
                                                        .receivedAt = support::at("20:00:00")}));
            QVERIFY2(taken, taken ? "" : taken.error().message.c_str());
        }
        const auto entries = overrides();
        QCOMPARE(entries.size(), std::size_t{1});
        QCOMPARE(entries[0].at("subject").as_string(), "gate-a/1/2");
        QCOMPARE(entries[0].at("reason").as_string(), "a guest of the house");
        QCOMPARE(entries[0].at("before").at("reason").as_string(), "already_used");
        QCOMPARE(entries[0].at("after").at("by").as_string(), "sam");
    }

    void aDeviceScansAtItsPost()
    {
        // What it does not say is its post's: a gate that is shut is shut for it, too.
        QCOMPARE(scan({}, deviceAt("shut", "main")).text("reason"), std::string("gate_closed"));
        const access::Actor device = deviceAt("north", "main");
        QCOMPARE(scan({{"gate", "shut"}}, device).status, 404);
        QCOMPARE(scan({{"checkpoint", "vip"}}, device).status, 404);
        QCOMPARE(scan({{"direction", "exit"}}, device).status, 404);
        QCOMPARE(scan({{"gate", "north"}, {"checkpoint", "main"}, {"direction", "entry"}}, device).text("reason"),
                 std::string("ok"));
        access::Actor out = device;
        out.device->isExit = true;
        QCOMPARE(scan({}, out).text("reason"), std::string("ok_exit"));
        QCOMPARE(cell("SELECT string_agg(DISTINCT gate || ' ' || checkpoint, ', ') FROM scanning.scans WHERE outcome = "
                      "'admit'"),
                 std::string("north main"));
        // One that was put at no checkpoint has to say at which it is.
        QCOMPARE(scan({}, deviceAt("north")).pointer(), std::string("/checkpoint"));
        QCOMPARE(scan({{"checkpoint", "vip"}}, deviceAt("north")).text("reason"), std::string("ok"));
    }

    void aGateThatTheEventDoesNotHaveIsAnError()
    {
        const Reply reply = scan({{"gate", "nowhere"}});
        QCOMPARE(reply.status, 400);
        QCOMPARE(reply.pointer(), std::string("/gate"));
        QCOMPARE(reply.json.at("errors").at(0).at("code").as_string(), "unknown");
        QCOMPARE(cell("SELECT count(*) FROM scanning.scans"), std::string("0"));
    }

    void aLockedDeviceLetsNobodyInAndBeginsNothing()
    {
        access::Actor device = deviceAt("north", "main");
        device.device->isLocked = true;
        const Reply refused = scan({}, device);
        QCOMPARE(refused.status, 403);
        QCOMPARE(refused.code(), std::string("device_locked"));
        const std::string sessions = "/v1/events/" + kEvent + "/sessions";
        const Reply begun = m_bench->call({device, http::Method::Post, sessions, boost::json::object()});
        QCOMPARE(begun.status, 403);
        QCOMPARE(begun.code(), std::string("device_locked"));
        QCOMPARE(cell("SELECT (SELECT count(*) FROM scanning.scans) + (SELECT count(*) FROM scanning.sessions)"),
                 std::string("0"));
    }

    void theAnswerSaysHowFullItIsAndWhereTheTicketWas()
    {
        const Reply first = scan({{"gate", "north"}});
        QCOMPARE(first.text("gate"), std::string("north"));
        QCOMPARE(first.json.at("occupancy").to_number<int>(), 1);
        QCOMPARE(first.json.at("capacity").to_number<int>(), 8);
        QCOMPARE(first.json.at("percent_full").to_number<int>(), 12);
        QCOMPARE(first.json.at("event_occupancy").to_number<int>(), 1);
        QVERIFY(first.text("last_gate_name").empty() && first.text("last_scanned_at").empty());
        // The gate's capacity counts all its checkpoints.
        QCOMPARE(scan({{"gate", "north"}, {"checkpoint", "vip"}}).json.at("percent_full").to_number<int>(), 25);
        m_bench->clock().pass(std::chrono::seconds(90));
        const Reply again = scan({{"gate", "north"}});
        QCOMPARE(again.text("reason"), std::string("already_used"));
        QCOMPARE(again.json.at("occupancy").to_number<int>(), 2);
        QCOMPARE(again.text("last_gate_name"), std::string("North"));
        QCOMPARE(again.text("last_scanned_at"), first.text("at"));
        QCOMPARE(again.json.at("seconds_since").to_number<int>(), 90);
    }

    void aSlowClockMakesNothingGoodAgain()
    {
        using namespace std::chrono_literals;
        const base::Instant now = m_bench->clock().now().wall;
        list(2, "B", {.validUntil = now - 30min});
        const Reply expired = scan({{"code", "B"}, {"at", base::formatInstant(now - 1h)}});
        QCOMPARE(expired.text("reason"), std::string("expired"));
        QVERIFY(expired.json.at("late").as_bool());
        QCOMPARE(cell("SELECT (at_device <= at - interval '59 minutes') || ' ' || clock FROM scanning.scans"),
                 std::string("true 2"));
        const Reply slow = scan({{"at", base::formatInstant(now - 30s)}});
        QCOMPARE(slow.text("reason"), std::string("ok"));
        QVERIFY(!slow.json.at("late").as_bool());
        // What comes late is behind what was there before it, and takes nothing from it.
        QCOMPARE(scan({{"at", base::formatInstant(now - 2h)}}).text("reason"), std::string("already_used"));
        QCOMPARE(cell("SELECT count(*) FROM scanning.doubles"), std::string("0"));
        // A clock refuses nobody.
        list(3, "C");
        QCOMPARE(scan({{"code", "C"}, {"at", "2099-01-01T00:00:00Z"}}).text("reason"), std::string("ok"));
        QCOMPARE(cell("SELECT count(*) FROM scanning.scans WHERE at > received_at + interval '1 second'"),
                 std::string("0"));
    }
};

QTEST_GUILESS_MAIN(ScanGuardTest)
#include "scan_guard_test.moc"
