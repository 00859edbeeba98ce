#include "shared/domain/definition_json.h"
#include "shared/domain/ticket_json.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::domain;
using base::JsonPlace;
using base::ObjectReader;

namespace {

base::Instant utc(const char *text)
{
    return *base::parseInstant(text);
}

/// What was read, or the error instead.
template <class Value>
struct Reading
{
    Value value;
    QString error;
};

template <class Value, class Read>
Reading<Value> reading(const QString &text, Read read)
{
    const auto json = base::parseJson(text.toStdString());
    if (!json)
        return {{}, QString::fromStdString(json.error().message)};
    base::JsonFailure failure;
    const JsonPlace place{*json, {}, failure};
    Value value = read(place);
    return {std::move(value), failure.happened() ? QString::fromStdString(failure.error()->message) : QString()};
}

Reading<EventDefinition> definitionOf(const QString &text)
{
    return reading<EventDefinition>(text, [](const JsonPlace &place) {
        ObjectReader fields(place);
        auto definition = readDefinition(fields);
        fields.finish();
        return definition;
    });
}

Reading<Ticket> ticketOf(const QString &text)
{
    return reading<Ticket>(text, readTicket);
}

Reading<Scan> scanOf(const QString &text)
{
    return reading<Scan>(text, [](const JsonPlace &place) {
        ObjectReader fields(place);
        auto scan = readScan(fields);
        fields.finish();
        return scan;
    });
}

} // namespace

class DefinitionJsonTest : public QObject
{
    Q_OBJECT

private slots:
    void anEventOfNothingButDefaultsIsRead()
    {
        const auto read = definitionOf(R"({"event": {}})");
        QCOMPARE(read.error, QString());
        QCOMPARE(read.value, EventDefinition{});
        QCOMPARE(read.value.event.status, EventStatus::Live);
    }

    void everyFieldOfADefinitionIsRead()
    {
        const auto read = definitionOf(R"({
          "event": {"id": 4, "name": "Fest", "timezone": "Europe/Berlin", "starts_at": "2026-12-05T12:00:00Z",
                    "ends_at": "2026-12-05T22:00:00Z", "doors_at": "2026-12-05T11:00:00Z", "status": "postponed",
                    "rescheduled_at": "2026-12-06T12:00:00Z", "scan_from": "2026-12-05T10:00:00Z",
                    "scan_until": "2026-12-05T23:00:00Z"},
          "dates": [{"id": "d", "starts_at": "2026-12-05T12:00:00Z", "ends_at": "2026-12-05T13:00:00Z",
                     "doors_at": "2026-12-05T11:30:00Z"}],
          "ticket_types": [{"id": 1, "name": "Adult", "admits": 3, "gates": ["g"], "attention": true, "notes": ["n"]}],
          "questions": [{"id": "q", "kind": "multiple_choice", "text": "Which?", "required": true, "at_door": true,
                         "types": [1], "options": [{"id": 7, "label": "Seven"}]}],
          "gates": [{"id": "g", "code": "A", "name": "North", "state": "closed", "capacity": 9,
                     "capacity_mode": "stop", "checkpoints": ["c"], "directions": ["exit"]}],
          "checkpoints": [{"id": "c", "name": "Main", "types": ["1"], "date": "d", "zone": "z",
                           "reentry": "after_exit", "accept_pending": true, "match_addons": true,
                           "rules": {"and": []}, "close_at": "03:30", "capacity": 5}],
          "policy": {"unlisted": "hold", "list_age_max_minutes": 30}})");
        QCOMPARE(read.error, QString());
        EventDefinition expected;
        expected.event = {.id = {"4"},
                          .name = "Fest",
                          .timezone = "Europe/Berlin",
                          .startsAt = utc("2026-12-05T12:00:00Z"),
                          .endsAt = utc("2026-12-05T22:00:00Z"),
                          .doorsAt = utc("2026-12-05T11:00:00Z"),
                          .status = EventStatus::Postponed,
                          .rescheduledAt = utc("2026-12-06T12:00:00Z"),
                          .scanFrom = utc("2026-12-05T10:00:00Z"),
                          .scanUntil = utc("2026-12-05T23:00:00Z")};
        expected.dates = {
            {{"d"}, utc("2026-12-05T12:00:00Z"), utc("2026-12-05T13:00:00Z"), utc("2026-12-05T11:30:00Z")}};
        expected.types = {{{"1"}, "Adult", 3, {{{"g"}}}, true, {"n"}}};
        expected.questions = {{{"q"}, QuestionKind::MultipleChoice, "Which?", true, true, {{{"1"}}}, {{"7", "Seven"}}}};
        expected.gates = {{{"g"}, "A", "North", GateState::Closed, 9, CapacityMode::Stop, {{"c"}}, false, true}};
        expected.checkpoints = {{{"c"},
                                 "Main",
                                 {{{"1"}}},
                                 DateId{"d"},
                                 ZoneId{"z"},
                                 Reentry::AfterExit,
                                 true,
                                 true,
                                 R"({"and":[]})",
                                 std::chrono::hours(3) + std::chrono::minutes(30),
                                 5}};
        expected.policy = {UnlistedPolicy::Hold, std::chrono::minutes(30), false};
        QVERIFY(read.value == expected);
    }

    void namesThatAreAbsentAreTheIds()
    {
        const auto read = definitionOf(R"({"event": {}, "gates": [{"id": "g"}], "ticket_types": [{"id": "t"}]})");
        QCOMPARE(read.value.gates.at(0).name, std::string("g"));
        QCOMPARE(read.value.types.at(0).name, std::string("t"));
    }

    void whatIsWrongInADefinitionIsNamedWithItsPlace_data()
    {
        QTest::addColumn<QString>("json");
        QTest::addColumn<QString>("error");
        const auto row = [](const char *name, const char *json, const char *error) {
            QTest::newRow(name) << json << error;
        };
        row("no event", R"({})", "event: is missing");
        row("a list", R"([])", "the document: an object is needed here");
        row("unknown field at the top", R"({"event": {}, "gate": []})", "gate: unknown field");
        row("unknown field of the event", R"({"event": {"start": 1}})", "event.start: unknown field");
        row("unknown field of a checkpoint", R"({"event": {}, "checkpoints": [{"id": 1}, {"id": 2, "rule": null}]})",
            "checkpoints[1].rule: unknown field");
        row("unknown field of a policy", R"({"event": {}, "policy": {"list_age": 1}})",
            "policy.list_age: unknown field");
        row("unknown status", R"({"event": {"status": "Live"}})",
            "event.status: \"Live\" is none of draft, published, live, ended, cancelled, postponed, archived");
        row("no moment", R"({"event": {"starts_at": "2026-12-05"}})",
            "event.starts_at: not an RFC 3339 date and time: \"2026-12-05\"");
        row("type without an id", R"({"event": {}, "ticket_types": [{"name": "x"}]})",
            "ticket_types[0].id: is missing");
        row("empty id", R"({"event": {}, "ticket_types": [{"id": ""}]})",
            "ticket_types[0].id: an id is needed here: a text or a whole number");
        row("admits nobody", R"({"event": {}, "ticket_types": [{"id": 1, "admits": 0}]})",
            "ticket_types[0].admits: a whole number from 1 to 65535 is needed here");
        row("question of no kind", R"({"event": {}, "questions": [{"id": 1}]})", "questions[0].kind: is missing");
        row("closing at no time", R"({"event": {}, "checkpoints": [{"id": 1, "close_at": "24:00"}]})",
            "checkpoints[0].close_at: a time of day is written HH:MM or HH:MM:SS");
        row("capacity below nothing", R"({"event": {}, "gates": [{"id": 1, "capacity": -1}]})",
            "gates[0].capacity: a whole number from 0 to 4294967295 is needed here");
        row("direction of nothing", R"({"event": {}, "gates": [{"id": 1, "directions": ["in"]}]})",
            "gates[0].directions[0]: \"in\" is none of entry, exit");
        row("types as a word", R"({"event": {}, "checkpoints": [{"id": 1, "types": "none"}]})",
            "checkpoints[0].types: a list is needed here");
    }
    void whatIsWrongInADefinitionIsNamedWithItsPlace()
    {
        QFETCH(QString, json);
        QFETCH(QString, error);
        QCOMPARE(definitionOf(json).error, error);
    }

    void everyFieldOfATicketIsRead()
    {
        const auto read = ticketOf(R"({"ordinal": 16777215, "generation": 255, "code": "A B", "type": 1, "variant": 2,
          "date": "d", "zones": ["z", 3], "gates": ["g"], "state": "unapproved", "valid_from": "2026-12-05T12:00:00Z",
          "valid_until": "2026-12-05T13:00:00Z", "admits": 65535, "pending_ok": true, "blocked": true, "addon_of": 1,
          "seat": "A1", "holder": "Guest 0001", "attention": true, "notes": ["n"],
          "answers": {"b": true, "n": 18, "t": "x", "m": ["o1", "o2"], "none": null}})");
        QCOMPARE(read.error, QString());
        Ticket expected{.ordinal = {16'777'215},
                        .generation = 255,
                        .code = "A B",
                        .type = {"1"},
                        .variant = {"2"},
                        .date = DateId{"d"},
                        .zones = {{{"z"}, {"3"}}},
                        .gates = {{{"g"}}},
                        .state = TicketState::Unapproved,
                        .validFrom = utc("2026-12-05T12:00:00Z"),
                        .validUntil = utc("2026-12-05T13:00:00Z"),
                        .admits = std::uint16_t{65'535},
                        .pendingOk = true,
                        .blocked = true,
                        .addonOf = Ordinal{1},
                        .seat = "A1",
                        .holder = "Guest 0001",
                        .attention = true,
                        .notes = {"n"},
                        .answers = {{{"b"}, "true"}, {{"n"}, "18"}, {{"t"}, "x"}, {{"m"}, "o1,o2"}}};
        QVERIFY(read.value == expected);
    }

    void emptyListsOfPlacesAreThere()
    {
        const auto read = ticketOf(R"({"ordinal": 1, "type": 1, "zones": [], "gates": []})");
        QCOMPARE(read.error, QString());
        QVERIFY(!read.value.zones); // all, as when they are left out
        QVERIFY(read.value.gates && read.value.gates->empty());
    }

    void numbersAreTakenAsPeopleWriteThem()
    {
        const auto read = ticketOf(R"({"ordinal": 0, "code": 1234567890123456789, "type": 1.0, "admits": 2.0,
            "answers": {"a": 3.5, "b": -0.25, "c": 1e3, "d": 2.0, "e": [1, 2.5], "f": 18446744073709551615}})");
        QCOMPARE(read.error, QString());
        QCOMPARE(read.value.ordinal.value, 0U);
        QCOMPARE(read.value.code, std::string("1234567890123456789"));
        QCOMPARE(read.value.type.text, std::string("1"));
        QCOMPARE(read.value.admits, std::optional<std::uint16_t>(2));
        const std::map<QuestionId, std::string> answers{{{"a"}, "3.5"},   {{"b"}, "-0.25"},
                                                        {{"c"}, "1000"},  {{"d"}, "2"},
                                                        {{"e"}, "1,2.5"}, {{"f"}, "18446744073709551615"}};
        QVERIFY(read.value.answers == answers);
        const auto scan = scanOf(R"({"at": "9999-12-31T23:59:59Z", "checkpoint": 1, "code": 7})");
        QCOMPARE(scan.error, QString());
        QCOMPARE(scan.value.code, std::string("7"));
        QVERIFY(!ticketOf(R"({"ordinal": 1, "type": 1, "code": 1.5})").error.isEmpty());
    }

    void everyFieldOfAScanIsRead()
    {
        const auto read = scanOf(R"({"at": "2026-12-05T12:00:00Z", "checkpoint": "c", "gate": "g", "device": "d",
          "direction": "exit", "code": "A", "nonce": 17, "count": 2, "confirm_pending": true, "answers": {"q": false},
          "override": {"by": "sup", "why": "knows the band"}, "session": "s", "operator": "o", "test": true})");
        QCOMPARE(read.error, QString());
        Scan expected{.at = utc("2026-12-05T12:00:00Z"),
                      .checkpoint = {"c"},
                      .gate = {"g"},
                      .device = {"d"},
                      .direction = Direction::Exit,
                      .code = "A",
                      .nonce = "17",
                      .count = 2,
                      .confirmPending = true,
                      .answers = {{{"q"}, "false"}},
                      .override = Override{{"sup"}, "knows the band"},
                      .session = {"s"},
                      .operatedBy = {"o"},
                      .test = true};
        QVERIFY(read.value == expected);
    }

    void whatIsWrongInATicketOrScanIsNamedWithItsPlace_data()
    {
        QTest::addColumn<QString>("ticket");
        QTest::addColumn<QString>("scan");
        QTest::addColumn<QString>("error");
        const auto ticket = [](const char *name, const char *json, const char *error) {
            QTest::newRow(name) << json << QString() << error;
        };
        const auto scan = [](const char *name, const char *json, const char *error) {
            QTest::newRow(name) << QString() << json << error;
        };
        ticket("without an ordinal", R"({"type": 1})", "ordinal: is missing");
        ticket("ordinal below 0", R"({"ordinal": -1, "type": 1})",
               "ordinal: a whole number from 0 to 16777215 is needed here");
        ticket("an ordinal with a fraction", R"({"ordinal": 1.5, "type": 1})",
               "ordinal: a whole number from 0 to 16777215 is needed here");
        ticket("ordinal above 24 bits", R"({"ordinal": 16777216, "type": 1})",
               "ordinal: a whole number from 0 to 16777215 is needed here");
        ticket("generation 256", R"({"ordinal": 1, "type": 1, "generation": 256})",
               "generation: a whole number from 0 to 255 is needed here");
        ticket("without a type", R"({"ordinal": 1})", "type: is missing");
        ticket("answer that is an object", R"({"ordinal": 1, "type": 1, "answers": {"q": {}}})",
               "answers.q: an answer is a text, a number, true or false, or a list of option ids");
        ticket("unknown field", R"({"ordinal": 1, "type": 1, "validuntil": null})", "validuntil: unknown field");
        scan("without a moment", R"({"checkpoint": "c"})", "at: is missing");
        scan("nobody", R"({"at": "2026-12-05T12:00:00Z", "checkpoint": "c", "count": 0})",
             "count: a whole number from 1 to 65535 is needed here");
        scan("override without a reason",
             R"({"at": "2026-12-05T12:00:00Z", "checkpoint": "c", "override": {"by": "s", "why": ""}})",
             "override.why: a written reason is needed");
        scan("override by nobody", R"({"at": "2026-12-05T12:00:00Z", "checkpoint": "c", "override": {"why": "x"}})",
             "override.by: is missing");
        scan("unknown field", R"({"at": "2026-12-05T12:00:00Z", "checkpoint": "c", "Gate": "g"})",
             "Gate: unknown field");
    }
    void whatIsWrongInATicketOrScanIsNamedWithItsPlace()
    {
        QFETCH(QString, ticket);
        QFETCH(QString, scan);
        QFETCH(QString, error);
        QCOMPARE(ticket.isEmpty() ? scanOf(scan).error : ticketOf(ticket).error, error);
    }
};

QTEST_APPLESS_MAIN(DefinitionJsonTest)
#include "definition_json_test.moc"
