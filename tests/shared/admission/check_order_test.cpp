#include "tests/shared/admission/sample.h"

#include <QtTest/QtTest>

#include <functional>

using namespace voelgoed;
using namespace voelgoed::admission::sample;
using domain::Direction;
using domain::Reason;
using domain::TicketState;

namespace {

/// A check that applies, and what makes it apply no more.
struct Step
{
    const char *reason;
    std::function<void(Inputs &)> mend;
};

/// A scan to which all checks from 3 on apply at once, so that mending one shows the next.
Inputs everythingWrong()
{
    Inputs inputs;
    inputs.event.event.status = domain::EventStatus::Cancelled;
    inputs.event.event.scanFrom = at("2026-12-05T11:31:00Z");
    inputs.event.dates = {{.id = {"sat"}}, {.id = {"sun"}}};
    inputs.event.gates[0].state = domain::GateState::Closed;
    inputs.event.gates[0].capacity = 0;
    inputs.event.gates[0].capacityMode = domain::CapacityMode::Stop;
    inputs.event.questions = {{.id = {"q"}, .kind = domain::QuestionKind::Boolean, .required = true, .atDoor = true}};
    inputs.checkpoint().types = {{{"family"}}};
    inputs.checkpoint().date = {{"sat"}};
    inputs.checkpoint().zone = {{"floor"}};
    inputs.checkpoint().rules = R"({">": [{"var": "entries_number"}, 5]})";
    inputs.checkpoint().capacity = 0;
    inputs.tickets[0].codeWithdrawn = true;
    inputs.ticket().generation = 3;
    inputs.tickets[0].presentedGeneration = 2;
    inputs.ticket().state = TicketState::Cancelled;
    inputs.ticket().blocked = true;
    inputs.ticket().validFrom = at("2026-12-05T11:45:00Z");
    inputs.ticket().validUntil = at("2026-12-05T11:15:00Z");
    inputs.ticket().date = {{"sun"}};
    inputs.ticket().zones = {{{"balcony"}}};
    inputs.ticket().gates = {{{"south"}}};
    inputs.history() = {entered("2026-12-05T11:10:00Z")};
    return inputs;
}

const std::vector<Step> &stepsOfAnEntry()
{
    static const std::vector<Step> steps{
        {"superseded", [](Inputs &i) { i.tickets[0].presentedGeneration = 3; }},
        {"revoked", [](Inputs &i) { i.tickets[0].codeWithdrawn = false; }},
        {"cancelled", [](Inputs &i) { i.ticket().state = TicketState::Unapproved; }},
        {"blocked", [](Inputs &i) { i.ticket().blocked = false; }},
        {"unapproved", [](Inputs &i) { i.ticket().state = TicketState::Pending; }},
        {"event_cancelled", [](Inputs &i) { i.event.event.status = domain::EventStatus::Ended; }},
        {"event_not_open", [](Inputs &i) { i.event.event.status = domain::EventStatus::Live; }},
        {"event_not_open", [](Inputs &i) { i.event.event.scanFrom = {}; }},
        {"gate_closed", [](Inputs &i) { i.event.gates[0].state = domain::GateState::Open; }},
        {"not_yet_valid", [](Inputs &i) { i.ticket().validFrom = {}; }},
        {"expired", [](Inputs &i) { i.ticket().validUntil = {}; }},
        {"wrong_type", [](Inputs &i) { i.checkpoint().types = {}; }},
        {"wrong_date", [](Inputs &i) { i.ticket().date = {}; }},
        {"wrong_zone",
         [](Inputs &i) {
             i.ticket().zones = {{{"balcony"}, {"floor"}}};
         }},
        {"wrong_gate",
         [](Inputs &i) {
             i.ticket().gates = {{{"south"}, {"north"}}};
         }},
        {"unpaid", [](Inputs &i) { i.checkpoint().acceptPending = true; }},
        {"pending", [](Inputs &i) { i.scan.confirmPending = true; }},
        {"rules", [](Inputs &i) { i.checkpoint().rules = "null"; }},
        {"questions", [](Inputs &i) { i.scan.answers[{"q"}] = "true"; }},
        {"already_used", [](Inputs &i) { i.history().clear(); }},
        {"zone_full", [](Inputs &i) { i.checkpoint().capacity = {}; }},
        {"gate_full", [](Inputs &i) { i.event.gates[0].capacityMode = domain::CapacityMode::Warn; }},
    };
    return steps;
}

/// What an exit skips is mended for it from the beginning.
bool concernsExits(std::string_view reason)
{
    for (const char *own : {"superseded", "revoked", "cancelled", "blocked", "unapproved", "wrong_type", "wrong_date",
                            "wrong_zone", "unpaid", "pending"}) {
        if (reason == own)
            return true;
    }
    return false;
}

} // namespace

class CheckOrderTest : public QObject
{
    Q_OBJECT

private slots:
    void anEntryMeetsTheChecksInTheirOrder()
    {
        Inputs inputs = everythingWrong();
        for (const Step &step : stepsOfAnEntry()) {
            QCOMPARE(reasonOf(inputs), std::string(step.reason));
            step.mend(inputs);
        }
        QCOMPARE(reasonOf(inputs), std::string("ok"));
    }

    void anExitSkipsWhatIsForEntriesOnly()
    {
        Inputs inputs = everythingWrong();
        inputs.scan.direction = Direction::Exit;
        for (const Step &step : stepsOfAnEntry()) {
            if (!concernsExits(step.reason))
                continue;
            QCOMPARE(reasonOf(inputs), std::string(step.reason));
            step.mend(inputs);
        }
        QCOMPARE(reasonOf(inputs), std::string("ok_exit"));
    }

    void anOverrideTurnsEachRefusalAndSaysWhichOne()
    {
        Inputs inputs = everythingWrong();
        inputs.scan.override = {.by = {"boss"}, .why = "their bus was late"};
        for (const Step &step : stepsOfAnEntry()) {
            const Decided got = decided(inputs);
            QCOMPARE(got.verdict.reason, Reason::OkOverride);
            QVERIFY(got.verdict.overridden);
            QCOMPARE(domain::word(*got.verdict.overridden), std::string_view(step.reason));
            step.mend(inputs);
        }
        const Decided got = decided(inputs);
        QCOMPARE(got.verdict.reason, Reason::Ok);
        QVERIFY(!got.verdict.overridden);
    }

    void someAnswersAreBeyondAnyOverride_data()
    {
        QTest::addColumn<QString>("reason");
        QTest::newRow("no such ticket") << "unknown";
        QTest::newRow("a forged code") << "forged";
        QTest::newRow("a ticket of another event") << "wrong_event";
        QTest::newRow("an old rotating part") << "stale_code";
        QTest::newRow("several tickets") << "ambiguous";
        QTest::newRow("no storage or time") << "fault";
        QTest::newRow("an old list") << "stale_list";
        QTest::newRow("already recorded") << "ok_repeat";
    }
    void someAnswersAreBeyondAnyOverride()
    {
        QFETCH(QString, reason);
        Inputs inputs;
        inputs.scan.override = {.by = {"boss"}, .why = "let them"};
        inputs.problem = domain::reasonFromWord(reason.toStdString()).value();
        switch (inputs.problem) {
        case Reason::Ambiguous:
            inputs.checkpoint().matchAddons = true;
            inputs.tickets.push_back({.ticket = {.ordinal = {8}, .type = {"adult"}, .addonOf = {{7}}}});
            inputs.histories.emplace_back();
            break;
        case Reason::Fault:
            inputs.state.time = domain::TimeTrust::None;
            break;
        case Reason::StaleList:
            inputs.event.policy.listAgeMax = std::chrono::minutes(5);
            inputs.state.listAge = std::chrono::minutes(6);
            break;
        case Reason::OkRepeat:
            inputs.history() = {entered("2026-12-05T11:10:00Z")};
            inputs.history()[0].nonce = "n1";
            break;
        default:
            inputs.tickets.clear();
            inputs.histories.clear();
        }
        QCOMPARE(reasonOf(inputs), reason.toStdString());
    }

    void aClockThatOnlyTellsWhatHasPassedLeavesUndecidedWhatTimeDecides_data()
    {
        QTest::addColumn<QString>("reason");
        QTest::newRow("nothing about time") << "ok";
        QTest::newRow("used") << "already_used";
        QTest::newRow("valid for some time yet") << "fault";
        QTest::newRow("not valid yet") << "fault";
        QTest::newRow("valid since") << "ok";
        QTest::newRow("certainly expired") << "expired";
        QTest::newRow("before scanning opens") << "fault";
        QTest::newRow("before scanning ends") << "ok";
        QTest::newRow("scanning has ended") << "event_not_open";
        QTest::newRow("a rule about now") << "fault";
        QTest::newRow("a rule about today") << "fault";
        QTest::newRow("a rule about entries") << "rules";
        QTest::newRow("perhaps booked out") << "fault";
        QTest::newRow("cancelled, whenever") << "cancelled";
        QTest::newRow("one of several that may have expired") << "fault";
        QTest::newRow("an exit") << "ok_exit";
        QTest::newRow("not even with an override") << "fault";
    }
    void aClockThatOnlyTellsWhatHasPassedLeavesUndecidedWhatTimeDecides()
    {
        QFETCH(QString, reason);
        const QByteArray what = QTest::currentDataTag();
        Inputs inputs;
        inputs.state.time = domain::TimeTrust::NotBefore;
        const base::Instant before = at("2026-12-05T00:10:00Z"), after = at("2026-12-06T23:10:00Z");
        if (what == "used")
            inputs.history() = {entered("2026-12-05T11:10:00Z")};
        else if (what.startsWith("valid for some time") || what.startsWith("not even"))
            inputs.ticket().validUntil = after;
        else if (what == "not valid yet")
            inputs.ticket().validFrom = after;
        else if (what == "valid since")
            inputs.ticket().validFrom = before;
        else if (what == "certainly expired")
            inputs.ticket().validUntil = before;
        else if (what == "before scanning opens")
            inputs.event.event.scanFrom = after;
        else if (what == "before scanning ends")
            inputs.event.event.scanUntil = after;
        else if (what == "scanning has ended")
            inputs.event.event.scanUntil = before;
        else if (what == "a rule about now")
            inputs.checkpoint().rules =
                R"({"isAfter": [{"var": "now"}, {"buildTime": ["custom", "2026-12-05T01:00:00Z"]}]})";
        else if (what == "a rule about today")
            inputs.checkpoint().rules = R"({"<": [{"var": "entries_today"}, 3]})";
        else if (what == "a rule about entries")
            inputs.checkpoint().rules = R"({">": [{"var": "entries_number"}, 3]})";
        else if (what == "perhaps booked out") {
            inputs.checkpoint().closeAt = std::chrono::hours(4);
            inputs.history() = {entered("2026-12-05T11:10:00Z")};
        } else if (what.startsWith("cancelled")) {
            inputs.ticket().state = TicketState::Cancelled;
            inputs.ticket().validUntil = after;
        } else if (what.startsWith("one of several")) {
            inputs.checkpoint().matchAddons = true;
            inputs.tickets.push_back(
                {.ticket = {.ordinal = {8}, .type = {"adult"}, .validUntil = after, .addonOf = {{7}}}});
            inputs.histories.emplace_back();
        } else if (what == "an exit")
            inputs.scan.direction = Direction::Exit;
        if (what.startsWith("not even"))
            inputs.scan.override = {.by = {"boss"}, .why = "let them"};
        QCOMPARE(reasonOf(inputs), reason.toStdString());
    }

    void whatCannotBeTrustedComesBeforeEverything()
    {
        Inputs inputs = everythingWrong();
        inputs.event.policy.listAgeMax = std::chrono::minutes(5);
        inputs.state = {.listAge = std::chrono::minutes(6), .storageTrusted = false, .time = domain::TimeTrust::None};
        inputs.history()[0].nonce = "n1";
        QCOMPARE(decided(inputs).verdict.explanation.phrase, domain::Phrase::StorageFault);
        inputs.state.storageTrusted = true;
        QCOMPARE(decided(inputs).verdict.explanation.phrase, domain::Phrase::ClockFault);
        inputs.state.time = domain::TimeTrust::Full;
        QCOMPARE(reasonOf(inputs), std::string("stale_list"));
        inputs.state.listAge = std::chrono::minutes(5);
        QCOMPARE(reasonOf(inputs), std::string("ok_repeat")); // before check 3
    }

    void aCodeThatLeadsNowhereSaysWhy_data()
    {
        QTest::addColumn<QString>("reason");
        for (const char *reason : {"unknown", "forged", "wrong_event", "stale_code"})
            QTest::newRow(reason) << reason;
    }
    void aCodeThatLeadsNowhereSaysWhy()
    {
        QFETCH(QString, reason);
        Inputs inputs;
        inputs.tickets.clear();
        inputs.histories.clear();
        inputs.problem = domain::reasonFromWord(reason.toStdString()).value();
        const Decided got = decided(inputs);
        QCOMPARE(domain::word(got.verdict.reason), std::string_view(reason.toStdString()));
        QCOMPARE(got.verdict.candidate, domain::Verdict::kNoCandidate);
    }

    void severalAddonsAreAmbiguousBeforeTheirStateIsLookedAt()
    {
        Inputs inputs = everythingWrong();
        inputs.checkpoint().matchAddons = true;
        inputs.checkpoint().types = {};
        inputs.ticket().validFrom = inputs.ticket().validUntil = {};
        inputs.tickets.push_back({.ticket = {.ordinal = {8}, .type = {"adult"}, .addonOf = {{7}}}});
        inputs.histories.emplace_back();
        QCOMPARE(reasonOf(inputs), std::string("superseded"));
        inputs.tickets[0].presentedGeneration = 3;
        inputs.tickets[0].codeWithdrawn = false;
        QCOMPARE(reasonOf(inputs), std::string("ambiguous"));
    }

    void aScanAtAPlaceThatTheEventLacksIsAFault()
    {
        Inputs inputs;
        inputs.scan.checkpoint = {"roof"};
        const Decided got = decided(inputs);
        QCOMPARE(got.verdict.reason, Reason::Fault);
        QCOMPARE(got.verdict.explanation.phrase, domain::Phrase::PlaceUnknown);
    }
};

QTEST_APPLESS_MAIN(CheckOrderTest)
#include "check_order_test.moc"
