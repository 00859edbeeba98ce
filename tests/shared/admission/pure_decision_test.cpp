#include "tests/shared/admission/sample.h"
#include "tests/support/allocations.h"

#include <QtTest/QtTest>

#include <random>
#include <set>
#include <thread>

using namespace voelgoed;
using namespace voelgoed::admission;
using namespace voelgoed::admission::sample;

namespace {

constexpr const char *kRules = R"({"and": [
    {"or": [{"inList": [{"var": "product"}, {"objectList": [{"lookup": ["product", "family", ""]},
                                                           {"lookup": ["product", "adult", ""]}]}]},
            {"==": [{"var": "gate"}, "north"]}]},
    {"isAfter": [{"var": "now"}, {"buildTime": ["customtime", "12:30:00"]}, 15]},
    {"<": [{"entries_days_since": [{"buildTime": ["date_from"]}]}, 3]},
    {"!=": [{"var": "entry_status"}, "lost"]},
    {"<=": [{"var": "entries_today"}, 4]}]})";

/// One scan drawn from all that a checkpoint, a ticket, a history and a state can be.
Inputs randomInputs(std::mt19937 &random)
{
    const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
    const auto maybe = [&] { return below(4) == 0; };
    Inputs inputs;
    domain::Checkpoint &checkpoint = inputs.checkpoint();
    checkpoint.rules = maybe() ? "null" : kRules;
    checkpoint.reentry = static_cast<domain::Reentry>(below(3));
    checkpoint.matchAddons = maybe();
    checkpoint.acceptPending = maybe();
    if (maybe())
        checkpoint.closeAt = std::chrono::hours(below(24));
    if (maybe())
        checkpoint.capacity = below(20);
    inputs.event.event.status = maybe() ? static_cast<domain::EventStatus>(below(7)) : domain::EventStatus::Live;
    inputs.event.policy.unlisted = static_cast<domain::UnlistedPolicy>(below(3));
    if (maybe())
        inputs.event.questions = {
            {.id = {"q"}, .kind = domain::QuestionKind::Email, .required = true, .atDoor = true},
            {.id = {"r"}, .kind = domain::QuestionKind::DateTime, .required = false, .atDoor = true}};
    inputs.tickets.resize(1 + below(3), inputs.tickets.front());
    inputs.histories.resize(inputs.tickets.size());
    for (std::size_t i = 0; i < inputs.tickets.size(); ++i) {
        domain::Ticket &ticket = inputs.tickets[i].ticket;
        ticket.ordinal.value = 1 + static_cast<std::uint32_t>(i);
        ticket.type = {maybe() ? "family" : "adult"};
        ticket.state = maybe() ? static_cast<domain::TicketState>(below(5)) : domain::TicketState::Valid;
        if (maybe())
            ticket.gates = {{{"south"}, {"a gate with a name that is longer than any short string"}}};
        if (maybe())
            ticket.answers = {{{"q"}, "somebody@example.org"}, {{"r"}, "2026-12-05T10:00:00Z"}};
        inputs.tickets[i].listed = !maybe();
        auto &history = inputs.histories[i];
        for (unsigned n = below(6); n > 0; --n)
            history.push_back(below(3) == 0 ? left("2026-12-05T10:00:00Z") : entered("2026-12-05T10:00:00Z"));
        for (std::size_t n = 0; n < history.size(); ++n)
            history[n].at += std::chrono::minutes(25 * n);
    }
    if (maybe())
        inputs.event.gates[0].capacity = below(5);
    inputs.state.insideHere = below(20);
    inputs.state.throughGate = below(10);
    inputs.state.time = below(30) != 0 ? domain::TimeTrust::Full : static_cast<domain::TimeTrust>(below(3));
    inputs.scan.count = static_cast<std::uint16_t>(1 + below(3));
    inputs.scan.direction = below(5) == 0 ? domain::Direction::Exit : domain::Direction::Entry;
    if (maybe())
        inputs.scan.answers = {{{"q"}, "somebody@example.org"}};
    if (maybe())
        inputs.scan.override = {.by = {"a supervisor with a long name, longer than any short string"}, .why = "why"};
    return inputs;
}

} // namespace

class PureDecisionTest : public QObject
{
    Q_OBJECT

private slots:
    void theCounterSeesAllocations()
    {
        const std::size_t before = support::allocations();
        ::operator delete(::operator new(100)); // a vector's memory a compiler may leave out
        QCOMPARE(support::allocations(), before + 1);
    }

    void decidingAllocatesNothing()
    {
        std::mt19937 random(1);
        std::set<domain::Reason> seen;
        for (int i = 0; i < 5'000; ++i) {
            const Inputs inputs = randomInputs(random);
            const auto rulebook = Rulebook::compile(inputs.event);
            QVERIFY(rulebook);
            const Candidates candidates{inputs.tickets, inputs.problem};
            const std::vector<std::span<const domain::Passage>> spans(inputs.histories.begin(), inputs.histories.end());
            State state = inputs.state;
            state.histories = spans;
            const std::size_t before = support::allocations();
            const domain::Verdict verdict = decide(*rulebook, candidates, state, inputs.scan);
            const std::size_t allocations = support::allocations() - before;
            QCOMPARE(allocations, std::size_t{0});
            seen.insert(verdict.reason);
        }
        QVERIFY2(seen.size() >= 20, qPrintable(QString::number(seen.size()))); // of many kinds, not one over and over
    }

    void theSameInputsGiveTheSameVerdict()
    {
        // Other copies of the same values, in another thread.
        for (unsigned seed = 1; seed <= 300; ++seed) {
            std::mt19937 first(seed), second(seed);
            const Inputs here = randomInputs(first);
            const Decided decidedHere = decided(here);
            const Inputs there = randomInputs(second);
            bool same = false;
            std::thread([&] { same = decided(there).verdict == decidedHere.verdict; }).join();
            QVERIFY2(same, qPrintable(QString::number(seed)));
        }
    }

    void anExitNeverDependsOnRoomOrRulesOrTime()
    {
        for (unsigned seed = 1; seed <= 300; ++seed) {
            std::mt19937 random(seed);
            Inputs inputs = randomInputs(random);
            inputs.scan.direction = domain::Direction::Exit;
            const std::string reason = reasonOf(inputs);
            inputs.state.insideHere = 1'000'000;
            inputs.state.throughGate = 1'000'000;
            inputs.checkpoint().rules = R"({"<": [{"var": "entries_number"}, -1]})";
            inputs.event.event.status = domain::EventStatus::Ended;
            inputs.event.gates[0].state = domain::GateState::Closed;
            QCOMPARE(reasonOf(inputs), reason);
        }
    }

    void entriesNeverExceedTheAllowance()
    {
        // Whoever is let in is added to the history: however scans come, no more persons than the ticket admits.
        for (unsigned seed = 1; seed <= 200; ++seed) {
            std::mt19937 random(seed);
            Inputs inputs;
            inputs.ticket().admits = static_cast<std::uint16_t>(1 + random() % 5);
            std::uint32_t persons = 0;
            for (int i = 0; i < 20; ++i) {
                inputs.scan.at += std::chrono::minutes(1);
                inputs.scan.count = static_cast<std::uint16_t>(1 + random() % 3);
                inputs.scan.nonce = std::to_string(i);
                inputs.scan.direction = random() % 4 == 0 ? domain::Direction::Exit : domain::Direction::Entry;
                const Decided got = decided(inputs);
                if (!got.verdict.admits())
                    continue;
                auto passage = entered("2026-12-05T11:00:00Z", inputs.scan.count);
                passage.at = inputs.scan.at;
                passage.direction = inputs.scan.direction;
                inputs.history().push_back(passage);
                persons += passage.direction == domain::Direction::Entry ? passage.count : 0;
                QVERIFY(persons <= *inputs.ticket().admits);
            }
        }
    }
};

QTEST_APPLESS_MAIN(PureDecisionTest)
#include "pure_decision_test.moc"
