#include "tests/shared/admission/sample.h"
#include "tests/support/allocations.h"

#include <QtTest/QtTest>

#include <functional>

using namespace voelgoed;
using namespace voelgoed::admission;
using domain::QuestionKind;
using sample::Inputs;

namespace {

/// Too long for a text that is kept without memory of its own.
const std::string kLong(80, 'x');

/// Every operator and every variable, never true as a whole.
constexpr const char *kRules = R"({"or": [
  {"and": [{"inList": [{"var": "product"}, {"objectList": [{"lookup": ["product", "a ticket type, with a long id", ""]}]}]},
           {"==": [{"var": "variation"}, "v"]}, {"!=": [{"var": "gate"}, "north"]}]},
  {"<": [{"var": "entries_number"}, -1]}, {"<=": [{"var": "entries_today"}, -1]}, {">": [{"var": "entries_days"}, 99]},
  {">=": [{"var": "minutes_since_last_entry"}, 99999999]}, {"==": [{"var": "minutes_since_first_entry"}, -2]},
  {"==": [{"var": "now_isoweekday"}, 8]}, {"==": [{"var": "entry_status"}, "gone"]},
  {"isBefore": [{"var": "now"}, {"buildTime": ["custom", "2020-01-01T00:00:00Z"]}, 5]},
  {"isAfter": [{"var": "now"}, {"buildTime": ["customtime", "23:59:59"]}]},
  {"isBefore": [{"buildTime": ["date_to"]}, {"buildTime": ["date_from"]}]},
  {"isBefore": [{"buildTime": ["date_admission"]}, {"buildTime": ["custom", "2020-01-01T00:00:00Z"]}]},
  {"<": [{"entries_since": [{"buildTime": ["date_from"]}]}, 0]}, {"<": [{"entries_before": [{"var": "now"}]}, 0]},
  {"<": [{"entries_days_since": [{"var": "now"}]}, 0]}, {"<": [{"entries_days_before": [{"var": "now"}]}, 0]}]})";

struct Case
{
    const char *name;
    std::string reason;
    std::function<void(Inputs &)> change;
};

void ask(Inputs &inputs, QuestionKind kind, const std::string &answer)
{
    inputs.event.questions = {{.id = {kLong}, .kind = kind, .required = true, .atDoor = true, .options = {{"o", ""}}}};
    inputs.scan.answers[{kLong}] = answer;
}

std::vector<Case> cases()
{
    using namespace std::chrono_literals;
    return {
        {"a welcome", "ok", [](Inputs &) {}},
        {"rules with everything in them", "rules",
         [](Inputs &i) {
             i.checkpoint().rules = kRules;
             i.history() = {sample::entered("2026-12-05T11:10:00Z"), sample::left("2026-12-05T11:20:00Z")};
         }},
        {"re-entry with closings", "ok_reentry",
         [](Inputs &i) {
             i.checkpoint().reentry = domain::Reentry::AfterExit;
             i.checkpoint().closeAt = 2h;
             i.history() = {sample::entered("2026-12-01T11:10:00Z"), sample::entered("2026-12-03T11:10:00Z")};
         }},
        {"an exit", "ok_exit", [](Inputs &i) { i.scan.direction = domain::Direction::Exit; }},
        {"a repeat", "ok_repeat",
         [](Inputs &i) {
             i.history() = {sample::entered("2026-12-05T11:10:00Z")};
             i.history()[0].nonce = "n1";
         }},
        {"used", "already_used", [](Inputs &i) { i.history() = {sample::entered("2026-12-05T11:10:00Z")}; }},
        {"a group", "ok_group", [](Inputs &i) { i.ticket().type = {"family"}; }},
        {"a wrong gate with a long name", "wrong_gate",
         [](Inputs &i) {
             i.event.gates[1].name = kLong;
             i.ticket().gates = {{{"south"}}};
         }},
        {"a wrong zone", "wrong_zone",
         [](Inputs &i) {
             i.checkpoint().zone = {kLong};
             i.ticket().zones = {{{kLong + "y"}}};
         }},
        {"an override", "ok_override",
         [](Inputs &i) {
             i.ticket().blocked = true;
             i.scan.override = {{kLong}, kLong};
         }},
        {"a full place", "zone_full", [](Inputs &i) { i.checkpoint().capacity = 0; }},
        {"nobody's code", "unknown",
         [](Inputs &i) {
             i.tickets.clear();
             i.histories.clear();
         }},
        {"add-ons", "ambiguous",
         [](Inputs &i) {
             i.checkpoint().matchAddons = true;
             i.tickets.resize(20, i.tickets.front());
             i.histories.resize(20);
         }},
        {"a place that is not there", "fault", [](Inputs &i) { i.scan.checkpoint = {kLong}; }},
        {"a number", "questions", [](Inputs &i) { ask(i, QuestionKind::Number, kLong); }},
        {"a condition", "questions", [](Inputs &i) { ask(i, QuestionKind::Boolean, kLong); }},
        {"a choice", "questions", [](Inputs &i) { ask(i, QuestionKind::Choice, kLong); }},
        {"several choices", "questions", [](Inputs &i) { ask(i, QuestionKind::MultipleChoice, "o," + kLong); }},
        {"a date", "questions", [](Inputs &i) { ask(i, QuestionKind::Date, "2026-02-30"); }},
        {"a time", "questions", [](Inputs &i) { ask(i, QuestionKind::Time, "24:00"); }},
        {"a moment", "questions", [](Inputs &i) { ask(i, QuestionKind::DateTime, "2026-12-05T12:00:00+99:00"); }},
        {"an address", "questions", [](Inputs &i) { ask(i, QuestionKind::Email, kLong + "@" + kLong); }},
    };
}

} // namespace

class NoAllocationTest : public QObject
{
    Q_OBJECT

private slots:
    void decidingAllocatesNothing_data()
    {
        QTest::addColumn<int>("index");
        const auto all = cases();
        for (std::size_t i = 0; i < all.size(); ++i)
            QTest::newRow(all[i].name) << static_cast<int>(i);
    }
    void decidingAllocatesNothing()
    {
        QFETCH(int, index);
        const Case row = cases()[static_cast<std::size_t>(index)];
        Inputs inputs;
        row.change(inputs);
        const auto rulebook = Rulebook::compile(inputs.event);
        QVERIFY2(rulebook, rulebook ? "" : rulebook.error().message.c_str());
        const Candidates candidates{inputs.tickets, inputs.problem};
        const std::vector<std::span<const domain::Passage>> spans(inputs.histories.begin(), inputs.histories.end());
        inputs.state.histories = spans;
        const std::size_t before = support::allocations();
        const domain::Verdict verdict = decide(*rulebook, candidates, inputs.state, inputs.scan);
        const std::size_t made = support::allocations() - before;
        QCOMPARE(QString::fromUtf8(domain::word(verdict.reason).data()), QString::fromStdString(row.reason));
        QCOMPARE(made, std::size_t{0});
    }

    void theCounterCounts()
    {
        const std::size_t before = support::allocations();
        const std::string copy = kLong;
        QCOMPARE(support::allocations() - before, std::size_t{1});
        QCOMPARE(copy.size(), kLong.size());
    }

    void theSameInputsInOtherPlacesOfMemoryGiveTheSameVerdict()
    {
        for (const Case &row : cases()) {
            Inputs one, other;
            row.change(one);
            row.change(other);
            const auto first = sample::decided(one);
            const auto second = sample::decided(other);
            QVERIFY2(first.verdict == second.verdict, row.name);
        }
    }
};

QTEST_APPLESS_MAIN(NoAllocationTest)
#include "no_allocation_test.moc"
