#include "server/slices/scanning/telling.h"

#include "server/platform/topics/event_rules.h"
#include "server/platform/work/envelope.h"
#include "server/slices/scanning/incidents.h"
#include "tests/server/slices/scanning/rows.h"

#include <QTest>

using namespace voelgoed;
using namespace voelgoed::scanning;
using namespace voelgoed::support;

namespace {

const base::Uuid kOrganization = *base::uuidFrom("018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c0a");
const base::Uuid kEvent = *base::uuidFrom("018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01");

/// What a rule of all published events has against one of them; empty when nothing is.
std::string complaint(const work::Event &event)
{
    const std::string text = work::envelope(
        event, {.id = kEvent, .organization = kOrganization, .at = at("19:30:00"), .requestId = std::string(40, 'r')});
    return topics::complaintAbout(text).value_or("");
}

/// Rows are kept here as long as plans point at them.
struct Planned
{
    explicit Planned(std::vector<domain::Row> rows)
    {
        for (const domain::Row &row : rows)
            brought.push_back(broughtOf(row));
        std::vector<const Brought *> pointers;
        for (const Brought &one : brought)
            pointers.push_back(&one);
        plan = planBatch({}, pointers, at("23:00:00"));
        plan.incidents = incidentsOf({}, plan, {});
    }

    std::vector<Brought> brought;
    Plan plan;
};

std::vector<std::string> typesOf(const std::vector<work::Event> &events)
{
    std::vector<std::string> types;
    for (const work::Event &event : events)
        types.push_back(event.type);
    return types;
}

} // namespace

/// What is told of a batch of scans.
class TellingTest : public QObject
{
    Q_OBJECT

private slots:
    void anAdmittedAndADeniedScanAreToldAtTheEvent()
    {
        const Planned batch(
            {rowOf({.sequence = 1}), rowOf({.sequence = 2, .outcome = "refuse", .reason = "already_used"})});
        const auto events = scanEvents(kEvent, batch.plan, {}, nullptr);
        QCOMPARE(typesOf(events), (std::vector<std::string>{"scanning.scan_admitted.v1", "scanning.scan_denied.v1"}));
        QCOMPARE(events[0].topic, "scanning:event:" + base::toText(kEvent));
        QCOMPARE(std::string(events[1].data.at("reason").as_string()), std::string("already_used"));
    }

    void whoWasLetInIsToldWithTheGatesNameAndHowFullItIs()
    {
        domain::EventDefinition definition;
        definition.event = {.id = {base::toText(kEvent)}, .name = "Fees"};
        definition.checkpoints = {{.id = {"main"}, .name = "Main"}};
        definition.gates = {
            {.id = {"gate of gate-a"}, .name = "Noord \x1b[2J" + std::string(500, 'x'), .capacity = 342}};
        const auto rulebook = admission::Rulebook::compile(std::move(definition));
        QVERIFY(bool(rulebook));
        const Planned batch({rowOf({.sequence = 1}), rowOf({.sequence = 2, .outcome = "refuse"})});
        // At another checkpoint, that the batch did not touch, five more came in through the gate.
        const Standing standing{.batch = 1,
                                .gates = {{.of = {"main", "gate of gate-a"}, .sum = {.entries = 40, .exits = 3}}},
                                .sessions = {},
                                .through = {{"gate of gate-a", 42}}};
        const auto events = scanEvents(kEvent, batch.plan, standing, &*rulebook);
        QCOMPARE(events[0].data.at("gate_occupancy").to_number<int>(), 42);
        QCOMPARE(events[0].data.at("gate_capacity").to_number<int>(), 342);
        const work::Event full = occupancyEvent(kEvent, standing.gates[0], standing, &*rulebook);
        QCOMPARE(full.data.at("current_occupancy").to_number<int>(), 37);
        QCOMPARE(full.data.at("gate_occupancy").to_number<int>(), 42);
        QCOMPARE(full.data.at("percent_full").to_number<int>(), 42 * 100 / 342);
        for (const work::Event &event : events) {
            QVERIFY(std::string(event.data.at("gate_name").as_string()).starts_with("Noord "));
            QCOMPARE(complaint(event), std::string());
        }
    }

    void aSessionHearsOfItsOwnScans()
    {
        domain::Row row = rowOf({});
        std::get<domain::ScanRecord>(row.what).session = {"018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9cff"};
        const Planned batch({row});
        const auto events = scanEvents(kEvent, batch.plan, {}, nullptr);
        QCOMPARE(events.size(), 2U);
        QCOMPARE(events[1].topic, std::string("scanning:session:018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9cff"));
    }

    void aTestScanIsToldToNobody()
    {
        const Planned batch({rowOf({.test = true})});
        QVERIFY(scanEvents(kEvent, batch.plan, {}, nullptr).empty());
    }

    void aDoubleIsAnIncidentAtTheEventAndTheOrganization()
    {
        const Planned batch(
            {rowOf({.device = "gate-a", .when = at("19:30:00")}), rowOf({.device = "gate-b", .when = at("19:30:01")})});
        const auto events = incidentEvents(kOrganization, kEvent, batch.plan);
        QCOMPARE(events.size(), 2U);
        QCOMPARE(events[0].topic, "scanning:event:" + base::toText(kEvent));
        QCOMPARE(events[1].topic, "scanning:org:" + base::toText(kOrganization));
        QCOMPARE(std::string(events[0].data.at("device_id").as_string()), std::string("gate-b"));
        QCOMPARE(std::string(events[0].data.at("earlier_device_id").as_string()), std::string("gate-a"));
    }

    // The owner's check 18.
    void whateverADeviceCallsThingsEventsKeepTheRules_data()
    {
        QTest::addColumn<QByteArray>("word");
        QTest::newRow("letters") << QByteArray(300, 'x') + "\"\\\x01@";
        QTest::newRow("what takes two bytes in JSON") << QByteArray(300, '"');
        QTest::newRow("what is not shown") << QByteArray(300, '\x01');
        QTest::newRow("letters of two bytes") << QByteArray("\u00e9").repeated(150);
        QTest::newRow("letters of four bytes") << QByteArray("\U0001f3ab").repeated(80);
    }
    void whateverADeviceCallsThingsEventsKeepTheRules()
    {
        QFETCH(QByteArray, word);
        const std::string longOne = word.toStdString();
        domain::EventDefinition definition;
        definition.event = {.id = {base::toText(kEvent)}, .name = "Fees"};
        definition.checkpoints = {{.id = {longOne}, .name = longOne}};
        definition.gates = {{.id = {longOne}, .name = longOne, .capacity = 4'000'000}};
        const auto rulebook =
            admission::Rulebook::compile(std::move(definition), admission::Rulebook::References::AreValues);
        QVERIFY(bool(rulebook));
        std::vector<domain::Row> rows;
        for (const char *device : {"a", "b"}) {
            domain::Row row = rowOf({.device = device + longOne, .checkpoint = longOne});
            auto &scan = std::get<domain::ScanRecord>(row.what);
            scan.gate = {longOne};
            scan.reason = longOne;
            scan.session = {std::string(64, 's')};
            rows.push_back(row);
        }
        const Planned batch(rows);
        std::vector<work::Event> events = scanEvents(kEvent, batch.plan, {}, &*rulebook);
        for (work::Event &event : incidentEvents(kOrganization, kEvent, batch.plan))
            events.push_back(std::move(event));
        events.push_back(batchEvent(kEvent, batch.plan, {.batch = INT64_MAX}));
        events.push_back(occupancyEvent(
            kEvent, {.of = {longOne, longOne}, .sum = {.entries = INT64_MAX, .exits = 1, .refused = INT64_MAX}},
            {.through = {{longOne, 4'000'000'000}}}, &*rulebook));
        QCOMPARE(events.size(), 8U);
        for (const work::Event &event : events)
            QCOMPARE(complaint(event), std::string());
    }

    void ofManyScansSumsAreTold()
    {
        std::vector<domain::Row> rows;
        for (std::uint32_t i = 1; i <= 60; ++i)
            rows.push_back(rowOf({.sequence = i, .ordinal = i, .outcome = i % 3 == 0 ? "refuse" : "admit"}));
        const Planned batch(rows);
        const work::Event event = batchEvent(kEvent, batch.plan, {.batch = 4});
        QCOMPARE(event.data.at("scans_added").to_number<int>(), 60);
        QCOMPARE(event.data.at("admitted").to_number<int>(), 40);
        QCOMPARE(event.data.at("denied").to_number<int>(), 20);
    }
};

QTEST_APPLESS_MAIN(TellingTest)
#include "telling_test.moc"
