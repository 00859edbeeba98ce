#include "shared/admission/rule_evaluation.h"

#include <algorithm>
#include <cmath>

namespace voelgoed::admission {

using domain::Explanation;
using domain::Phrase;

namespace {

/// How much a way to make the rules true asks of the guest, from least to most.
enum class Effort { WaitMinutes, WaitForTime, OtherGate, OtherDay, FewerEntries, OtherType, Nothing };

struct Way
{
    Effort effort = Effort::Nothing;
    base::Milliseconds wait{0}; ///< among ways that wait, the shorter asks less
    Explanation explanation{.phrase = Phrase::RulesForbid, .facts = {}};

    friend bool operator<(const Way &a, const Way &b)
    {
        return a.effort != b.effort ? a.effort < b.effort : a.wait < b.wait;
    }
};

using Op = RuleEvaluation::Op;
using Node = RuleEvaluation::Node;

/// Minutes in a hundred years: nobody is told to wait longer.
constexpr double kWaitMax = 100.0 * 366 * 24 * 60;

/// Finds the least demanding way for a subtree that is not true.
class WayFinder
{
public:
    explicit WayFinder(const RuleEvaluation &evaluation) : m_evaluation(evaluation) {}

    Way find(std::uint32_t index) const
    {
        const Node &node = m_evaluation.node(index);
        switch (node.op) {
        case Op::And:
            return worst(node);
        case Op::Or:
            return best(node);
        case Op::Before:
            return before(node);
        case Op::InList:
            return other(m_evaluation.node(m_evaluation.child(node, 0)));
        default:
            return comparison(node);
        }
    }

private:
    Way worst(const Node &node) const
    {
        std::optional<Way> way;
        for (std::uint32_t i = 0; i < node.children; ++i) {
            const std::uint32_t child = m_evaluation.child(node, i);
            if (m_evaluation.answer(child) == RuleAnswer::True)
                continue;
            const Way found = find(child);
            if (!way || *way < found)
                way = found;
        }
        return way.value_or(Way());
    }

    Way best(const Node &node) const
    {
        std::optional<Way> way;
        for (std::uint32_t i = 0; i < node.children; ++i) {
            const Way found = find(m_evaluation.child(node, i));
            if (!way || found < *way)
                way = found;
        }
        return way.value_or(Way());
    }

    Way before(const Node &node) const
    {
        const std::uint32_t earlier = m_evaluation.child(node, 0);
        const std::uint32_t later = m_evaluation.child(node, 1);
        const RuleFacts &facts = m_evaluation.facts();
        const bool nowIsEarlier = m_evaluation.node(earlier).op == Op::Now;
        const bool nowIsLater = m_evaluation.node(later).op == Op::Now;
        const auto limit = m_evaluation.time(nowIsEarlier ? later : earlier);
        if (!limit || nowIsEarlier == nowIsLater)
            return {};
        if (nowIsLater) {
            const base::Instant opens = *limit - RuleEvaluation::tolerance(node);
            const bool today = facts.zone.dayOf(opens) == facts.zone.dayOf(facts.now);
            return {.effort = today ? Effort::WaitForTime : Effort::OtherDay,
                    .wait = opens - facts.now,
                    .explanation = {.phrase = Phrase::ComeBackAt, .facts = {opens}}};
        }
        // Too late. Before a time of day it is early again tomorrow.
        const bool daily = m_evaluation.node(later).op == Op::CustomTime;
        return {.effort = daily ? Effort::OtherDay : Effort::Nothing,
                .wait = std::chrono::hours(24),
                .explanation = {.phrase = Phrase::CameTooLate, .facts = {*limit + RuleEvaluation::tolerance(node)}}};
    }

    Way comparison(const Node &node) const
    {
        const Node &left = m_evaluation.node(m_evaluation.child(node, 0));
        const Node &right = m_evaluation.node(m_evaluation.child(node, 1));
        const bool constantFirst = left.op == Op::Number || left.op == Op::Text;
        const Node &asked = constantFirst ? right : left;
        if (asked.op == Op::MinutesSinceLast || asked.op == Op::MinutesSinceFirst)
            return minutes(node, constantFirst);
        const bool counted = left.op == Op::Number || right.op == Op::Number;
        return counted && isCount(asked.op) && !fewerWouldDo(node, constantFirst) ? Way() : other(asked);
    }

    static bool isCount(Op op)
    {
        switch (op) {
        case Op::EntriesNumber:
        case Op::EntriesToday:
        case Op::EntriesDays:
        case Op::EntriesSince:
        case Op::EntriesBefore:
        case Op::EntriesDaysSince:
        case Op::EntriesDaysBefore:
            return true;
        default:
            return false;
        }
    }

    /// Whether a comparison that is false now would be true with a smaller count.
    bool fewerWouldDo(const Node &node, bool constantFirst) const
    {
        switch (node.op) {
        case Op::Less:
        case Op::LessOrEqual:
            return !constantFirst;
        case Op::Greater:
        case Op::GreaterOrEqual:
            return constantFirst;
        default: {
            const auto count = m_evaluation.number(m_evaluation.child(node, constantFirst ? 1 : 0));
            const auto asked = m_evaluation.number(m_evaluation.child(node, constantFirst ? 0 : 1));
            const bool equal = node.op == Op::Equal;
            return count && asked && (equal ? *count > *asked : *count > 0);
        }
        }
    }

    /// "At least 30 minutes since the last entry" becomes true by waiting; "less than" does not.
    Way minutes(const Node &node, bool constantFirst) const
    {
        const auto passed = m_evaluation.number(m_evaluation.child(node, constantFirst ? 1 : 0));
        const auto asked = m_evaluation.number(m_evaluation.child(node, constantFirst ? 0 : 1));
        if (!passed || !asked || *passed < 0)
            return {};
        const bool strictly = node.op == (constantFirst ? Op::Less : Op::Greater);
        const bool atLeast = node.op == (constantFirst ? Op::LessOrEqual : Op::GreaterOrEqual);
        const double wanted = strictly ? std::floor(*asked) + 1 : std::ceil(*asked);
        const bool reachable = strictly || atLeast || (node.op == Op::Equal && *asked == std::floor(*asked));
        if (!reachable || wanted <= *passed || wanted - *passed > kWaitMax)
            return {};
        const std::chrono::minutes wait(static_cast<std::int64_t>(wanted - *passed));
        if (wait > std::chrono::hours(24))
            return {.effort = Effort::OtherDay,
                    .wait = wait,
                    .explanation = {.phrase = Phrase::ComeBackAt, .facts = {m_evaluation.facts().now + wait}}};
        return {.effort = Effort::WaitMinutes,
                .wait = wait,
                .explanation = {.phrase = Phrase::WaitMinutes, .facts = {std::int64_t{wait.count()}}}};
    }

    Way other(const Node &asked) const
    {
        switch (asked.op) {
        case Op::Gate:
            return way(Effort::OtherGate, {.phrase = Phrase::AnotherGateNeeded, .facts = {}});
        case Op::IsoWeekday:
        case Op::EntriesToday:
            return way(Effort::OtherDay, {.phrase = Phrase::ComeOnAnotherDay, .facts = {}});
        case Op::EntriesNumber:
        case Op::EntriesDays:
        case Op::EntriesSince:
        case Op::EntriesBefore:
        case Op::EntriesDaysSince:
        case Op::EntriesDaysBefore: {
            const auto &history = m_evaluation.facts().history;
            const std::int64_t entries = std::count_if(history.begin(), history.end(), [](const auto &passage) {
                return passage.direction == domain::Direction::Entry;
            });
            return way(Effort::FewerEntries, {.phrase = Phrase::TooManyEntries, .facts = {entries}});
        }
        case Op::EntryStatus: {
            const bool inside = m_evaluation.entryStatus() == "present";
            return way(Effort::FewerEntries,
                       {.phrase = inside ? Phrase::LeaveFirst : Phrase::RulesForbid, .facts = {}});
        }
        case Op::Product:
        case Op::Variation:
            return way(Effort::OtherType, {.phrase = Phrase::AnotherTypeNeeded, .facts = {}});
        default:
            return {};
        }
    }

    static Way way(Effort effort, const Explanation &explanation)
    {
        return {.effort = effort, .wait = {}, .explanation = explanation};
    }

    const RuleEvaluation &m_evaluation;
};

} // namespace

Explanation Rules::explain(const RuleFacts &facts) const noexcept
{
    if (m_nodes.empty())
        return {.phrase = Phrase::RulesForbid, .facts = {}};
    const RuleEvaluation evaluation(*this, facts);
    return WayFinder(evaluation).find(static_cast<std::uint32_t>(m_nodes.size() - 1)).explanation;
}

} // namespace voelgoed::admission
