#include "shared/admission/rules.h"
#include "shared/base/random.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::admission;
using domain::Phrase;

namespace {

base::Instant utc(const char *text)
{
    return *base::parseInstant(text);
}

/// Trees are made of these: something of everything that a guest can wait for or have otherwise.
const std::vector<std::string> kLeaves{
    R"({">=":[{"var":"minutes_since_last_entry"},20]})",
    R"({">":[{"var":"minutes_since_first_entry"},90]})",
    R"({"<":[{"var":"minutes_since_last_entry"},45]})",
    R"({"==":[{"var":"minutes_since_last_entry"},-1]})",
    R"({"isAfter":[{"var":"now"},{"buildTime":["customtime","14:30"]},15]})",
    R"({"isBefore":[{"var":"now"},{"buildTime":["customtime","12:00"]}]})",
    R"({"isAfter":[{"var":"now"},{"buildTime":["custom","2026-12-06T07:00:00Z"]}]})",
    R"({"isBefore":[{"var":"now"},{"buildTime":["custom","2026-12-05T12:10:00Z"]}]})",
    R"({"isBefore":[{"var":"now"},{"buildTime":["date_to"]},-5]})",
    R"({"==":[{"var":"now_isoweekday"},7]})",
    R"({"<=":[{"var":"now_isoweekday"},5]})",
    R"({"<":[{"var":"entries_today"},1]})",
    R"({"<":[{"entries_since":[{"buildTime":["customtime","13:00"]}]},1]})",
    R"({"<":[{"var":"entries_number"},2]})",
    R"({"<":[{"var":"entries_days"},2]})",
    R"({">":[{"var":"entries_number"},4]})",
    R"({"==":[{"var":"entry_status"},"absent"]})",
    R"({"inList":[{"var":"product"},{"objectList":[{"lookup":["product","vip",""]},{"lookup":["product","crew",""]}]}]})",
    R"({"!=":[{"var":"product"},"adult"]})",
    R"({"==":[{"var":"gate"},"south"]})",
    R"({"<":[{"var":"product"},"b"]})",
    R"({"isAfter":[{"var":"now"},{"buildTime":["date_admission"]}]})"};

std::string tree(base::Random &random, int depth)
{
    if (depth == 0 || random.below(4) == 0)
        return kLeaves[random.below(kLeaves.size())];
    std::string all;
    for (std::size_t i = 0, parts = 1 + random.below(3); i < parts; ++i)
        all += (i == 0 ? "" : ",") + tree(random, depth - 1);
    return std::string(random.below(2) == 0 ? R"({"and":[)" : R"({"or":[)") + all + "]}";
}

} // namespace

/// Says what the rules say, and then does it.
class RulesExplainTest : public QObject
{
    Q_OBJECT

    domain::ZoneTable m_zone = *domain::ZoneTable::make("Africa/Johannesburg", std::chrono::hours(2), {});
    std::vector<domain::TicketType> m_types{
        {.id = {"adult"}, .name = "Adult"}, {.id = {"vip"}, .name = "VIP"}, {.id = {"crew"}, .name = "Crew"}};
    std::vector<domain::Gate> m_gates{{.id = {"north"}, .name = "North"},
                                      {.id = {"south"}, .name = "South"},
                                      {.id = {"east"}, .name = "East", .state = domain::GateState::Closed}};
    std::vector<domain::Passage> m_history{
        {.at = utc("2026-12-04T10:00:00Z"), .device = "d"},
        {.at = utc("2026-12-04T11:00:00Z"), .device = "d", .direction = domain::Direction::Exit},
        {.at = utc("2026-12-05T11:20:30Z"), .device = "d"}};
    std::vector<std::chrono::seconds> m_closings{std::chrono::hours(4)};

    RuleFacts facts(const char *now)
    {
        return {.now = utc(now),
                .zone = m_zone,
                .product = "adult",
                .variation = {},
                .gate = "north",
                .history = m_history,
                .dateFrom = utc("2026-12-05T18:00:00Z"),
                .dateTo = {},
                .dateAdmission = {},
                .closed = utc("2026-12-05T02:00:00Z"),
                .closings = m_closings};
    }

    RuleAlternatives others() const { return {.types = m_types, .gates = m_gates, .checkpoint = "main"}; }

    bool holds(const Rules &rules, RuleFacts facts, base::Instant at) const
    {
        for (auto day = m_zone.dayOf(at) - std::chrono::days(1);; day += std::chrono::days(1)) {
            const auto close = m_zone.toInstant(domain::ZoneTable::LocalTime(day) + m_closings.front());
            if (close > at)
                break;
            facts.closed = close;
        }
        facts.now = at;
        return rules.evaluate(facts) == RuleAnswer::True;
    }

    base::Instant whenOf(const domain::Fact &fact, base::Instant now) const
    {
        const auto *at = std::get_if<base::Instant>(&fact);
        return at ? *at + std::chrono::milliseconds(1) : now;
    }

    std::string idOf(const domain::Fact &fact) const
    {
        for (const auto &type : m_types) {
            if (fact == domain::Fact(std::string_view(type.name)))
                return type.id.text;
        }
        for (const auto &gate : m_gates) {
            if (fact == domain::Fact(std::string_view(gate.name)))
                return gate.id.text;
        }
        return {};
    }

    /// Whether no waiting at all makes the rules true, minute by minute for two days and a week later by the hour.
    bool neverHolds(const Rules &rules, const RuleFacts &facts, base::Instant until) const
    {
        const auto twoDays = facts.now + std::chrono::hours(48);
        for (auto at = facts.now; at < until; at += at < twoDays ? std::chrono::minutes(1) : std::chrono::minutes(60)) {
            if (holds(rules, facts, at))
                return false;
        }
        return true;
    }

    bool isTrue(const Rules &rules, const RuleFacts &given, const domain::Explanation &said)
    {
        const auto fact = [&](std::size_t i) { return said.facts[i]; };
        const auto far = given.now + std::chrono::hours(24 * 8);
        if (said.phrase == Phrase::WaitMinutes) {
            const auto then = given.now + std::chrono::minutes(std::get<std::int64_t>(fact(0)));
            return holds(rules, given, then) && neverHolds(rules, given, then - std::chrono::minutes(1));
        }
        if (said.phrase == Phrase::ComeBackAt) {
            const auto then = whenOf(fact(0), given.now);
            return holds(rules, given, then) && neverHolds(rules, given, then - std::chrono::minutes(1));
        }
        // Whatever else is said, waiting alone does not help.
        if (!neverHolds(rules, given, far))
            return false;
        if (said.phrase == Phrase::GoToGate) {
            RuleFacts there = given;
            const std::string id = idOf(fact(0));
            there.gate = id;
            return id != "east" && holds(rules, there, whenOf(fact(1), given.now));
        }
        if (said.phrase == Phrase::AnotherTypeNeeded) {
            for (std::size_t i = 0; i < 3 && fact(i) != domain::Fact(); ++i) {
                RuleFacts kept = given;
                const std::string id = idOf(fact(i));
                kept.product = id;
                RuleFacts fresh = kept;
                fresh.history = {};
                const auto then = whenOf(fact(3), given.now);
                if (id == "adult" || !(holds(rules, kept, then) || holds(rules, fresh, then)))
                    return false;
            }
            return fact(0) != domain::Fact();
        }
        if (said.phrase == Phrase::TypeAndGateNeeded) {
            RuleFacts there = given;
            const std::string type = idOf(fact(0)), gate = idOf(fact(1));
            there.product = type;
            there.gate = gate;
            there.history = {};
            return holds(rules, there, whenOf(fact(2), given.now));
        }
        if (said.phrase == Phrase::LeaveFirst) {
            auto out = m_history;
            out.push_back({.at = given.now, .device = "d", .direction = domain::Direction::Exit});
            RuleFacts left = given;
            left.history = out;
            const std::string gate = idOf(fact(1));
            if (!gate.empty())
                left.gate = gate;
            return holds(rules, left, std::max(whenOf(fact(0), given.now), given.now));
        }
        if (said.phrase == Phrase::RulesForbidAlways) {
            for (const char *product : {"adult", "vip", "crew"}) {
                for (const char *gate : {"north", "south"}) {
                    RuleFacts other = given;
                    other.product = product;
                    other.gate = gate;
                    other.history = {};
                    if (!neverHolds(rules, other, far))
                        return false;
                }
            }
            return true;
        }
        return said.phrase == Phrase::TooManyEntries || said.phrase == Phrase::TooManyDays ||
               said.phrase == Phrase::CameTooLate || said.phrase == Phrase::RulesUnclear;
    }

private slots:
    void whatIsSaidIsTrue_data()
    {
        QTest::addColumn<int>("seed");
        for (int seed = 1; seed <= 8; ++seed)
            QTest::addRow("seed %d", seed) << seed;
    }
    void whatIsSaidIsTrue()
    {
        QFETCH(int, seed);
        base::SeededRandom random(static_cast<std::uint64_t>(seed));
        for (int round = 0; round < 120; ++round) {
            const std::string json = tree(random, 3);
            const auto rules = Rules::compile(json);
            QVERIFY(rules);
            const RuleFacts given = facts(random.below(2) == 0 ? "2026-12-05T11:30:00Z" : "2026-12-05T21:45:10Z");
            if (rules->evaluate(given) == RuleAnswer::True)
                continue;
            const auto said = rules->explain(given, others());
            QVERIFY2(isTrue(*rules, given, said), json.c_str());
            QVERIFY(said == rules->explain(given, others()));
        }
    }

    void theLastMomentBoundsWhatIsPromised()
    {
        const auto rules = Rules::compile(kLeaves[9]); // on a Sunday
        RuleAlternatives bounded = others();
        bounded.until = utc("2026-12-05T22:00:00Z");
        const RuleFacts given = facts("2026-12-05T11:30:00Z");
        QCOMPARE(rules->explain(given, bounded).phrase, Phrase::ComeBackAt);
        bounded.until = utc("2026-12-05T21:59:59Z");
        QCOMPARE(rules->explain(given, bounded).phrase, Phrase::RulesForbidAlways);
    }

    void onlyTypesThatAreTakenHereAreNamed()
    {
        const auto rules = Rules::compile(kLeaves[17]);
        const std::vector<std::string> taken{"adult", "crew"};
        RuleAlternatives here = others();
        here.typesTaken = &taken;
        const auto said = rules->explain(facts("2026-12-05T11:30:00Z"), here);
        QVERIFY(said.facts[0] == domain::Fact("Crew"));
        QVERIFY(said.facts[1] == domain::Fact());
    }

    void theWorkIsBounded()
    {
        // As many nodes as there may be, each of which asks for a history of thousands, and true on no day.
        std::string all = R"({"==":[{"var":"now_isoweekday"},8]})";
        for (int i = 0; i < 199; ++i)
            all += R"(,{"<":[{"entries_since":[{"buildTime":["customtime","12:00"]}]},-1]})";
        const auto rules = Rules::compile(R"({"and":[)" + all + "]}");
        QVERIFY2(rules, rules ? "" : rules.error().message.c_str());
        const std::vector<domain::Passage> many(5'000, m_history.back());
        RuleFacts given = facts("2026-12-05T11:30:00Z");
        given.history = many;
        QElapsedTimer timer;
        timer.start();
        QCOMPARE(rules->explain(given, others()).phrase, Phrase::RulesForbid);
        QVERIFY2(timer.elapsed() < 1'000, qPrintable(QString::number(timer.elapsed())));
    }
};

QTEST_APPLESS_MAIN(RulesExplainTest)
#include "rules_explain_test.moc"
