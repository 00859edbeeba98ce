#include "server/slices/scanning/actions/occupancy.h"

#include <QTest>

using namespace voelgoed;
using namespace voelgoed::scanning;

namespace {

/// Two checkpoints of one zone, and one of none; the north gate holds 10.
admission::Rulebook shape()
{
    domain::EventDefinition definition;
    definition.event = {.id = {"018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01"}, .name = "Fees"};
    definition.gates = {{.id = {"north"}, .code = "N", .name = "North", .capacity = 10},
                        {.id = {"south"}, .code = "S", .name = "South"}};
    definition.checkpoints = {{.id = {"main"}, .name = "Main", .zone = domain::ZoneId{"hall"}, .capacity = 20},
                              {.id = {"side"}, .name = "Side", .zone = domain::ZoneId{"hall"}},
                              {.id = {"tent"}, .name = "Tent", .capacity = 4}};
    auto compiled = admission::Rulebook::compile(std::move(definition));
    base::ensure(bool(compiled), "a test's rulebook");
    return std::move(*compiled);
}

GateCount count(const char *checkpoint, const char *gate, GateDelta sum)
{
    sum.sinceEntries = sum.entries;
    sum.sinceExits = sum.exits;
    return {.of = {checkpoint, gate}, .sum = sum};
}

Mirror::Figures figures()
{
    return {.batch = 9,
            .gates = {count("main", "north", {.entries = 7, .exits = 2, .refused = 1}),
                      count("main", "south", {.entries = 5, .exits = 0}),
                      count("side", "south", {.entries = 4, .exits = 4, .refused = 2}),
                      count("tent", "south", {.entries = 1, .exits = 3})}};
}

base::Instant at(const char *text)
{
    return *base::parseInstant(text);
}

const base::Instant kNow = at("2026-12-05T20:00:00Z");

} // namespace

/// How many are where, from the figures by gate.
class OccupancyTest : public QObject
{
    Q_OBJECT

private slots:
    void sumsAreTakenByCheckpointZoneAndEvent()
    {
        const admission::Rulebook rulebook = shape();
        const EventOccupancy all = occupancyOf({}, figures(), &rulebook, kNow);
        QCOMPARE(all.batch, 9);
        QCOMPARE(all.entries, 17);
        QCOMPARE(all.exits, 9);
        QCOMPARE(all.denied, 3);
        QCOMPARE(all.inside, 8);
        QCOMPARE(all.checkpoints.size(), 3U);
        QCOMPARE(all.checkpoints[0].inside, 10);
        QCOMPARE(all.checkpoints[0].gates.size(), 2U);
        QCOMPARE(all.zones.size(), 1U);
        QCOMPARE(all.zones[0].zone, std::string("hall"));
        QCOMPARE(all.zones[0].entries, 16);
        QCOMPARE(all.zones[0].inside, 10);
    }

    void theyAreHeldAgainstCapacities()
    {
        const admission::Rulebook rulebook = shape();
        const EventOccupancy all = occupancyOf({}, figures(), &rulebook, kNow);
        QCOMPARE(all.checkpoints[0].gates[0].percentFull.value(), 50);
        QVERIFY(!all.checkpoints[0].gates[1].percentFull);
        QCOMPARE(all.checkpoints[0].percentFull.value(), 50);
        QVERIFY(!all.checkpoints[1].percentFull);
        QCOMPARE(all.zones[0].percentFull.value(), 50);
        std::int64_t inside = 0;
        for (const GateOccupancy &gate : all.gates)
            inside += gate.inside;
        QCOMPARE(inside, all.inside);
        // More went out than came in here: nobody is inside, and nothing is below empty.
        QCOMPARE(all.checkpoints[2].inside, -2);
        QCOMPARE(all.checkpoints[2].percentFull.value(), 0);
    }

    // admission.md, section 2: at close_at inside becomes 0, for all of the zone.
    void whatClosesIsEmptyAndItsSumsStay()
    {
        domain::EventDefinition definition;
        definition.event = {.id = {"018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01"}, .name = "Fees"};
        definition.checkpoints = {{.id = {"main"},
                                   .name = "Main",
                                   .zone = domain::ZoneId{"hall"},
                                   .closeAt = std::chrono::hours(3),
                                   .capacity = 20},
                                  {.id = {"side"}, .name = "Side", .zone = domain::ZoneId{"hall"}},
                                  {.id = {"tent"}, .name = "Tent"}};
        const auto rulebook = admission::Rulebook::compile(std::move(definition));
        Mirror::Figures now = figures();
        for (GateCount &gate : now.gates)
            gate.sum.since = gate.of.checkpoint == "tent" ? base::Instant{} : at("2026-12-05T03:00:00Z");
        const EventOccupancy before = occupancyOf({}, now, &*rulebook, at("2026-12-06T02:59:59Z"));
        QCOMPARE(before.zones[0].inside, 10);
        QCOMPARE(before.checkpoints[0].percentFull.value(), 50);
        const EventOccupancy after = occupancyOf({}, now, &*rulebook, at("2026-12-06T03:00:00Z"));
        QCOMPARE(after.zones[0].inside, 0);
        QCOMPARE(after.checkpoints[0].percentFull.value(), 0);
        QCOMPARE(after.checkpoints[0].entries, 12);
        QCOMPARE(after.checkpoints[2].inside, -2);
        QCOMPARE(after.inside, -2);
    }

    void withoutADefinitionSumsAreThereAllTheSame()
    {
        const EventOccupancy all = occupancyOf({}, figures(), nullptr, kNow);
        QCOMPARE(all.inside, 8);
        QVERIFY(all.zones.empty());
        QVERIFY(!all.checkpoints[0].capacity && !all.checkpoints[0].zone);
    }
};

QTEST_APPLESS_MAIN(OccupancyTest)
#include "occupancy_test.moc"
