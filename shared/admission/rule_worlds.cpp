#include "shared/admission/rule_worlds.h"

namespace voelgoed::admission {

using Op = RuleEvaluation::Op;

namespace {

/// Visits of nodes and passages, all worlds together: some milliseconds.
constexpr std::int64_t kEffortMax = 200'000;
/// Whatever the days do comes round within a week; one more for its first and last day, and one for the clocks.
constexpr std::chrono::days kRound{9};

} // namespace

RuleWorlds::RuleWorlds(const Rules &rules, const RuleFacts &facts)
    : m_rules(rules), m_given(rules, facts), m_effort(kEffortMax), m_effortOfOne(0)
{
    for (std::uint32_t i = 0; i < m_given.size(); ++i) {
        const bool counts = RuleEvaluation::kindOf(m_given.node(i).op) == RuleKind::Number &&
                            m_given.node(i).op != Op::Number && m_given.node(i).op != Op::IsoWeekday;
        m_effortOfOne += 1 + (counts ? static_cast<std::int64_t>(facts.history.size()) : 0);
    }
}

bool RuleWorlds::asks(Op op) const
{
    for (std::uint32_t i = 0; i < m_given.size(); ++i) {
        if (m_given.node(i).op == op)
            return true;
    }
    return false;
}

RuleFacts RuleWorlds::factsOf(const World &world, base::Instant at) const
{
    RuleFacts facts = world.facts;
    facts.now = at;
    if (world.fresh)
        facts.history = {};
    const auto closed = Closing{facts.zone, facts.closings}.lastBefore(at);
    if (closed && (!facts.closed || *closed > *facts.closed))
        facts.closed = closed;
    if (world.left && !facts.history.empty()) {
        const base::Instant out = facts.history.back().at + base::Milliseconds(1);
        if (!facts.closed || out > *facts.closed)
            facts.closed = out;
    }
    return facts;
}

bool RuleWorlds::holdsAt(const World &world, base::Instant at)
{
    if (isWornOut())
        return false;
    m_effort -= m_effortOfOne;
    const RuleFacts facts = factsOf(world, at);
    return RuleEvaluation(m_rules, facts, world.assumed).answer() == RuleAnswer::True;
}

std::optional<RuleMoment> RuleWorlds::firstMoment(const World &world, const std::optional<base::Instant> &until)
{
    const RuleFacts facts = factsOf(world, world.facts.now);
    const RuleEvaluation evaluation(m_rules, facts, world.assumed);
    const RuleMoments moments(evaluation);
    base::Instant at = facts.now, roundBegan = facts.now;
    while (!isWornOut()) {
        m_effort -= m_effortOfOne;
        const auto next = moments.after(at, roundBegan + kRound);
        if (!next || (until && next->at > *until))
            return std::nullopt;
        if (holdsAt(world, next->at))
            return next;
        at = next->at;
        if (!next->daily)
            roundBegan = at;
    }
    return std::nullopt;
}

std::optional<base::Instant> RuleWorlds::lastMoment()
{
    const World world{.facts = m_given.facts()};
    std::optional<base::Instant> last;
    for (std::uint32_t i = 0; i < m_given.size(); ++i) {
        const auto &node = m_given.node(i);
        if (node.op != Op::Before || m_given.node(m_given.child(node, 0)).op != Op::Now)
            continue;
        const auto limit = m_given.time(m_given.child(node, 1));
        const base::Instant end = limit ? *limit + RuleEvaluation::tolerance(node) : world.facts.now;
        if (end <= world.facts.now && (!last || end > *last) && holdsAt(world, end - base::Milliseconds(1)))
            last = end;
    }
    return last;
}

} // namespace voelgoed::admission
